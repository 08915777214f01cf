// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: add `static constexpr std::size_t chains_kept = ...;` to the pool
// EXPECT: vague
#include "troupe/port/pool.hpp"

struct vague {
    void* acquire(std::size_t) noexcept;
    void  release(void*, std::size_t) noexcept;
};

static_assert(troupe::explain_pool<vague>());
