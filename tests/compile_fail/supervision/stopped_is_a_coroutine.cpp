// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: `stopped` is no coroutine
// EXPECT: account
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<void(deposit)>;
    troupe::task<> stopped(troupe::context<account>&) { co_return; }
    void           on(deposit) {}
};

void misuse(troupe::system& system) { system.spawn<account>(); }
