// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the hook `restarting` is public and takes
// EXPECT: account
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<void(deposit)>;
    void restarting() {}
    void on(deposit) {}
};

void misuse(troupe::system& system) { system.spawn<account>(); }
