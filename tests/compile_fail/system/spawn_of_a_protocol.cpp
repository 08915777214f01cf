// SPDX-License-Identifier: BSL-1.0
// A protocol can be sent to, but it has no code.
// EXPECT: error: .*troupe: an actor is a class with handlers; a protocol can be sent to, but has no code
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

using account = troupe::protocol<void(deposit)>;

void misuse(troupe::system& system) { system.spawn<account>(); }
