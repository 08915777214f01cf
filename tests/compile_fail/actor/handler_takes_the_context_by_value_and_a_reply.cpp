// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: a handler takes the context by reference; write .troupe::context<Actor>& self
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<bool(deposit)>;
    void on(deposit, troupe::context<account>, troupe::reply<bool> r) { r(true); }
};

void misuse(troupe::system& system) { system.spawn<account>(); }
