// SPDX-License-Identifier: BSL-1.0
#pragma once

// Where the outcome of an ask is written: exactly one, whoever comes first. The asker and the one
// that answers each hold the slot; the last to leave gives it back to the pool. A late answer
// finds the slot taken and is dropped.

#include <cstddef>
#include <cstdint>

#include "troupe/actor/cell.hpp"
#include "troupe/actor/timer.hpp"
#include "troupe/os/parker.hpp"

namespace troupe::inline TROUPE_ABI::detail {

struct reply_slot;

/// Takes an outcome on to somewhere else, instead of an actor or a thread that waits for it. It
/// lies behind the value, in the block of the slot.
struct relay {
    /// The outcome is there. Called once, by whoever has written it, with no lock held, never by a
    /// timer; it leaves the slot (core::leave_slot).
    void (*pass_on)(core&, worker*, reply_slot&, relay&) noexcept;
};

struct alignas(16) reply_slot {
    // The state: an outcome in the low byte, and who has left.
    static constexpr std::uint32_t outcome_mask = 0xff;
    static constexpr std::uint32_t pending = 0;
    static constexpr std::uint32_t answered = 1;
    static constexpr std::uint32_t first_error = 2;  // + ask_errc
    static constexpr std::uint32_t asker_waits = 1u << 8;
    static constexpr std::uint32_t asker_left = 1u << 9;
    static constexpr std::uint32_t answerer_left = 1u << 10;
    static constexpr std::uint32_t relayed = 1u << 11;  // with asker_waits: `onward` is told

    atomic<std::uint32_t> state{pending};
    atomic<bool>          deferred{false};  // the handler has taken the reply away: it is late now
    std::uint8_t          size_class = 0;
    bool                  timed = false;   // the asker: `expiry` was armed
    bool                  is_ask = false;  // the asker: its outcome is counted
    void (*destroy_value)(void*) noexcept = nullptr;
    message_info const* request = nullptr;
    // Who is told. Written by the asker before `asker_waits` is set.
    cell*         asker = nullptr;
    std::uint64_t asker_incarnation = 0;
    union {
        parker* thread = nullptr;
        relay*  onward;  // of a slot that is `relayed`
    };
    time_point begun = detail::never;  // the asker: if somebody wants to know how long it takes
    // What is in it is written under rank::timers, by the wheel. Without an attribute: its address
    // is handed to arm() and disarm(), which take the lock.
    expiry_timer expiry{*this};

    static constexpr std::uint32_t error(ask_errc code) noexcept {
        return first_error + static_cast<std::uint32_t>(code);
    }
    static std::uint32_t outcome(std::uint32_t state) noexcept { return state & outcome_mask; }

    /// Behind the slot: the reply, or the exception of a failed handler.
    void* value() noexcept { return this + 1; }
    bool  finished() const noexcept {
        // acquire: pairs with the release in settle(): the value is written
        return outcome(state.load(memory_order_acquire)) != pending;
    }

    bool was_answered() const noexcept {
        // acquire: pairs with the release in settle()
        return outcome(state.load(memory_order_acquire)) == answered;
    }

    /// The asking actor will wait: told before the message leaves, which publishes it.
    void expect(cell& asking) noexcept {
        asker = &asking;
        asker_incarnation = asking.incarnation.load(memory_order_relaxed);  // relaxed: our own
        state.store(asker_waits, memory_order_relaxed);
    }
    /// The outcome goes on from here: told before the message leaves, which publishes it.
    void pass_to(relay& next) noexcept {
        onward = &next;
        state.store(asker_waits | relayed, memory_order_relaxed);
    }

    /// Whom to tell of the outcome; nobody when both are null.
    struct listener {
        parker*       thread = nullptr;
        cell*         asker = nullptr;
        std::uint64_t incarnation = 0;
        relay*        onward = nullptr;
    };

    /// The first outcome wins; true when it is this one. `leaving` adds who goes with it. After it
    /// the slot may be gone: an actor may wake for another reason, see the outcome and leave. So
    /// `told` is read before.
    bool settle(std::uint32_t result, std::uint32_t leaving, std::uint32_t& before,
                listener& told) noexcept {
        // acquire: who comes second may destroy what the first has written; whom to tell
        before = state.load(memory_order_acquire);
        while (outcome(before) == pending) {
            if ((before & relayed) != 0) told = {nullptr, nullptr, 0, onward};
            else if ((before & asker_waits) != 0) told = {thread, asker, asker_incarnation};
            // release: the value; acquire: whom to tell
            if (state.compare_exchange_weak(before, before | result | leaving, memory_order_acq_rel,
                                            memory_order_acquire)) {
                return true;
            }
        }
        return false;
    }
    bool settle(std::uint32_t result, std::uint32_t leaving, std::uint32_t& before) noexcept {
        listener nobody;
        return settle(result, leaving, before, nobody);
    }
};

static_assert(sizeof(reply_slot) % 16 == 0);

}  // namespace troupe::inline TROUPE_ABI::detail
