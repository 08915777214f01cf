// SPDX-License-Identifier: BSL-1.0
// A message belongs to the library until it is handled: no handler takes it by plain reference.
// EXPECT: error: .*troupe: the actor has no handler for a message of its protocol
// EXPECT: account.*deposit
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<void(deposit)>;
    void on(deposit&) {}
};

void misuse(troupe::system& system) { system.spawn<account>(); }
