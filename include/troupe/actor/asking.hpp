// SPDX-License-Identifier: BSL-1.0
#pragma once

// The run-time side of an ask: making its slot, writing its one outcome, telling the asker.
// More: docs/design/0005-asks.md

#include <cstddef>
#include <exception>

#include "troupe/actor/timing.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// The size of a slot for a reply of so many bytes. A failed handler leaves its exception where the
/// reply would be.
constexpr std::uint8_t slot_class(std::size_t reply_bytes) noexcept {
    constexpr std::size_t least = sizeof(std::exception_ptr);
    return size_class_of(sizeof(reply_slot) + (reply_bytes < least ? least : reply_bytes));
}

/// A slot of this size, or null.
inline reply_slot* core::open_slot(worker* w, std::uint8_t size_class) noexcept {
    void* const memory = take_block(w, size_class);
    if (memory == nullptr) return nullptr;
    auto* const s = new (memory) reply_slot;
    s->size_class = size_class;
    return s;
}

inline void core::free_slot(worker* w, reply_slot& s) noexcept {
    std::uint8_t const size_class = s.size_class;
    s.~reply_slot();
    give_block(w, &s, size_class);
}

inline void core::notify(worker* w, reply_slot::listener const& told, ready_token token) noexcept {
    if (told.thread != nullptr) {
        told.thread->unpark();
        return;
    }
    if (told.asker != nullptr) resume(w, *told.asker, told.incarnation, token);
}

/// The one that answers: `outcome` is answered, or an error; the value, if any, is already written.
/// If the asker does not want it any more it is destroyed.
TROUPE_APART inline void core::finish(worker* w, reply_slot& s, std::uint32_t outcome) noexcept {
    bool const           has_value = outcome == reply_slot::answered;
    bool const           has_exception = outcome == reply_slot::error(ask_errc::failed);
    std::uint32_t        before = 0;
    reply_slot::listener told;
    if (s.settle(outcome, reply_slot::answerer_left, before, told)) {
        if (told.onward != nullptr) told.onward->pass_on(*this, w, s, *told.onward);
        else notify(w, told, root_token{});
        return;
    }
    discard(s, has_value, has_exception);
    // acq_rel: the last to leave frees what the other wrote
    if ((s.state.fetch_or(reply_slot::answerer_left, memory_order_acq_rel) &
         reply_slot::asker_left) != 0) {
        free_slot(w, s);
    }
}

inline void core::discard(reply_slot& s, bool has_value, bool has_exception) noexcept {
    if (has_value && s.destroy_value != nullptr) s.destroy_value(s.value());
    if (has_exception) static_cast<std::exception_ptr*>(s.value())->~exception_ptr();
}

/// The asker leaves. `unread`: the outcome, if it is there, was not looked at.
TROUPE_APART inline void core::leave_slot(worker* w, reply_slot& s, bool unread) noexcept {
    if (s.timed) disarm(s.expiry);
    std::uint32_t before = 0;
    // If nobody has answered yet, whoever does will find that nobody waits.
    if (s.settle(reply_slot::error(ask_errc::cancelled), reply_slot::asker_left, before)) return;
    if ((before & reply_slot::answerer_left) == 0) {
        // acq_rel: the last to leave frees what the other wrote
        before = s.state.fetch_or(reply_slot::asker_left, memory_order_acq_rel);
        if ((before & reply_slot::answerer_left) == 0) return;
    }
    // Only a value that won is still there: a late answer takes its own away.
    std::uint32_t const outcome = reply_slot::outcome(before);
    if (unread) {
        discard(s, outcome == reply_slot::answered, outcome == reply_slot::error(ask_errc::failed));
    }
    free_slot(w, s);
}

}  // namespace troupe::inline TROUPE_ABI::detail
