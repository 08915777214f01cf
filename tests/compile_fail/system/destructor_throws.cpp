// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the destructor of an actor must not throw
// EXPECT: account
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<void(deposit)>;
    ~account() noexcept(false) {}
    void on(deposit) {}
};

void misuse(troupe::system& system) { system.spawn<account>(); }
