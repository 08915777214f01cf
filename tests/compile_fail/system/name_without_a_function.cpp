// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: spawn without an actor type takes one function object
#include <troupe/troupe.hpp>

void misuse(troupe::system& system) { system.spawn(troupe::name{"alice"}); }
