// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: add `void release\(void\* block, std::size_t bytes\) noexcept` to the pool
// EXPECT: half_pool
#include <troupe/troupe.hpp>

struct half_pool {
    static constexpr std::size_t chains_kept = 8;
    void*                        acquire(std::size_t) noexcept { return nullptr; }
};

struct config : troupe::defaults {
    using pool_type = half_pool;
};

void misuse() { troupe::basic_system<config> system; }
