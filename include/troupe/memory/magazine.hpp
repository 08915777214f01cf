// SPDX-License-Identifier: BSL-1.0
#pragma once

// The blocks a worker holds in its own hands: taking and giving one is a few plain instructions.

#include <cstddef>
#include <cstdint>

#include "troupe/config/hints.hpp"
#include "troupe/memory/depot.hpp"
#include "troupe/sync/counter.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// One per worker; the owner only. Threads that are not workers share one behind a lock.
class magazine_rack {
public:
    explicit magazine_rack(depot& store) noexcept;
    magazine_rack(magazine_rack const&) = delete;
    magazine_rack& operator=(magazine_rack const&) = delete;

    /// A block of the class, or null when the pool is exhausted or there is no such class. `token`
    /// shows the locks held.
    template <class Token>
    void* take(std::uint8_t size_class, Token const& token) noexcept;

    /// A block of the class if there is one at hand; else null.
    void* take_at_hand(std::uint8_t size_class) noexcept;

    /// Gives a block back, wherever it was taken.
    template <class Token>
    void give(void* memory, std::uint8_t size_class, Token const& token) noexcept;

    /// Empties the magazines into the depot: at the end of a worker.
    template <class Token>
    void flush(Token const& token) noexcept;

    /// Blocks that were taken here and not given back here; below zero where others' blocks end.
    std::int64_t out() const noexcept;
    /// How often the magazines were empty and the depot was asked.
    std::uint64_t misses() const noexcept { return misses_.get(); }

private:
    /// Two chains: one in use, and one that is either full or empty, so that a worker that takes
    /// and gives at the border of a chain does not go to the depot each time.
    struct magazine {
        free_block*           in_use = nullptr;
        free_block*           spare = nullptr;
        atomic<std::uint32_t> room{0};  // blocks that the chain in use lacks; others read it

        // relaxed: as in owned_counter
        std::uint32_t lacks() const noexcept { return room.load(memory_order_relaxed); }
        void set(std::uint32_t lacking) noexcept { room.store(lacking, memory_order_relaxed); }
    };

    template <class Token>
    TROUPE_COLD bool refill(magazine& m, std::uint8_t size_class, Token const& token) noexcept;
    template <class Token>
    TROUPE_COLD void set_aside(magazine& m, std::uint8_t size_class, Token const& token) noexcept;
    template <class Token>
    void to_depot(std::size_t size_class, free_block* chain, std::uint32_t count,
                  Token const& token) noexcept;

    depot&        store_;
    magazine      magazines_[size_classes + 1];  // the last is of no class, and always empty
    owned_counter lent_;                         // blocks that the depot has given, less returned
    owned_counter aside_;                        // blocks in spare chains
    owned_counter misses_;
};

inline magazine_rack::magazine_rack(depot& store) noexcept : store_(store) {
    for (std::size_t i = 0; i < size_classes; ++i) magazines_[i].set(chain_length(i));
}

inline std::int64_t magazine_rack::out() const noexcept {
    std::uint64_t here = aside_.get();
    for (std::size_t i = 0; i < size_classes; ++i) here += chain_length(i) - magazines_[i].lacks();
    return static_cast<std::int64_t>(lent_.get() - here);
}

TROUPE_HOT void* magazine_rack::take_at_hand(std::uint8_t size_class) noexcept {
    magazine&         m = magazines_[size_class];
    free_block* const block = m.in_use;
    if (block == nullptr) [[unlikely]]
        return nullptr;
    m.in_use = block->next;
    m.set(m.lacks() + 1);
    unpoison(block, block_sizes[size_class]);
    return block;
}

template <class Token>
void* magazine_rack::take(std::uint8_t size_class, Token const& token) noexcept {
    if (void* const block = take_at_hand(size_class)) return block;
    return refill(magazines_[size_class], size_class, token) ? take_at_hand(size_class) : nullptr;
}

template <class Token>
TROUPE_HOT void magazine_rack::give(void* memory, std::uint8_t size_class,
                                    Token const& token) noexcept {
    magazine& m = magazines_[size_class];
    if (m.lacks() == 0) [[unlikely]]
        set_aside(m, size_class, token);
    auto* const block = static_cast<free_block*>(memory);
    block->next = m.in_use;
    m.in_use = block;
    m.set(m.lacks() - 1);
    poison(block + 1, block_sizes[size_class] - sizeof(free_block));
}

template <class Token>
bool magazine_rack::refill(magazine& m, std::uint8_t size_class, Token const& token) noexcept {
    if (size_class >= size_classes) return false;
    std::uint32_t const full = chain_length(size_class);
    if (m.spare != nullptr) {
        m.in_use = m.spare;
        m.spare = nullptr;
        m.set(0);
        aside_.sub(full);
        return true;
    }
    misses_.add(1);
    m.in_use = store_.take(size_class, token);
    if (m.in_use == nullptr) return false;
    m.set(full - m.in_use->count);
    lent_.add(m.in_use->count);
    return true;
}

/// The chain in use is full.
template <class Token>
void magazine_rack::set_aside(magazine& m, std::uint8_t size_class, Token const& token) noexcept {
    std::uint32_t const full = chain_length(size_class);
    if (m.spare != nullptr) {
        aside_.sub(full);
        to_depot(size_class, m.spare, full, token);
    }
    m.spare = m.in_use;
    aside_.add(full);
    m.in_use = nullptr;
    m.set(full);
}

template <class Token>
void magazine_rack::to_depot(std::size_t size_class, free_block* chain, std::uint32_t count,
                             Token const& token) noexcept {
    lent_.sub(count);
    chain->count = count;
    store_.give(size_class, chain, token);
}

template <class Token>
void magazine_rack::flush(Token const& token) noexcept {
    for (std::size_t i = 0; i < size_classes; ++i) {
        magazine&           m = magazines_[i];
        std::uint32_t const full = chain_length(i);
        if (m.in_use != nullptr) to_depot(i, m.in_use, full - m.lacks(), token);
        if (m.spare != nullptr) {
            aside_.sub(full);
            to_depot(i, m.spare, full, token);
        }
        m.in_use = nullptr;
        m.spare = nullptr;
        m.set(full);
    }
}

}  // namespace troupe::inline TROUPE_ABI::detail
