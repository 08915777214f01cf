// SPDX-License-Identifier: BSL-1.0
// A name goes to an actor of a class.
// EXPECT: error: .*troupe: spawn without an actor type takes one function object
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

void misuse(troupe::system& system) {
    system.spawn(troupe::name{"alice"}, [](deposit) {});
}
