// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: a mutable function actor must be copyable
// EXPECT: write an actor class
#include <troupe/troupe.hpp>

#include <memory>

struct deposit {
    int cents;
};

void misuse(troupe::system& system) {
    system.spawn([total = std::make_unique<int>()](deposit d) mutable { *total += d.cents; });
}
