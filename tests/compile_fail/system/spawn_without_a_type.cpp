// SPDX-License-Identifier: BSL-1.0
// An actor is given as an object; it is built where it lives.
// EXPECT: error: .*troupe: .*spawn<Actor>\(arguments
// EXPECT: account
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<void(deposit)>;
    void on(deposit) {}
};

void misuse(troupe::system& system) { system.spawn(account{}); }
