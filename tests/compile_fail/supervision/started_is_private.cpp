// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the hook `started` is public and takes nothing
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
    void started() {}
};

int main() {
    troupe::system system;
    system.spawn<bank>();
}
