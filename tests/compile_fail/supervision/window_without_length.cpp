// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: `within` of a strategy .*must be positive
// EXPECT: bank
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class bank {
public:
    using protocol = troupe::protocol<void(deposit)>;
    static constexpr auto supervision = troupe::one_for_all{.within = troupe::duration{0}};
    void                  on(deposit) {}
};

void misuse(troupe::system& system) { system.spawn<bank>(); }
