// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the handler does not return what the protocol promises
// EXPECT: handler_returns_reply<account, bool ?\(withdraw\), .*task<int> ?>
#include <troupe/troupe.hpp>

struct withdraw {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<bool(withdraw)>;
    troupe::task<int> on(withdraw) { co_return 1; }
};

void misuse(troupe::system& system) { system.spawn<account>(); }
