// SPDX-License-Identifier: BSL-1.0
// Two locks of one rank: nothing says which comes first.
// EXPECT: troupe: lock order: the second lock stands above the one that is held
// EXPECT: depot
#include "troupe/sync/lock_rank.hpp"

using namespace troupe::detail;

void misuse(ranked_mutex<rank::depot>& one, ranked_mutex<rank::depot>& other) {
    root_token root;
    lock_guard first{one, root};
    lock_guard second{other, first};
}
