// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: `supervision` is not a strategy; write one_for_one, one_for_all, rest_for_one or chosen
// EXPECT: bank.*verdict
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class bank {
public:
    using protocol = troupe::protocol<void(deposit)>;
    static constexpr auto supervision = troupe::verdict::restart;
    void                  on(deposit) {}
};

void misuse(troupe::system& system) { system.spawn<bank>(); }
