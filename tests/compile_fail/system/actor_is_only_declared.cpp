// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the actor is only declared here; define its class before the spawn
// EXPECT: account
#include <troupe/troupe.hpp>

class account;

void misuse(troupe::system& system) { system.spawn<account>(); }
