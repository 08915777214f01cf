// SPDX-License-Identifier: BSL-1.0
// Its protocol cannot be known.
// EXPECT: error: .*troupe: spawn without an actor type takes one function object whose message type is written
#include <troupe/troupe.hpp>

void misuse(troupe::system& system) {
    system.spawn([](auto const&) {});
}
