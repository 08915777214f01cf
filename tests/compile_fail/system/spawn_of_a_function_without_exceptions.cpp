// SPDX-License-Identifier: BSL-1.0
// FLAGS: -fno-exceptions
// EXPECT: error: .*troupe: spawn\(\) throws .*use try_spawn\(\)
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

void misuse(troupe::system& system) {
    system.spawn([](deposit) {});
}
