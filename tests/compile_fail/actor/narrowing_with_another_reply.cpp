// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*(could not convert|no viable conversion).*ref<account>. to .*ref<troupe.*protocol<int ?\(withdraw\)>
#include <troupe/troupe.hpp>

struct withdraw {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<bool(withdraw)>;
    bool on(withdraw) { return true; }
};

troupe::ref<troupe::protocol<int(withdraw)>> misuse(troupe::ref<account> alice) { return alice; }
