// SPDX-License-Identifier: BSL-1.0
// A narrower protocol keeps the refusal: `ref<protocol<...>, refusable>`.
// EXPECT: error: .*(could not convert|no viable conversion).*ref<account>. to .*ref<(payer|troupe.*protocol<void ?\(deposit\)>)
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};
struct withdraw {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<void(deposit), bool(withdraw)>;
    using mailbox_type = troupe::bounded_mailbox<8, troupe::overflow::fail>;
    void on(deposit) {}
    bool on(withdraw) { return true; }
};

using payer = troupe::protocol<void(deposit)>;

troupe::ref<payer> misuse(troupe::ref<account> alice) { return alice; }
