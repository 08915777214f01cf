// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: a strategy `chosen` needs `.affects`
// EXPECT: bank
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class bank {
public:
    using protocol = troupe::protocol<void(deposit)>;
    static constexpr auto supervision = troupe::chosen{.max_restarts = 1};
    void                  on(deposit) {}
};

void misuse(troupe::system& system) { system.spawn<bank>(); }
