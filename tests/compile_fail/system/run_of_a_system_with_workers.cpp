// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the workers of this system run its actors; wait_idle\(\) waits for them.*run_loop_scheduler
#include <troupe/troupe.hpp>

void misuse(troupe::system& system) { system.run_until_idle(); }
