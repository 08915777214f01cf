// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: this is not a policy of spawn
// EXPECT: int
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<void(deposit)>;
    void on(deposit) {}
};

void misuse(troupe::system& system) { system.spawn<account, int>(); }
