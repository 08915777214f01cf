// SPDX-License-Identifier: BSL-1.0
#pragma once

// What hangs in the timer wheel: a message to be sent, an ask to expire, or an actor or a thread to
// wake.

#include <cstddef>
#include <cstdint>

#include "troupe/actor/fwd.hpp"
#include "troupe/message/node.hpp"
#include "troupe/os/parker.hpp"
#include "troupe/schedule/timer_wheel.hpp"
#include "troupe/sync/lock_rank.hpp"

namespace troupe::inline TROUPE_ABI {
namespace detail {

struct timer_entry : wheel_entry {
    enum class kind : std::uint8_t { message, expiry, thread, actor };
    kind what = kind::expiry;
};

/// The deadline of an ask; a member of its slot.
struct expiry_timer : timer_entry {
    explicit expiry_timer(reply_slot& whole) noexcept : slot(whole) {}
    reply_slot& slot;
};

/// A message that is sent to its own actor later. Its memory stays a timer until the system ends,
/// so that a handle to one that has fired can be looked at.
struct message_timer : timer_entry {
    // Written under rank::timers. Without an attribute: who fires it reads them without the lock,
    // while `firing` keeps everybody else away.
    cell* target = nullptr;
    node* message = nullptr;
    // Periodic: how to make the next message, else null. The copy is made outside of the lock, and
    // `firing` keeps the original in place meanwhile.
    node* (*copy)(core&, worker*, cell& target, node const& original) noexcept = nullptr;
    duration interval{0};
    // Timers of the same actor, or the free list.
    message_timer* newer TROUPE_GUARDED_BY(rank::timers::lock) = nullptr;
    message_timer* older TROUPE_GUARDED_BY(rank::timers::lock) = nullptr;
    // Zero: free, or cancelled while it fires.
    std::uint64_t id TROUPE_GUARDED_BY(rank::timers::lock) = 0;
    bool          firing TROUPE_GUARDED_BY(rank::timers::lock) = false;
};

/// How a timer goes on after it has fired; all zero: it does not.
struct message_period {
    duration interval{0};
    node* (*copy)(core&, worker*, cell& target, node const& original) noexcept = nullptr;
};

/// Sets bits in the control word of an actor. What it says is set before it is armed.
struct actor_timer : timer_entry {
    cell*         target = nullptr;
    std::uint64_t generation = 0;
    std::uint64_t bits = 0;
};

/// A thread that waits with a deadline on the injected clock.
struct thread_timer : timer_entry {
    parker* thread = nullptr;  // set before it is armed
    bool    fired TROUPE_GUARDED_BY(rank::timers::lock) = false;
};

}  // namespace detail

/// Names one armed timer of an actor; see `context::after` and `context::cancel`. Copies name the
/// same timer; a timer that has fired stays named and can be cancelled without effect.
class timer {
public:
    constexpr timer() noexcept = default;
    /// Whether it was armed, not whether it still is. False: there was no memory for it.
    constexpr explicit operator bool() const noexcept { return at_ != nullptr; }

private:
    template <class>
    friend class context;
    timer(detail::message_timer* at, std::uint64_t id) noexcept : at_(at), id_(id) {}

    detail::message_timer* at_ = nullptr;
    std::uint64_t          id_ = 0;
};

}  // namespace troupe::inline TROUPE_ABI
