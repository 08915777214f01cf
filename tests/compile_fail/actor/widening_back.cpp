// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*(could not convert|no viable conversion).*ref<troupe.*protocol<void ?\(deposit\)>.* to .*ref<account>
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
    void on(deposit) {}
    bool on(withdraw) { return true; }
};

troupe::ref<account> misuse(troupe::ref<troupe::protocol<void(deposit)>> payer) { return payer; }
