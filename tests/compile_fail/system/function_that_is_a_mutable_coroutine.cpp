// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: a coroutine as a function actor must not be mutable
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

int main() {
    troupe::system system;
    system.spawn([n = 0](deposit d) mutable -> troupe::task<int> { co_return n += d.cents; });
}
