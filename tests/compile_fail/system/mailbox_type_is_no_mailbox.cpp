// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the actor's `mailbox_type` is not a mailbox
// EXPECT: deposit
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<void(deposit)>;
    using mailbox_type = deposit;
    void on(deposit) {}
};

void misuse(troupe::system& system) { system.spawn<account>(); }
