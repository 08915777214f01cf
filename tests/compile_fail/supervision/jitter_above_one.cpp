// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: `jitter` of a strategy's `backoff` .*0 to 1
// EXPECT: bank
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class bank {
public:
    using protocol = troupe::protocol<void(deposit)>;
    static constexpr auto supervision = troupe::one_for_one{.backoff = {.jitter = 20}};
    void                  on(deposit) {}
};

void misuse(troupe::system& system) { system.spawn<bank>(); }
