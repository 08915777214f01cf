// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the message cannot be built from these arguments
// EXPECT: deposit.*const ?char
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

using account = troupe::protocol<void(deposit)>;

void misuse(troupe::ref<account> alice) { alice.send<deposit>("nine"); }
