// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: spawn without an actor type takes one function object whose message type is written
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

void misuse(troupe::system& system) {
    system.spawn(troupe::overload{[](deposit) {}, [](auto const&) {}});
}
