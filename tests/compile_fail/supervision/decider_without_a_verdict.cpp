// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the decider of an actor is `troupe::verdict on_failure\(troupe::failure const&\)`
// EXPECT: bank
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class bank {
public:
    using protocol = troupe::protocol<void(deposit)>;
    void on_failure(troupe::failure const&) {}
    void on(deposit) {}
};

void misuse(troupe::system& system) { system.spawn<bank>(); }
