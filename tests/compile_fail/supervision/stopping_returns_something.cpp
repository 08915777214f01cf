// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: `stopping` returns nothing, or `troupe::task<>`
// EXPECT: bank
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class bank {
public:
    using protocol = troupe::protocol<void(deposit)>;
    void on(deposit) {}
    int  stopping() { return 1; }
};

int main() {
    troupe::system system;
    system.spawn<bank>();
}
