// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the actor object is larger than the largest pool block \(32 KiB\)
// EXPECT: by pointer
// EXPECT: account
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<void(deposit)>;
    void on(deposit) {}

private:
    char history_[40000] = {};
};

void misuse(troupe::system& system) { system.spawn<account>(); }
