// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: a handler takes the context by reference; write .troupe::context<Actor>& self
// EXPECT: handler_takes_context_by_reference<account, void ?\(deposit\)>
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<void(deposit)>;
    void on(deposit, troupe::context<account>) {}
};

void misuse(troupe::system& system) { system.spawn<account>(); }
