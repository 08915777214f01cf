// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the workers of this system run its actors.*run_loop_scheduler
#include <troupe/troupe.hpp>

bool misuse(troupe::system& system) { return system.poll_one(); }
