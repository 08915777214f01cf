// SPDX-License-Identifier: BSL-1.0
// The handler is there, but the library cannot call it.
// EXPECT: error: .*troupe: the actor has no handler for a message of its protocol
// EXPECT: public
// EXPECT: account.*deposit
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<void(deposit)>;

private:
    void on(deposit) {}
};

void misuse(troupe::system& system) { system.spawn<account>(); }
