// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: an actor is a class with handlers
#include <troupe/troupe.hpp>

void misuse(troupe::system& system) { system.spawn<int>(5); }
