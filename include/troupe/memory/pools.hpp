// SPDX-License-Identifier: BSL-1.0
#pragma once

// The three pools. All of them feed the same per-worker magazines, so a send allocates nothing once
// the blocks are there, whichever is chosen.

#include <cstddef>
#include <cstdint>
#include <new>

#include "troupe/base/layout.hpp"
#include "troupe/config/hints.hpp"
#include "troupe/port/pool.hpp"

namespace troupe::inline TROUPE_ABI {

/// The default: takes slabs of 64 KiB from the heap and cuts blocks off them. Memory grows to the
/// highest use and is given back when the system ends.
class slab_pool {
public:
    static constexpr std::size_t chains_kept = SIZE_MAX;

    slab_pool() noexcept = default;
    ~slab_pool() {
        while (slabs_ != nullptr) {
            slab* const dead = slabs_;
            slabs_ = dead->next;
            ::operator delete(dead, std::align_val_t{detail::cache_line});
        }
    }
    slab_pool(slab_pool const&) = delete;
    slab_pool& operator=(slab_pool const&) = delete;

    void* acquire(std::size_t bytes) noexcept {
        if (static_cast<std::size_t>(end_ - at_) < bytes && !grow()) return nullptr;
        void* const block = at_;
        at_ += bytes;
        return block;
    }
    void release(void*, std::size_t) noexcept {}

private:
    struct alignas(detail::cache_line) slab {
        slab* next;
    };
    static constexpr std::size_t slab_bytes = 64 * 1024;

    TROUPE_COLD bool grow() noexcept {
        void* const memory =
            ::operator new(slab_bytes, std::align_val_t{detail::cache_line}, std::nothrow);
        if (memory == nullptr) return false;
        slabs_ = new (memory) slab{slabs_};
        at_ = static_cast<std::byte*>(memory) + sizeof(slab);
        end_ = static_cast<std::byte*>(memory) + slab_bytes;
        return true;
    }

    slab*      slabs_ = nullptr;
    std::byte* at_ = nullptr;
    std::byte* end_ = nullptr;
};

/// Every block is an allocation of its own, visible to heap tools. A few are cached for each size;
/// the rest goes back to the heap, so memory follows the load.
class heap_pool {
public:
    static constexpr std::size_t chains_kept = 64;

    void* acquire(std::size_t bytes) noexcept {
        return ::operator new(bytes, std::align_val_t{detail::block_alignment}, std::nothrow);
    }
    void release(void* block, std::size_t) noexcept {
        ::operator delete(block, std::align_val_t{detail::block_alignment});
    }
};

/// `Bytes` bytes, taken when the system starts and never more: the heap is not touched afterwards.
/// A send that finds it empty is refused with `pool_exhausted`, a spawn with an error.
template <std::size_t Bytes>
class fixed_pool {
    static_assert(
        Bytes >= 64 * 1024,
        "troupe: fixed_pool needs at least 64 KiB: each worker keeps up to 64 free blocks "
        "of every size in use");

public:
    static constexpr std::size_t chains_kept = SIZE_MAX;

    fixed_pool()
        : memory_(
              static_cast<std::byte*>(::operator new(Bytes, std::align_val_t{detail::cache_line}))),
          at_(memory_) {}
    ~fixed_pool() { ::operator delete(memory_, std::align_val_t{detail::cache_line}); }
    fixed_pool(fixed_pool const&) = delete;
    fixed_pool& operator=(fixed_pool const&) = delete;

    void* acquire(std::size_t bytes) noexcept {
        if (static_cast<std::size_t>(memory_ + Bytes - at_) < bytes) return nullptr;
        void* const block = at_;
        at_ += bytes;
        return block;
    }
    void release(void*, std::size_t) noexcept {}

private:
    std::byte* const memory_;
    std::byte*       at_;
};

static_assert(pool<slab_pool> && pool<heap_pool> && pool<fixed_pool<1024 * 1024>>);

}  // namespace troupe::inline TROUPE_ABI
