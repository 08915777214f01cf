// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the workers of this system run its actors.*run_loop_scheduler
#include <troupe/troupe.hpp>

#include <chrono>

void misuse(troupe::system& system) { system.run_for(std::chrono::seconds{1}); }
