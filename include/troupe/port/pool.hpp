// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a pool is: where blocks of memory come from before they are cached by the workers.

#include <concepts>
#include <cstddef>

#include "troupe/config/abi.hpp"

namespace troupe::inline TROUPE_ABI {

template <class Pool>
concept pool_acquires = requires(Pool& p, std::size_t bytes) {
    { p.acquire(bytes) } noexcept -> std::same_as<void*>;
};

template <class Pool>
concept pool_releases = requires(Pool& p, void* block, std::size_t bytes) {
    { p.release(block, bytes) } noexcept;
};

template <class Pool>
concept pool_names_retention = requires {
    { Pool::chains_kept } -> std::convertible_to<std::size_t>;
};

/// Where memory comes from. Called a few hundred blocks apart, one call at a time (the library
/// holds its lock): may be slow, must not throw. `acquire` gives 16-byte aligned memory or null;
/// null refuses the message or the actor with `pool_exhausted`. `chains_kept` is how many chains of
/// 32 free blocks of one size are kept before `release` is called for more.
template <class Pool>
concept pool = std::default_initializable<Pool> && pool_acquires<Pool> && pool_releases<Pool> &&
               pool_names_retention<Pool>;

/// Lists what a type lacks to be a pool.
template <class Pool>
consteval bool explain_pool() {
    static_assert(std::default_initializable<Pool>,
                  "troupe: give the pool a constructor without arguments");
    static_assert(pool_acquires<Pool>,
                  "troupe: add `void* acquire(std::size_t bytes) noexcept` to the pool");
    static_assert(
        pool_releases<Pool>,
        "troupe: add `void release(void* block, std::size_t bytes) noexcept` to the pool");
    static_assert(pool_names_retention<Pool>,
                  "troupe: add `static constexpr std::size_t chains_kept = ...;` to the pool");
    return true;
}

}  // namespace troupe::inline TROUPE_ABI
