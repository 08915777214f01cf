// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the actor's `log_floor` is not public, so that it would mean nothing;
// EXPECT: account
#include <troupe/troupe.hpp>

struct deposit {};
class account {
    static constexpr troupe::log_level log_floor = troupe::log_level::info;

public:
    using protocol = troupe::protocol<void(deposit)>;
    void on(deposit) {}
};

void misuse(troupe::system& system) { system.spawn<account>(); }
