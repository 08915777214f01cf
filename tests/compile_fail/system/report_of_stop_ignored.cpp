// SPDX-License-Identifier: BSL-1.0
// FLAGS: -Werror
// EXPECT: error: ignoring return.*troupe: the report says who has not ended; look at `complete`
#include <troupe/troupe.hpp>

#include <chrono>

void misuse(troupe::system& system) { system.stop(std::chrono::seconds{1}); }
