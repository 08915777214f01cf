// SPDX-License-Identifier: BSL-1.0
#pragma once

// Timers of a system, on its injected clock. Arming and cancelling take one lock; nothing is sent
// and nothing is destroyed under it.

#include "troupe/actor/waiting.hpp"

namespace troupe::inline TROUPE_ABI::detail {

TROUPE_APART inline void core::arm(timer_entry& t, time_point deadline) noexcept {
    time_point const present = now();
    {
        lock_guard const held{timers_mutex_, root_token{}};
        wheel_.arm(t, deadline, present);
        note_earliest();
    }
    timer_armed(deadline);
}

TROUPE_COLD inline void core::arm(actor_timer& t, cell& c, duration delay) noexcept {
    t.what = timer_entry::kind::actor;
    t.target = &c;
    t.generation = c.generation();
    t.bits = control::due;
    arm(t, now() + delay);
}

inline void core::note_earliest() noexcept {
    // relaxed: a hint for run_due_timers(); sleepers ask next_deadline()
    earliest_.store(wheel_.next_deadline().nanoseconds, memory_order_relaxed);
}

TROUPE_APART inline void core::disarm(timer_entry& t) noexcept {
    lock_guard const held{timers_mutex_, root_token{}};
    if (wheel_.cancel(t)) note_earliest();
}

inline bool core::fired(thread_timer const& t) noexcept {
    lock_guard const held{timers_mutex_, root_token{}};
    return t.fired;
}

inline time_point core::next_deadline() noexcept {
    lock_guard const held{timers_mutex_, root_token{}};
    return wheel_.next_deadline();
}

TROUPE_APART inline message_timer* core::arm_message(worker* w, cell& target, node& message,
                                                     time_point            deadline,
                                                     message_period const& period,
                                                     std::uint64_t&        id) noexcept {
    time_point const present = now();
    message_timer*   t = nullptr;
    std::uint64_t    made = 0;
    {
        lock_guard const held{timers_mutex_, root_token{}};
        if (free_timers_ != nullptr) {
            t = free_timers_;
            free_timers_ = t->newer;
        }
    }
    if (t == nullptr) {
        void* const memory = take_block(w, size_class_of(sizeof(message_timer)));
        if (memory == nullptr) return nullptr;
        t = new (memory) message_timer;
        made = 1;
    }
    {
        lock_guard const held{timers_mutex_, root_token{}};
        timers_made_ += made;
        // relaxed: who finds a timer has taken the lock since, or has armed it
        message_timers_.store(&all_message_timer_actions(), memory_order_relaxed);
        t->what = timer_entry::kind::message;
        t->target = &target;
        t->message = &message;
        t->id = id = next_timer_id_++;
        t->copy = period.copy;
        t->interval = period.interval;
        t->firing = false;
        t->older = nullptr;
        // relaxed: under the lock, and cancel_all() of the owner, who alone arms
        t->newer = static_cast<message_timer*>(target.timers.load(memory_order_relaxed));
        if (t->newer != nullptr) t->newer->older = t;
        target.timers.store(t, memory_order_relaxed);
        wheel_.arm(*t, deadline, present);
        note_earliest();
    }
    timer_armed(deadline);
    return t;
}

/// The timer leaves the list of its actor.
inline void core::unlink(message_timer& t) noexcept {
    if (t.older != nullptr) t.older->newer = t.newer;
    else t.target->timers.store(t.newer, memory_order_relaxed);  // relaxed: under the lock
    if (t.newer != nullptr) t.newer->older = t.older;
    t.id = 0;
}

/// The timer is free for another message.
inline void core::put_back(message_timer& t) noexcept {
    t.newer = free_timers_;
    free_timers_ = &t;
}

/// Takes a timer that has not fired away from its actor. Its message, or null when it is firing
/// right now: then the one that fires it takes everything away.
inline node* core::take_away(message_timer& t) noexcept {
    unlink(t);
    if (t.firing) return nullptr;
    wheel_.cancel(t);
    put_back(t);
    note_earliest();
    return t.message;
}

inline bool core::cancel(worker* w, message_timer& t, std::uint64_t id) noexcept {
    node* message = nullptr;
    {
        lock_guard const held{timers_mutex_, root_token{}};
        if (t.id != id) return false;
        message = take_away(t);
    }
    if (message != nullptr) dispose(w, *message);
    return true;
}

/// The actor ends, or the system drains: its timers are forgotten, and their messages with them. A
/// message is counted as sent when its timer fires, so these are in no book.
inline void core::cancel_all(worker* w, cell& c) noexcept {
    // relaxed: only the owner adds timers, so what looks empty to him is
    if (c.timers.load(memory_order_relaxed) == nullptr) [[likely]]
        return;
    message_timers_.load(memory_order_relaxed)->cancel(*this, w, c);
}
TROUPE_COLD inline void core::cancel_messages(worker* w, cell& c) noexcept {
    // relaxed: only the owner adds timers, so what looks empty to him is; and a system that drains
    // waits until nothing runs before it ends
    while (c.timers.load(memory_order_relaxed) != nullptr) {
        node* message = nullptr;
        {
            lock_guard const held{timers_mutex_, root_token{}};
            auto* const      t = static_cast<message_timer*>(c.timers.load(memory_order_relaxed));
            if (t == nullptr) return;
            message = take_away(*t);
        }
        if (message != nullptr) dispose(w, *message);
    }
}

/// The system drains: no timer of an actor fires any more.
TROUPE_COLD inline void core::cancel_every_message(worker* w) noexcept {
    root_token const             token;
    message_timer_actions const* actions = nullptr;
    {
        lock_guard const held{timers_mutex_, token};
        actions = message_timers_.load(memory_order_relaxed);
    }
    if (actions == nullptr) return;
    for (page* p = first_page(token); p != nullptr; p = p->next) {
        auto* const cells = reinterpret_cast<cell*>(p->memory);
        for (std::size_t i = 0; i < cells_per_page; ++i) actions->cancel(*this, w, cells[i]);
    }
}

inline void core::expire(timer_entry& due, ready_token token) noexcept {
    if (due.what == timer_entry::kind::thread) {
        auto& t = static_cast<thread_timer&>(due);
        t.fired = true;
        t.thread->unpark();
        return;
    }
    if (due.what == timer_entry::kind::actor) {
        auto& t = static_cast<actor_timer&>(due);
        wake(nullptr, *t.target, t.generation, t.bits, token);
        return;
    }
    fail_ask(static_cast<expiry_timer&>(due).slot, ask_errc::expired, token);
}

/// Ends an ask on behalf of nobody who holds its slot; nothing happens when it has ended.
inline void core::fail_ask(reply_slot& s, ask_errc why, ready_token token) noexcept {
    std::uint32_t        before = 0;
    reply_slot::listener told;
    if (s.settle(reply_slot::error(why), 0, before, told)) notify(nullptr, told, token);
}

/// The system has ended, and with it its timers: an ask whose reply was given away, and that would
/// expire, has no target any more. One without a deadline still waits for the reply.
TROUPE_COLD inline void core::end_asks() noexcept {
    lock_guard const held{timers_mutex_, root_token{}};
    wheel_entry*     left = wheel_.collect(never);
    while (left != nullptr) {
        auto& t = static_cast<timer_entry&>(*left);
        left = left->next;
        if (t.what != timer_entry::kind::expiry) continue;
        fail_ask(static_cast<expiry_timer&>(t).slot, ask_errc::target_gone, held);
    }
}

/// True when something was due.
TROUPE_APART inline bool core::run_due_timers(worker& w) noexcept {
    // relaxed: a timer that is armed right now is for a later look
    if (earliest_.load(memory_order_relaxed) == never.nanoseconds) return false;
    time_point const present = now();
    if (earliest_.load(memory_order_relaxed) > present.nanoseconds) return false;
    wheel_entry*  first = nullptr;  // messages that are due, in order
    wheel_entry** last = &first;
    {
        lock_guard const held{timers_mutex_, root_token{}};
        wheel_entry*     due = wheel_.collect(present);
        while (due != nullptr) {
            auto& t = static_cast<timer_entry&>(*due);
            due = due->next;
            if (t.what != timer_entry::kind::message) {
                expire(t, held);
                continue;
            }
            auto& m = static_cast<message_timer&>(t);
            if (m.copy == nullptr) unlink(m);
            m.firing = true;
            m.next = nullptr;
            *last = &m;
            last = &m.next;
        }
        note_earliest();
    }
    while (first != nullptr) {
        auto& m = static_cast<message_timer&>(*first);
        first = m.next;
        message_timers_.load(memory_order_relaxed)->fire(*this, w, m, present);
    }
    return true;
}

/// Sends the message of a timer that was collected; arms a periodic one again, at the next time of
/// its rhythm that is still to come: what was missed is skipped, not made up for.
TROUPE_APART inline void core::fire(worker& w, message_timer& t, time_point present) noexcept {
    bool const  periodic = t.copy != nullptr;
    cell&       target = *t.target;
    node* const n = periodic ? t.copy(*this, &w, target, *t.message) : t.message;
    w.counters.sent.add(1);
    if (n == nullptr) {
        drop_unbuilt(&w, *t.message->info, t.message->target, drop_cause::pool);
    } else {
        // relaxed: the operations compare the incarnation
        static_cast<void>(
            target.ops.load(memory_order_relaxed)->submit(target, *n, &w, send_mode::internal));
    }
    node*      orphan = nullptr;
    time_point next = never;
    {
        lock_guard const held{timers_mutex_, root_token{}};
        t.firing = false;
        if (!periodic || t.id == 0) {
            if (periodic) orphan = t.message;  // cancelled meanwhile
            put_back(t);
        } else {
            auto const late = (present - t.deadline) / t.interval;
            next = t.deadline + t.interval * (late + 1);
            wheel_.arm(t, next, present);
        }
        note_earliest();
    }
    if (orphan != nullptr) dispose(&w, *orphan);
    if (next != never) timer_armed(next);
}

inline core::message_timer_actions const& core::all_message_timer_actions() noexcept {
    static constexpr message_timer_actions all{
        [](core& home, worker& w, message_timer& t, time_point present) noexcept {
            home.fire(w, t, present);
        },
        [](core& home, worker* w, cell& c) noexcept { home.cancel_messages(w, c); },
    };
    return all;
}

}  // namespace troupe::inline TROUPE_ABI::detail
