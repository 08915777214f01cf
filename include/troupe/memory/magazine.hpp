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
    explicit magazine_rack(depot& store) noexcept : store_(store) {}
    magazine_rack(magazine_rack const&) = delete;
    magazine_rack& operator=(magazine_rack const&) = delete;

    /// A block of the class, or null when the pool is exhausted. `token` shows the locks held.
    template <class Token>
    void* take(std::uint8_t size_class, Token const& token) noexcept;

    template <class Token>
    void give(void* memory, std::uint8_t size_class, Token const& token) noexcept;

    /// Empties the magazines into the depot: at the end of a worker.
    template <class Token>
    void flush(Token const& token) noexcept;

    std::uint64_t taken() const noexcept { return taken_.get(); }
    std::uint64_t given() const noexcept { return given_.get(); }
    /// How often the magazines were empty and the depot was asked.
    std::uint64_t misses() const noexcept { return misses_.get(); }

private:
    /// Two chains: one in use, and one that is either full or empty, so that a worker that takes
    /// and gives at the border of a chain does not go to the depot each time.
    struct magazine {
        free_block*   in_use = nullptr;
        free_block*   spare = nullptr;
        std::uint32_t count = 0;  // of in_use
    };

    template <class Token>
    TROUPE_COLD bool refill(magazine& m, std::uint8_t size_class, Token const& token) noexcept;
    template <class Token>
    TROUPE_COLD void set_aside(magazine& m, std::uint8_t size_class, Token const& token) noexcept;

    depot&        store_;
    magazine      magazines_[size_classes];
    owned_counter taken_;
    owned_counter given_;
    owned_counter misses_;
};

template <class Token>
TROUPE_HOT void* magazine_rack::take(std::uint8_t size_class, Token const& token) noexcept {
    if (size_class >= size_classes) [[unlikely]]
        return nullptr;
    magazine& m = magazines_[size_class];
    if (m.in_use == nullptr && !refill(m, size_class, token)) [[unlikely]]
        return nullptr;
    free_block* const block = m.in_use;
    m.in_use = block->next;
    --m.count;
    unpoison(block, block_sizes[size_class]);
    taken_.add(1);
    return block;
}

template <class Token>
TROUPE_HOT void magazine_rack::give(void* memory, std::uint8_t size_class,
                                    Token const& token) noexcept {
    magazine&   m = magazines_[size_class];
    auto* const block = static_cast<free_block*>(memory);
    if (m.count >= chain_length(size_class)) [[unlikely]]
        set_aside(m, size_class, token);
    block->next = m.in_use;
    block->count = ++m.count;
    m.in_use = block;
    poison(block + 1, block_sizes[size_class] - sizeof(free_block));
    given_.add(1);
}

template <class Token>
bool magazine_rack::refill(magazine& m, std::uint8_t size_class, Token const& token) noexcept {
    if (m.spare != nullptr) {
        m.in_use = m.spare;
        m.spare = nullptr;
    } else {
        misses_.add(1);
        m.in_use = store_.take(size_class, token);
        if (m.in_use == nullptr) return false;
    }
    m.count = m.in_use->count;
    return true;
}

/// The chain in use is full.
template <class Token>
void magazine_rack::set_aside(magazine& m, std::uint8_t size_class, Token const& token) noexcept {
    if (m.spare != nullptr) store_.give(size_class, m.spare, token);
    m.spare = m.in_use;
    m.in_use = nullptr;
    m.count = 0;
}

template <class Token>
void magazine_rack::flush(Token const& token) noexcept {
    for (std::size_t i = 0; i < size_classes; ++i) {
        magazine& m = magazines_[i];
        if (m.in_use != nullptr) store_.give(i, m.in_use, token);
        if (m.spare != nullptr) store_.give(i, m.spare, token);
        m = {};
    }
}

}  // namespace troupe::inline TROUPE_ABI::detail
