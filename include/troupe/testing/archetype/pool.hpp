// SPDX-License-Identifier: BSL-1.0
#pragma once

// A pool that can do what a pool must and nothing more: code that compiles with it asks for no
// more.

#include <new>

#include "troupe/base/layout.hpp"
#include "troupe/port/pool.hpp"

namespace troupe::inline TROUPE_ABI {

class pool_archetype {
public:
    static constexpr std::size_t chains_kept = 1;

    pool_archetype() noexcept = default;
    pool_archetype(pool_archetype const&) = delete;
    pool_archetype& operator=(pool_archetype const&) = delete;
    void            operator&() const = delete;

    void* acquire(std::size_t bytes) noexcept {
        return ::operator new(bytes, std::align_val_t{detail::block_alignment}, std::nothrow);
    }
    void release(void* block, std::size_t) noexcept {
        ::operator delete(block, std::align_val_t{detail::block_alignment});
    }
};

static_assert(pool<pool_archetype>);

}  // namespace troupe::inline TROUPE_ABI
