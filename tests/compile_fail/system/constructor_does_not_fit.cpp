// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the actor has no public constructor for these arguments of spawn
// EXPECT: account.*const ?char
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<void(deposit)>;
    explicit account(int) {}
    void on(deposit) {}
};

void misuse(troupe::system& system) { system.spawn<account>("rich"); }
