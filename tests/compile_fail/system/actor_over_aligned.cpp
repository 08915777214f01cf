// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: an actor may be aligned to 16 bytes at most
// EXPECT: by pointer
// EXPECT: account
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class alignas(64) account {
public:
    using protocol = troupe::protocol<void(deposit)>;
    void on(deposit) {}
};

void misuse(troupe::system& system) { system.spawn<account>(); }
