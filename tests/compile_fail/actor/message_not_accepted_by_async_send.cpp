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

troupe::task<> misuse(troupe::ref<account> alice) {
    static_cast<void>(co_await alice.async_send<audit>(2026));
}
