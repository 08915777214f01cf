// SPDX-License-Identifier: BSL-1.0
// FLAGS: -fno-exceptions
// EXPECT: error: .*troupe: spawn\(\) throws .*use try_spawn\(\)
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

class account {
public:
    using protocol = troupe::protocol<void(deposit)>;
    void on(deposit) {}
};

troupe::ref<account> misuse(troupe::system& system) { return system.spawn<account>(); }
