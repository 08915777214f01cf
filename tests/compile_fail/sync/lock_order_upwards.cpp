// SPDX-License-Identifier: BSL-1.0
// A lock that stands above the one that is held.
// EXPECT: troupe: lock order: the second lock stands above the one that is held
// EXPECT: timers
// EXPECT: waiting
#include "troupe/sync/lock_rank.hpp"

using namespace troupe::detail;

void misuse(ranked_mutex<rank::timers>& timers, ranked_mutex<rank::waiting>& waiting) {
    root_token root;
    lock_guard first{timers, root};
    lock_guard second{waiting, first};
}
