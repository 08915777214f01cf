// SPDX-License-Identifier: BSL-1.0
// The mailbox may refuse: then `send` says so, and it must be looked at.
// FLAGS: -Werror
// EXPECT: error: ignoring return.*troupe: the message may have been refused; look at the status
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<void(deposit)>;
    using mailbox_type = troupe::bounded_mailbox<8, troupe::overflow::fail>;
    void on(deposit) {}
};

void misuse(troupe::ref<account> alice) { alice.send(deposit{1}); }
