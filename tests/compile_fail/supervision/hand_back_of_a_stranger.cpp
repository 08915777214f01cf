// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: `hand_back` is public and takes a message of the actor
// EXPECT: account
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<void(deposit)>;
    void hand_back(int&&) {}
    void on(deposit) {}
};

void misuse(troupe::system& system) { system.spawn<account>(); }
