// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the handler does not return what the protocol promises
// EXPECT: handler_returns_reply<account, bool ?\(withdraw\), void>
#include <troupe/troupe.hpp>

struct withdraw {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<bool(withdraw)>;
    void on(withdraw) {}
};

void misuse(troupe::system& system) { system.spawn<account>(); }
