// SPDX-License-Identifier: BSL-1.0
// FLAGS: -fno-exceptions
// EXPECT: error: .*troupe: get\(\) throws .*use \.result\(\)
#include <troupe/troupe.hpp>

struct withdraw {
    int cents;
};

using account = troupe::protocol<bool(withdraw)>;

bool misuse(troupe::ref<account> alice) { return alice.ask(withdraw{1}).get(); }
