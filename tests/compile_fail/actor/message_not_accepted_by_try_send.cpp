// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the actor does not accept this message
// EXPECT: protocol<void ?\(deposit\), bool ?\(withdraw\)>
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};
struct withdraw {
    int cents;
};
struct audit {};

using account = troupe::protocol<void(deposit), bool(withdraw)>;

troupe::send_status misuse(troupe::ref<account> alice) { return alice.try_send(audit{}); }
