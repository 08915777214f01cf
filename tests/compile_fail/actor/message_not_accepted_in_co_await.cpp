// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the actor does not accept this message
// EXPECT: protocol<void ?\(deposit\), bool ?\(withdraw\)>
// EXPECT: audit
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};
struct withdraw {
    int cents;
};
struct audit {
    int year;
};

using account = troupe::protocol<void(deposit), bool(withdraw)>;

troupe::task<bool> misuse(troupe::ref<account> alice) { co_return co_await alice.ask<audit>(2026); }
