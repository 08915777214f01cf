// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the actor's `protocol` is not a troupe::protocol<...>
// EXPECT: tuple
#include <troupe/troupe.hpp>

#include <tuple>

struct deposit {
    int cents;
};

class account {
public:
    using protocol = std::tuple<deposit>;
    void on(deposit) {}
};

void misuse(troupe::system& system) { system.spawn<account>(); }
