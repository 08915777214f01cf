// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the mailbox_type of a system must not refuse
// EXPECT: declare it in the actor
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<void(deposit)>;
    void on(deposit) {}
};

struct strict : troupe::defaults {
    using mailbox_type = troupe::bounded_mailbox<8, troupe::overflow::fail>;
};

void misuse(troupe::basic_system<strict>& system) { system.spawn<account>(); }
