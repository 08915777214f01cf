// SPDX-License-Identifier: BSL-1.0
// Guarded data is read by who does not hold the lock.
// ONLY: clang
// FLAGS: -Wthread-safety -Werror
// EXPECT: error: reading variable 'entries_' requires holding mutex 'mutex_'
#include "troupe/sync/lock_rank.hpp"

using namespace troupe::detail;

class table {
public:
    int entries() const { return entries_; }

private:
    ranked_mutex<rank::names> mutex_;
    int                       entries_ TROUPE_GUARDED_BY(mutex_) = 0;
};
