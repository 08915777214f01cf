// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the actor names no protocol; add `using protocol =
// EXPECT: account
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class account {
public:
    void on(deposit) {}
};

void misuse(troupe::ref<account> alice) { alice.send(deposit{1}); }
