// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the actor has no public constructor for these arguments of spawn
// EXPECT: account
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<void(deposit)>;
    virtual void on(deposit) = 0;
};

void misuse(troupe::system& system) { system.spawn<account>(); }
