// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: give the pool a constructor without arguments
// EXPECT: needy
#include "troupe/port/pool.hpp"

struct needy {
    static constexpr std::size_t chains_kept = 8;
    explicit needy(int);
    void* acquire(std::size_t) noexcept;
    void  release(void*, std::size_t) noexcept;
};

static_assert(troupe::explain_pool<needy>());
