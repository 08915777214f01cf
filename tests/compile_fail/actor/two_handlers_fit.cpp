// SPDX-License-Identifier: BSL-1.0
// By value and by reference at once: the call is ambiguous.
// EXPECT: error: .*troupe: the actor has no handler for a message of its protocol
// EXPECT: account.*deposit
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<void(deposit)>;
    void on(deposit) {}
    void on(deposit const&) {}
};

void misuse(troupe::system& system) { system.spawn<account>(); }
