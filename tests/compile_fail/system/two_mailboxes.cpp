// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: spawn was given several mailboxes; an actor has one
// EXPECT: bounded_mailbox<8.*unbounded_mailbox
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<void(deposit)>;
    void on(deposit) {}
};

void misuse(troupe::system& system) {
    system.spawn<account, troupe::bounded_mailbox<8>, troupe::unbounded_mailbox>();
}
