// SPDX-License-Identifier: BSL-1.0
// The protocol says the same as the actor, and still does not lead back to it.
// EXPECT: error: .*(could not convert|no viable conversion).*ref<troupe.*protocol<void ?\(deposit\)>.* to .*ref<account>
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<void(deposit)>;
    void on(deposit) {}
};

troupe::ref<account> misuse(troupe::ref<troupe::protocol<void(deposit)>> payer) { return payer; }
