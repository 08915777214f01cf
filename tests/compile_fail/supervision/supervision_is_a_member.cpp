// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: `supervision` must be a constant of the class: `static constexpr auto
// EXPECT: bank
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class bank {
public:
    using protocol = troupe::protocol<void(deposit)>;
    troupe::one_for_one supervision{.max_restarts = 5};
    void                on(deposit) {}
};

void misuse(troupe::system& system) { system.spawn<bank>(); }
