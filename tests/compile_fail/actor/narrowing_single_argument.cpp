// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: this argument would be narrowed when the message is built from it
// EXPECT: argument_keeps_its_value<deposit, 1, long( int)?, 1>
#include <troupe/troupe.hpp>

#include <utility>

struct deposit {
    int cents;
};

using account = troupe::protocol<void(deposit)>;

void misuse(troupe::ref<account> alice, long cents) { alice.send<deposit>(std::move(cents)); }
