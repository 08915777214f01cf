// SPDX-License-Identifier: BSL-1.0
// The end of an actor frees its name and tells its watchers: one after the other, not under both.
// EXPECT: troupe: lock order: the second lock stands above the one that is held
// EXPECT: names
// EXPECT: watches
#include "troupe/sync/lock_rank.hpp"

using namespace troupe::detail;

void misuse(ranked_mutex<rank::names>& names, ranked_mutex<rank::watches>& watches) {
    root_token root;
    lock_guard first{names, root};
    lock_guard second{watches, first};
}
