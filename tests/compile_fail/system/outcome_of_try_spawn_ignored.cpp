// SPDX-License-Identifier: BSL-1.0
// FLAGS: -Werror
// EXPECT: error: ignoring return.*troupe: this may be an error; look at it
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<void(deposit)>;
    void on(deposit) {}
};

void misuse(troupe::system& system) { system.try_spawn<account>(); }
