// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: `factor` of a strategy's `backoff` must be 1 or more
// EXPECT: bank
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class bank {
public:
    using protocol = troupe::protocol<void(deposit)>;
    static constexpr auto supervision = troupe::one_for_one{.backoff = {.factor = 0.5}};
    void                  on(deposit) {}
};

void misuse(troupe::system& system) { system.spawn<bank>(); }
