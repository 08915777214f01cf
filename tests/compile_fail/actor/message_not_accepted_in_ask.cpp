// SPDX-License-Identifier: BSL-1.0
// The value of the request is used, and this is still the first thing that is said.
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
struct audit {};

class account {
public:
    using protocol = troupe::protocol<void(deposit), bool(withdraw)>;
    void on(deposit) {}
    bool on(withdraw) { return true; }
};

bool misuse(troupe::ref<account> alice) { return alice.ask(audit{}).get(); }
