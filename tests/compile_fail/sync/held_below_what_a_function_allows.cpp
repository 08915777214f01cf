// SPDX-License-Identifier: BSL-1.0
// A function may be called under a lock of some rank at most; a lower one is held.
// EXPECT: troupe: lock order: the held lock stands below what this function may be called under
#include "troupe/sync/lock_rank.hpp"

using namespace troupe::detail;

void timers_may_be_held(holding_at_most<rank::timers>);

void misuse(ranked_mutex<rank::depot>& depot) {
    root_token root;
    lock_guard held{depot, root};
    timers_may_be_held(held);
}
