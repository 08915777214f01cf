// SPDX-License-Identifier: BSL-1.0
// Built in place, an argument that loses information is refused, and named.
// EXPECT: error: .*troupe: this argument would be narrowed when the message is built from it
// EXPECT: static_cast
// EXPECT: argument_keeps_its_value<deposit, 2, double, 2>
#include <troupe/troupe.hpp>

struct deposit {
    int account;
    int cents;
};

using account = troupe::protocol<void(deposit)>;

void misuse(troupe::ref<account> alice) { alice.send<deposit>(7, 9.99); }
