// SPDX-License-Identifier: BSL-1.0
// Its protocol cannot be known, with a mailbox in front or without.
// EXPECT: error: .*troupe: spawn without an actor type takes one function object whose message type is written
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<void(deposit)>;
    void on(deposit, troupe::context<account>& self) {
        self.spawn<troupe::bounded_mailbox<4>>([](auto const&) {});
    }
};

void misuse(troupe::system& system) { system.spawn<account>(); }
