// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: `hand_back` is public and takes a message
// EXPECT: bank
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class bank {
public:
    using protocol = troupe::protocol<void(deposit)>;
    void on(deposit) {}

private:
    void hand_back(deposit&&) {}
};

int main() {
    troupe::system system;
    system.spawn<bank>();
}
