// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: `started` is no coroutine and returns nothing
// EXPECT: bank
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class bank {
public:
    using protocol = troupe::protocol<void(deposit)>;
    void on(deposit) {}
    bool started() { return true; }
};

int main() {
    troupe::system system;
    system.spawn<bank>();
}
