// SPDX-License-Identifier: BSL-1.0
#pragma once

// Names of actors, unique among living siblings. A row lies in a pool block; the table has a fixed
// number of chains, so a named spawn never allocates from the heap.

#include <cstring>
#include <new>
#include <string_view>
#include <utility>

#include "troupe/actor/life.hpp"
#include "troupe/config/hints.hpp"

namespace troupe::inline TROUPE_ABI {

/// Gives a new actor its name: `system.spawn<account>(troupe::name{"alice"})`. Unique among living
/// siblings; 1 to 255 bytes, without '/' and control bytes.
struct name {
    explicit constexpr name(std::string_view text_) noexcept : text(text_) {}
    std::string_view text;
};

namespace detail {

struct name_row {
    name_row*     next TROUPE_GUARDED_BY(rank::names::lock) = nullptr;
    cell*         parent = nullptr;
    cell*         named = nullptr;
    std::uint32_t hash = 0;
    std::uint8_t  length = 0;
    std::uint8_t  size_class = 0;

    char*            bytes() noexcept { return reinterpret_cast<char*>(this + 1); }
    std::string_view text() noexcept { return {bytes(), length}; }
};

constexpr bool name_is_valid(std::string_view text) noexcept {
    if (text.empty() || text.size() > 255) return false;
    for (char const c : text) {
        if (c == '/' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
    }
    return true;
}

TROUPE_COLD inline bool core::take_name(worker* w, cell& parent, cell& c, std::string_view text,
                                        spawn_errc& error) noexcept {
    if (!name_is_valid(text)) {
        error = spawn_errc::name_invalid;
        return false;
    }
    std::uint8_t const size_class = size_class_of(sizeof(name_row) + text.size());
    annex* const       a = annex_for(w, c);
    void* const        memory = a == nullptr ? nullptr : take_block(w, size_class);
    if (memory == nullptr) {
        error = spawn_errc::pool_exhausted;
        return false;
    }
    auto* const row = new (memory) name_row;
    row->parent = &parent;
    row->named = &c;
    row->hash = hash_of(text);
    row->length = static_cast<std::uint8_t>(text.size());
    row->size_class = size_class;
    std::memcpy(row->bytes(), text.data(), text.size());
    bool taken = false;
    {
        lock_guard const held{names_mutex_, root_token{}};
        name_row*&       chain = names_[row->hash % name_rows];
        for (name_row* r = chain; r != nullptr; r = r->next) {
            taken = taken || (r->parent == &parent && r->hash == row->hash && r->text() == text);
        }
        if (!taken) {
            row->next = chain;
            chain = row;
        }
    }
    if (taken) {
        row->~name_row();
        give_block(w, memory, size_class);
        error = spawn_errc::name_taken;
        return false;
    }
    a->row = row;
    return true;
}

inline void core::unlist_name(cell& c) noexcept {
    annex* const a = annex_of(c);
    if (a == nullptr || a->row == nullptr) return;
    lock_guard const held{names_mutex_, root_token{}};
    for (name_row** at = &names_[a->row->hash % name_rows]; *at != nullptr; at = &(*at)->next) {
        if (*at == a->row) {
            *at = a->row->next;
            return;
        }
    }
}

inline void core::free_name(worker* w, cell& c) noexcept {
    annex* const a = annex_of(c);
    if (a == nullptr || a->row == nullptr) return;
    unlist_name(c);
    name_row* const    row = std::exchange(a->row, nullptr);
    std::uint8_t const size_class = row->size_class;
    row->~name_row();
    give_block(w, row, size_class);
}

inline std::string_view core::own_name(cell const& c) noexcept {
    annex const* const a = annex_of(c);
    return a == nullptr || a->row == nullptr ? std::string_view{} : a->row->text();
}

/// The name of a living actor, at most 255 bytes; its length, zero when it has none.
TROUPE_COLD inline std::size_t core::copy_name(cell const& c, char* to) noexcept {
    lock_guard const held{names_mutex_, root_token{}};
    for (name_row* chain : names_) {
        for (name_row* r = chain; r != nullptr; r = r->next) {
            if (r->named == &c) return r->text().copy(to, r->length);
        }
    }
    return 0;
}

}  // namespace detail
}  // namespace troupe::inline TROUPE_ABI
