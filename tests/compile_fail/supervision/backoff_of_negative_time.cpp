// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the times of a strategy's `backoff` \(first, max, reset_after\) must not be negative
// EXPECT: bank.*-5
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class bank {
public:
    using protocol = troupe::protocol<void(deposit)>;
    static constexpr auto supervision =
        troupe::one_for_one{.backoff = {.first = troupe::duration{-5}}};
    void on(deposit) {}
};

void misuse(troupe::system& system) { system.spawn<bank>(); }
