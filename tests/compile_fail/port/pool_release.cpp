// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: add `void release\(void\* block, std::size_t bytes\) noexcept` to the pool
// EXPECT: keeping
#include "troupe/port/pool.hpp"

struct keeping {
    static constexpr std::size_t chains_kept = 8;
    void*                        acquire(std::size_t) noexcept;
};

static_assert(troupe::explain_pool<keeping>());
