// SPDX-License-Identifier: BSL-1.0
// An ask that nobody awaits has not been sent.
// FLAGS: -Werror
// EXPECT: error: ignoring return.*troupe: an ask leaves when it is awaited; co_await it, or call get\(\), result\(\) or start\(\)
#include <troupe/troupe.hpp>

struct withdraw {
    int cents;
};

using account = troupe::protocol<bool(withdraw)>;

void misuse(troupe::ref<account> alice) { alice.ask(withdraw{1}); }
