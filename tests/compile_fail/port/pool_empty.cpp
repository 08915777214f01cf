// SPDX-License-Identifier: BSL-1.0
// Several things are missing: all of them are listed.
// EXPECT: error: .*troupe: add `void\* acquire\(std::size_t bytes\) noexcept` to the pool
#include "troupe/port/pool.hpp"

struct nothing {};

static_assert(troupe::explain_pool<nothing>());
