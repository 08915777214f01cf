// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: fixed_pool needs at least 64 KiB
#include "troupe/memory/pools.hpp"

constexpr auto kept = troupe::fixed_pool<1000>::chains_kept;
