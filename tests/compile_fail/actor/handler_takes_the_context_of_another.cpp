// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: this handler takes the context of another actor; write its own
// EXPECT: handler_takes_context_of_its_own_actor<account, void ?\(deposit\)>
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class bank;

class account {
public:
    using protocol = troupe::protocol<void(deposit)>;
    void on(deposit, troupe::context<bank>&) {}
};

void misuse(troupe::system& system) { system.spawn<account>(); }
