// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: `max_restarts` of a strategy is 0 to 255
// EXPECT: unlimited
// EXPECT: bank.*256
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class bank {
public:
    using protocol = troupe::protocol<void(deposit)>;
    static constexpr auto supervision = troupe::one_for_one{.max_restarts = 256};
    void                  on(deposit) {}
};

void misuse(troupe::system& system) { system.spawn<bank>(); }
