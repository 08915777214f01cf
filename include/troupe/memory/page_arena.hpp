// SPDX-License-Identifier: BSL-1.0
#pragma once

// Pages for actor cells, shared by all systems of the process. A page may change its system but
// never its purpose, and its addresses stay readable for ever: that is what makes a reference to a
// dead actor safe to look at. Memory is given back to the OS, address space is not.

#include <cstddef>
#include <new>

#include "troupe/base/layout.hpp"
#include "troupe/sync/lock_rank.hpp"

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace troupe::inline TROUPE_ABI::detail {

#if defined(TROUPE_MODEL)
inline constexpr std::size_t page_bytes = 8 * 1024;  // a model makes its cells anew each time
#else
inline constexpr std::size_t page_bytes = 64 * 1024;
#endif

/// The description of a page, kept outside of it. Never freed.
struct page {
    page*      next = nullptr;
    std::byte* memory = nullptr;
    page*      made_before = nullptr;  // all pages that ever were: none is lost, whoever has it
    bool constructed = false;  // cells have been built here once; zeroed bytes stay valid cells
};

/// Any thread.
class page_arena {
public:
#if !defined(TROUPE_MODEL)
    constexpr page_arena() noexcept = default;
#endif

    /// A page of zeroed or once-constructed memory, or null.
    template <class Token>
    page* take(Token const& token) noexcept;

    /// The page goes to another system; nothing in it may be in use.
    template <class Token>
    void give(page* unused, Token const& token) noexcept;

private:
    static constexpr std::size_t pages_kept = 16;  // 1 MiB stays warm for the next system

    static std::byte* map() noexcept;
    static void       give_back(page& unused) noexcept;

    ranked_mutex<rank::arena> mutex_;
    page*                     free_ TROUPE_GUARDED_BY(mutex_) = nullptr;
    page*                     made_ TROUPE_GUARDED_BY(mutex_) = nullptr;  // by made_before
    std::size_t               free_count_ TROUPE_GUARDED_BY(mutex_) = 0;
};

#if defined(TROUPE_MODEL)
inline model_static<page_arena> cell_pages_of_model;
inline page_arena&              cell_pages = cell_pages_of_model.value;
#else
inline constinit page_arena cell_pages{};
#endif

template <class Token>
page* page_arena::take(Token const& token) noexcept {
    lock_guard const held{mutex_, token};
    if (free_ != nullptr) {
        page* const taken = free_;
        free_ = taken->next;
        --free_count_;
        return taken;
    }
    auto* const fresh = new (std::nothrow) page;
    if (fresh == nullptr) return nullptr;
    fresh->memory = map();
    if (fresh->memory == nullptr) {
        delete fresh;
        return nullptr;
    }
    fresh->made_before = made_;
    made_ = fresh;
    return fresh;
}

template <class Token>
void page_arena::give(page* unused, Token const& token) noexcept {
    lock_guard const held{mutex_, token};
    if (free_count_ >= pages_kept) give_back(*unused);
    unused->next = free_;
    free_ = unused;
    ++free_count_;
}

inline std::byte* page_arena::map() noexcept {
#if defined(__linux__)
    void* const memory =
        mmap(nullptr, page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? nullptr : static_cast<std::byte*>(memory);
#else
    void* const memory = ::operator new(page_bytes, std::align_val_t{cache_line}, std::nothrow);
    if (memory == nullptr) return nullptr;
    auto* const bytes = static_cast<std::byte*>(memory);
    for (std::size_t i = 0; i < page_bytes; ++i) bytes[i] = std::byte{0};
    return bytes;
#endif
}

inline void page_arena::give_back([[maybe_unused]] page& unused) noexcept {
#if defined(__linux__)
    // Reads as zero afterwards, and a zeroed cell is a dead one.
    madvise(unused.memory, page_bytes, MADV_DONTNEED);
#endif
}

}  // namespace troupe::inline TROUPE_ABI::detail
