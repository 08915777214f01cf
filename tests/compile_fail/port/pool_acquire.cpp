// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: add `void\* acquire\(std::size_t bytes\) noexcept` to the pool
// EXPECT: throwing
#include "troupe/port/pool.hpp"

struct throwing {
    static constexpr std::size_t chains_kept = 8;
    void*                        acquire(std::size_t);
    void                         release(void*, std::size_t) noexcept;
};

static_assert(troupe::explain_pool<throwing>());
