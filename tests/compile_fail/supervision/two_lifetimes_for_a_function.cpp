// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: spawn was given several lifetimes; an actor has one
#include <troupe/troupe.hpp>

struct deposit {
    int cents;
};

void misuse(troupe::system& system) {
    system.spawn<troupe::temporary, troupe::temporary>([](deposit) {});
}
