// SPDX-License-Identifier: BSL-1.0
#pragma once

// Free blocks on their way between workers, in chains of up to 32. A block freed by another worker
// than the one that took it comes back this way: one lock for a whole chain, never one per block.
// The two-level design follows J. Bonwick, J. Adams, "Magazines and Vmem" (2001).

#include <cstddef>
#include <cstdint>

#include "troupe/memory/poison.hpp"
#include "troupe/memory/size_class.hpp"
#include "troupe/port/pool.hpp"
#include "troupe/sync/lock_rank.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// A free block. The links stand at its front; the rest is poisoned.
struct free_block {
    free_block*   next;        // in its chain
    free_block*   next_chain;  // the first block of a chain links the chains of a depot
    std::uint32_t count;       // the first block of a chain: how many blocks it has
};

/// Where a depot gets memory: the pool of the system, with its type forgotten.
class block_source {
public:
    virtual void*       acquire(std::size_t bytes) noexcept = 0;
    virtual void        release(void* block, std::size_t bytes) noexcept = 0;
    virtual std::size_t chains_kept() const noexcept = 0;

protected:
    ~block_source() = default;
};

template <class Pool>
class pool_source final : public block_source {
    static_assert(explain_pool<Pool>());

public:
    void* acquire(std::size_t bytes) noexcept override { return pool_.acquire(bytes); }
    void  release(void* block, std::size_t bytes) noexcept override { pool_.release(block, bytes); }
    std::size_t chains_kept() const noexcept override { return Pool::chains_kept; }

private:
    Pool pool_;
};

/// Any thread.
class depot {
public:
    explicit depot(block_source& source) noexcept : source_(source) {}
    ~depot();
    depot(depot const&) = delete;
    depot& operator=(depot const&) = delete;

    /// A chain of free blocks, or null when the pool is exhausted.
    template <class Token>
    TROUPE_APART free_block* take(std::size_t size_class, Token const& token) noexcept;

    /// Gives a chain back; `count` of its first block tells its length.
    template <class Token>
    TROUPE_APART void give(std::size_t size_class, free_block* chain, Token const& token) noexcept;

private:
    struct shelf {
        free_block* chains = nullptr;
        std::size_t count = 0;
    };

    free_block* grow(std::size_t size_class) noexcept TROUPE_REQUIRES(mutex_);
    void        release(std::size_t size_class, free_block* chain) noexcept TROUPE_REQUIRES(mutex_);

    ranked_mutex<rank::depot> mutex_;
    block_source&             source_ TROUPE_GUARDED_BY(mutex_);  // pools need not know of threads
    shelf                     shelves_[size_classes] TROUPE_GUARDED_BY(mutex_);
};

inline depot::~depot() {
    for (std::size_t i = 0; i < size_classes; ++i) {
        while (free_block* const chain = shelves_[i].chains) {
            shelves_[i].chains = chain->next_chain;
            release(i, chain);
        }
    }
}

template <class Token>
free_block* depot::take(std::size_t size_class, Token const& token) noexcept {
    lock_guard const held{mutex_, token};
    shelf&           from = shelves_[size_class];
    if (free_block* const chain = from.chains) {
        from.chains = chain->next_chain;
        --from.count;
        return chain;
    }
    return grow(size_class);
}

template <class Token>
void depot::give(std::size_t size_class, free_block* chain, Token const& token) noexcept {
    lock_guard const held{mutex_, token};
    shelf&           to = shelves_[size_class];
    if (to.count >= source_.chains_kept()) {
        release(size_class, chain);
        return;
    }
    chain->next_chain = to.chains;
    to.chains = chain;
    ++to.count;
}

TROUPE_COLD inline free_block* depot::grow(std::size_t size_class) noexcept {
    std::size_t const bytes = block_sizes[size_class];
    free_block*       chain = nullptr;
    for (std::uint32_t i = 0; i < chain_length(size_class); ++i) {
        void* const memory = source_.acquire(bytes);
        if (memory == nullptr) break;  // a short chain is better than none
        auto* const block = static_cast<free_block*>(memory);
        block->next = chain;
        block->count = i + 1;
        poison(block + 1, bytes - sizeof(free_block));
        chain = block;
    }
    return chain;
}

TROUPE_COLD inline void depot::release(std::size_t size_class, free_block* chain) noexcept {
    std::size_t const bytes = block_sizes[size_class];
    while (chain != nullptr) {
        free_block* const next = chain->next;
        unpoison(chain, bytes);
        source_.release(chain, bytes);
        chain = next;
    }
}

}  // namespace troupe::inline TROUPE_ABI::detail
