// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: write the floor of the actor as `static constexpr troupe::log_level
// EXPECT: account
#include <troupe/troupe.hpp>

struct deposit {};
class account {
public:
    using protocol = troupe::protocol<void(deposit)>;
    static constexpr int log_floor = 2;
    void                 on(deposit) {}
};

void misuse(troupe::system& system) { system.spawn<account>(); }
