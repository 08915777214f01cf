// SPDX-License-Identifier: BSL-1.0
// A lock without a word about what is held.
// EXPECT: error:.*lock_guard
#include "troupe/sync/lock_rank.hpp"

using namespace troupe::detail;

void misuse(ranked_mutex<rank::timers>& timers) { lock_guard<rank::timers> held{timers}; }
