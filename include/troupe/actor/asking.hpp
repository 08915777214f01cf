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

/// Of the threads outside one in so many is looked at, beginning with the first.
TROUPE_COLD inline bool core::chosen_outside() noexcept {
    // relaxed: a number
    return asks_begun_outside_.fetch_add(1, memory_order_relaxed) % sampler::mean == 0;
}

/// The message of an ask is about to leave.
TROUPE_HOT void core::begin_ask(worker* w, reply_slot& s) noexcept {
    s.is_ask = true;
    bool const chosen = w != nullptr ? w->asks.next() : measured_ && chosen_outside();
    if (chosen) [[unlikely]]
        s.begun = now();
}

/// It has ended, and the asker leaves.
TROUPE_HOT void core::end_ask(worker* w, std::uint32_t outcome, time_point begun) noexcept {
    std::size_t const index = outcome - reply_slot::answered;
    if (w != nullptr) w->counters.asks[index].add(1);
    else asks_outside_[index].fetch_add(1, memory_order_relaxed);  // relaxed: a number
    if (begun != never) [[unlikely]]
        tell_ask(w, begun);
}

TROUPE_COLD inline void core::tell_ask(worker* w, time_point begun) noexcept {
    // The asker may come for the outcome when the system has ended, and with it the sink.
    bool const outside = w == nullptr;
    if (outside && !door_->enter(serial_)) return;
    sample(metric::ask_seconds, {}, now() - begun);
    if (outside) door_->leave();
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
    bool const       is_ask = s.is_ask;
    time_point const begun = s.begun;
    std::uint32_t    before = 0;
    // If nobody has answered yet, whoever does will find that nobody waits.
    constexpr std::uint32_t cancelled = reply_slot::error(ask_errc::cancelled);
    bool const              nobody_has = s.settle(cancelled, reply_slot::asker_left, before);
    if (is_ask) end_ask(w, nobody_has ? cancelled : reply_slot::outcome(before), begun);
    if (nobody_has) return;
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
