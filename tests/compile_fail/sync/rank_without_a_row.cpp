// SPDX-License-Identifier: BSL-1.0
// A lock that the table does not have.
// EXPECT: troupe: lock order: this rank has no row
#include "troupe/sync/lock_rank.hpp"

using namespace troupe::detail;

struct of_my_own {
    static constexpr int  position = 35;
    static constexpr char reason[] = "Nobody has seen it.";
};

ranked_mutex<of_my_own> misuse;
