// SPDX-License-Identifier: BSL-1.0
// The target protocol has a message that the actor does not accept.
// EXPECT: error: .*(could not convert|no viable conversion).*ref<account>. to .*ref<troupe.*protocol<void ?\(deposit\), int ?\(audit\)>
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

troupe::ref<troupe::protocol<void(deposit), int(audit)>> misuse(troupe::ref<account> alice) {
    return alice;
}
