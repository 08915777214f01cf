// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: a function actor takes one message.*by value, by const& or by &&
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

void misuse(troupe::system& system) {
    system.spawn([](deposit&) {});
}
