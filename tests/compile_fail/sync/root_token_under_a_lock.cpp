// SPDX-License-Identifier: BSL-1.0
// A token for "nothing is held" is made where the same function holds something.
// ONLY: clang
// FLAGS: -Wthread-safety -Werror
// EXPECT: error: cannot call function 'root_token' while lock of rank timers
#include "troupe/sync/lock_rank.hpp"

using namespace troupe::detail;

void misuse(ranked_mutex<rank::timers>& timers, ranked_mutex<rank::waiting>& waiting) {
    lock_guard first{timers, root_token{}};
    lock_guard second{waiting, root_token{}};
}
