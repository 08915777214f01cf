// SPDX-License-Identifier: BSL-1.0
#pragma once

// Back-pressure: who has sent to a full `block` mailbox is not run again until there is room, and a
// wait that would close a cycle is let through. Nothing here runs unless a mailbox is full.
// More: docs/design/0002-mailboxes.md

#include <utility>

#include "troupe/actor/fiber.hpp"
#include "troupe/actor/memory_of_core.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// The wait edge of a cell: whom it waits for, and an epoch, so that a search that reads it twice
/// knows whether it stood still in between.
struct wait_edge {
    static constexpr int           epoch_at = 44;
    static constexpr std::uint64_t for_room = std::uint64_t{1} << 63;  // else for a reply
    static std::uint64_t make(cell& target, std::uint32_t epoch, std::uint64_t kind) noexcept {
        return (reinterpret_cast<std::uintptr_t>(&target) >> 4) | kind |
               ((std::uint64_t{epoch} << epoch_at) & ~for_room);
    }
    static cell* target(std::uint64_t edge) noexcept {
        return reinterpret_cast<cell*>((edge & ((std::uint64_t{1} << epoch_at) - 1)) << 4);
    }
};

inline void core::set_edge(cell& waiter, cell& target, std::uint64_t kind) noexcept {
    // seq_cst: of two that begin to wait for each other one sees the other
    waiter.wait_edge.store(wait_edge::make(target, ++waiter.edge_epoch, kind),
                           memory_order_seq_cst);
}

inline void core::clear_edge(cell& c) noexcept {
    // relaxed: a search that reads the old value reads it twice
    if (c.wait_edge.load(memory_order_relaxed) != 0) { c.wait_edge.store(0, memory_order_relaxed); }
}

/// Takes away the edge of the asker's wait for this slot, whose reply was taken out of its handler
/// by `target`. The asker sets another edge only when the slot is finished; so one that was read
/// while it was not is this one, or has changed.
inline void core::drop_edge(reply_slot const& slot, cell& target) noexcept {
    cell& waiter = *slot.asker;
    // seq_cst: pairs with asked::suspend(), which sets the edge and then looks whether the reply
    // was taken away
    std::uint64_t edge = waiter.wait_edge.load(memory_order_seq_cst);
    if ((edge & wait_edge::for_room) == 0 && wait_edge::target(edge) == &target &&
        !slot.finished()) {
        // relaxed: a search that reads the old value reads it twice
        waiter.wait_edge.compare_exchange_strong(edge, 0, memory_order_relaxed,
                                                 memory_order_relaxed);
    }
}

/// Whether `target` waits, through others, for `waiter`. Edges change under our feet; a cycle does
/// not. Reading the chain twice and finding the same values shows that all edges stood together at
/// the moment between. `muted` becomes one that waits for room in the chain, if there is one.
TROUPE_APART inline bool core::closes_cycle(cell& waiter, cell& target,
                                            cell*& muted) const noexcept {
    muted = nullptr;
    if (&waiter == &target) return true;
    constexpr int steps_max = 1000;  // a longer chain is taken for no cycle
    std::uint64_t first_sum = 0;
    for (int pass = 0; pass < 2; ++pass) {
        std::uint64_t sum = 0;
        cell*         at = &target;
        for (int i = 0; at != &waiter; ++i) {
            // seq_cst: pairs with set_edge()
            std::uint64_t const edge = at->wait_edge.load(memory_order_seq_cst);
            if (edge == 0 || i == steps_max) return false;
            if ((edge & wait_edge::for_room) != 0) muted = at;
            sum = sum * 1099511628211u + edge;
            at = wait_edge::target(edge);
        }
        if (pass == 0) first_sum = sum;
        else return sum == first_sum;
    }
    return false;
}

/// A message of `sender` went over the bound of a mailbox of this system. Its owner calls, or the
/// thread that builds it; `w` is null where that is not a worker of this system. The note is memory
/// of the sender's system, and holds this one.
TROUPE_APART inline void core::note_overcommit(worker* w, worker* sender_on, cell& sender,
                                               cell& target, std::uint64_t incarnation) noexcept {
    if (w != nullptr) {
        w->counters.overcommitted.add(1);
    } else {
        lock_guard const held{foreign_mutex_, root_token{}};
        foreign_.counters.overcommitted.add(1);
    }
    // acquire: pairs with the release at birth; of another actor by now the number is as good
    note_depth(w, target.ops.load(memory_order_acquire)->depth(target.box));
    if (&sender == &target) {
        // The cycle of one: an actor that sends to itself would wait for itself.
        if (w != nullptr) w->counters.cycles.add(1);
        sender.sent_to_full_self = 1;
        return;
    }
    for (wait_record* r = sender.muted; r != nullptr; r = r->next_noted) {
        if (r->target == &target && r->incarnation == incarnation) return;
    }
    core&       home = *sender.door.load(memory_order_relaxed)->inside();  // relaxed: our own
    void* const memory = home.take_block(sender_on, size_class_of(sizeof(wait_record)));
    if (memory == nullptr) return;  // no memory to wait with: the actor goes on
    auto* const r = new (memory) wait_record;
    r->target = &target;
    r->incarnation = incarnation;
    r->system = this;
    if (&home != this) hold();
    r->waiter = &sender;
    r->waiter_incarnation = sender.incarnation.load(memory_order_relaxed);  // relaxed: our own
    r->next_noted = sender.muted;
    sender.muted = r;
}

/// The owner of the waiting actor is done with a record.
inline void core::drop_record(worker* w, wait_record& r) noexcept {
    core* const there = r.system;
    if (there == this) tell_wait(r);
    r.~wait_record();
    give_block(w, &r, size_class_of(sizeof(wait_record)));
    if (there != this) there->release();
}

/// Puts a waiter into the queue of a full mailbox of this system. Otherwise there is no reason to
/// wait, because there is room or the target is gone; or the wait would close a cycle and is let
/// through.
TROUPE_APART inline core::waits core::enlist(cell* waiter, wait_record& r) noexcept {
    cell&            target = *r.target;
    time_point const present = measured_ ? now() : never;
    lock_guard const held{waiting_mutex_, root_token{}};
    // acquire: pairs with the release at birth
    if (target.incarnation.load(memory_order_acquire) != r.incarnation) return waits::room;
    // seq_cst: announce, then read the depth; the owner folds or goes idle, then reads the bit. If
    // the target stops it has seen the bit, or we see that it stops. Then the bit stays behind, for
    // nobody.
    std::uint64_t const was = target.control.fetch_or(control::waiters, memory_order_seq_cst);
    if (((was ^ r.incarnation << control::generation_at) >> control::generation_at) != 0 ||
        (was & control::stopping) != 0) {
        return waits::room;
    }
    cell_ops const&     ops = *target.ops.load(memory_order_relaxed);
    wait_queue          queue{target.waiters};
    std::uint32_t const depth = ops.depth(target.box);
    bool const          room =
        r.held != nullptr ? depth < ops.capacity && queue.empty() : depth <= ops.low_water;
    if (room) {
        // seq_cst: as above; nobody stands in the queue
        if (queue.empty()) target.control.fetch_and(~control::waiters, memory_order_seq_cst);
        return waits::room;
    }
    if (waiter != nullptr) {
        cell* muted = nullptr;
        set_edge(*waiter, target, wait_edge::for_room);
        // seq_cst: of two that begin to wait for each other one sees the other
        if ((&target == waiter || target.wait_edge.load(memory_order_seq_cst) != 0) &&
            closes_cycle(*waiter, target, muted)) {
            clear_edge(*waiter);
            return waits::cycle;
        }
    }
    queue.push(r);
    ++waits_begun_;
    r.since = present;
    r.full = &ops;
    if (r.held != nullptr) ++messages_waiting_;
    r.state.store(wait_record::phase::enlisted, memory_order_relaxed);  // relaxed: under the lock
    return waits::enlisted;
}

TROUPE_COLD inline void core::note_wait() noexcept {
    lock_guard const held{waiting_mutex_, root_token{}};
    ++waits_begun_;
}

/// A wait in this system is over, or was none.
inline void core::tell_wait(wait_record const& r) noexcept {
    if (r.since == never) return;
    sample(metric::sender_wait_seconds, r.full->actor_name, now() - r.since);
}

/// Takes a waiter out of its queue, if it is still there.
TROUPE_APART inline void core::withdraw(wait_record& r) noexcept {
    lock_guard const held{r.system->waiting_mutex_, root_token{}};
    if (r.state.load(memory_order_relaxed) != wait_record::phase::enlisted) return;
    wait_queue queue{r.target->waiters};
    queue.remove(r);
    if (r.held != nullptr) --r.system->messages_waiting_;
    // seq_cst: as in enlist()
    if (queue.empty()) r.target->control.fetch_and(~control::waiters, memory_order_seq_cst);
    r.state.store(wait_record::phase::noted, memory_order_relaxed);  // relaxed: under the lock
}

/// The owner, when a handler has ended that had sent to full mailboxes. True when the actor must
/// wait for one of them.
inline bool core::settle_mutes(worker& w, cell& c) noexcept {
    while (wait_record* const r = c.muted) {
        // acquire: pairs with the release in release_waiters()
        wait_record::phase const state = r->state.load(memory_order_acquire);
        if (state == wait_record::phase::enlisted) return true;
        if (state == wait_record::phase::noted) {
            waits const outcome = r->system->enlist(&c, *r);
            if (outcome == waits::enlisted) return true;
            if (outcome == waits::cycle) tell_cycle(w, c, "a send goes over the bound");
        }
        c.muted = r->next_noted;
        drop_record(&w, *r);
    }
    wait_on(w, c);
    return false;
}

/// Of an actor that was muted, and whose handler waits for room somewhere: shows that wait again,
/// if it goes on. True when it closes a cycle.
TROUPE_COLD inline bool core::room_closes_cycle(cell& c, wait_record& r) noexcept {
    lock_guard const held{r.system->waiting_mutex_, root_token{}};
    clear_edge(c);
    if (r.state.load(memory_order_relaxed) != wait_record::phase::enlisted) return false;
    set_edge(c, *r.target, wait_edge::for_room);
    cell* muted = nullptr;
    // seq_cst: of two that begin to wait for each other one sees the other
    if (r.target->wait_edge.load(memory_order_seq_cst) == 0) return false;
    if (!closes_cycle(c, *r.target, muted)) return false;
    clear_edge(c);
    return true;
}

/// The owner of a suspended handler: its message goes over the bound instead of waiting.
TROUPE_COLD inline void core::let_through(worker& w, cell& c, wait_record& r) noexcept {
    withdraw(r);
    // acquire: pairs with the release in let_go(): it was let in meanwhile
    if (r.state.load(memory_order_acquire) == wait_record::phase::released) return;
    node&      n = *std::exchange(r.held, nullptr);
    bool const here = r.system == this;
    // acquire: pairs with the release in add_cell_page()
    gate& door = *r.target->door.load(memory_order_acquire);
    if (!here && !door.enter(r.incarnation >> serial_shift)) {
        r.system->drop(nullptr, n, drop_cause::dead);
        r.outcome = send_status::system_ended;
    } else {
        // acquire: pairs with the release at birth
        auto const submit = r.target->ops.load(memory_order_acquire)->submit;
        r.outcome = submit(*r.target, n, here ? &w : nullptr, send_mode::internal).status();
        if (!here) door.leave();
    }
    r.state.store(wait_record::phase::released, memory_order_relaxed);  // relaxed: our own
    tell_cycle(w, c, "a send goes over the bound");
}

/// The actor has waited for room; if its handler is suspended too, what it waits for now is a
/// reply, or room for a message that it holds.
TROUPE_APART inline void core::wait_on(worker& w, cell& c) noexcept {
    fiber* const f = c.awaiting;
    if (f != nullptr && f->room != nullptr) {
        if (!room_closes_cycle(c, *f->room)) return;
        let_through(w, c, *f->room);
    }
    if (f == nullptr || f->reply == nullptr || f->asked == nullptr || f->reply->finished() ||
        f->reply->deferred.load(memory_order_seq_cst)) {
        clear_edge(c);
        return;
    }
    if (!ask_closes_cycle(w, c, *f->asked)) return;
    std::uint32_t before = 0;
    f->reply->settle(reply_slot::error(ask_errc::cycle), 0, before);
}

/// The owner, when its mailbox has drained: lets waiters in, first come first served, as many as
/// there is room. An empty mailbox lets all waiting actors go: nothing else would. Two kinds of
/// starvation end with a full turn, where one waiter goes in: an actor that fills its own mailbox,
/// and a load that keeps the depth between low water and capacity for long.
TROUPE_APART inline void core::release_waiters(worker& w, cell& c, std::uint32_t depth,
                                               bool end_of_turn) noexcept {
    cell_ops const& ops = *c.ops.load(memory_order_relaxed);
    bool            one = false;
    if (depth > ops.low_water) {
        constexpr std::uint32_t full_turns_max = 64;
        if (!end_of_turn) return;
        if (c.full_turns < full_turns_max) c.full_turns = (c.full_turns + 1) & 0x7f;
        one = c.sent_to_full_self != 0 || (c.full_turns == full_turns_max && depth < ops.capacity);
        if (!one) return;
    }
    c.full_turns = 0;
    c.sent_to_full_self = 0;
    lock_guard const held{waiting_mutex_, root_token{}};
    wait_queue       queue{c.waiters};
    bool const       all = depth == 0;
    while (!queue.empty() && (all || one || depth < ops.capacity)) {
        wait_record& r = *c.waiters->next;
        if (r.held != nullptr) {
            if (depth >= ops.capacity && !one) break;
            // The owner holds the run right, so this only queues. Since the depth was read others
            // may have taken the place: they saw nobody wait.
            submitted const done =
                ops.submit(c, *r.held, &w, one ? send_mode::internal : send_mode::next);
            if (done.kept()) break;
            r.outcome = done.status();
            --messages_waiting_;
        }
        queue.pop();
        depth = one ? ops.capacity : depth + 1;
        one = false;
        let_go(&w, r, held);
    }
    if (queue.empty()) {
        // seq_cst: as in enlist()
        c.control.fetch_and(~control::waiters, memory_order_seq_cst);
    }
}

/// The record may be gone when this returns.
template <class Token>
void core::let_go(worker* w, wait_record& r, Token const& token) noexcept {
    cell* const         waiter = r.waiter;
    std::uint64_t const incarnation = r.waiter_incarnation;
    parker* const       thread = r.thread;
    // release: pairs with the acquire in settle_mutes() and wait_for_room()
    r.state.store(wait_record::phase::released, memory_order_release);
    if (waiter != nullptr) resume(w, *waiter, incarnation, token);
    if (thread != nullptr) thread->unpark();
}

/// What an actor waits for may have come; it may be of another system, and may be gone.
TROUPE_APART inline void core::resume(worker* w, cell& c, std::uint64_t incarnation,
                                      ready_token token) noexcept {
    std::uint64_t const generation = incarnation << control::generation_at;
    // acquire: pairs with the release in add_cell_page()
    gate* const door = c.door.load(memory_order_acquire);
    if (door == door_) {
        wake(w, c, generation, control::resume, token);
    } else if (door != nullptr && door->enter(incarnation >> serial_shift)) {
        door->inside()->wake(nullptr, c, generation, control::resume, token);
        door->leave();
    }
}

/// Lets one muted actor go, wherever it stands in its queue, and whichever system that is of. False
/// when it waits with a message in hand, which only the owner of the mailbox may queue.
TROUPE_COLD inline bool core::unmute(worker& w, cell& muted) noexcept {
    // acquire: the target was alive when it was waited for
    cell* const target = wait_edge::target(muted.wait_edge.load(memory_order_acquire));
    if (target == nullptr) return true;
    gate* const         door = target->door.load(memory_order_acquire);
    std::uint64_t const incarnation = target->incarnation.load(memory_order_acquire);
    if (door == door_) {
        lock_guard const held{waiting_mutex_, root_token{}};
        return unmute_here(&w, muted, held);
    }
    // One that has ended lets everybody go by itself.
    if (door == nullptr || !door->enter(incarnation >> serial_shift)) return true;
    core& there = *door->inside();
    bool  done = true;
    {
        lock_guard const held{there.waiting_mutex_, root_token{}};
        done = there.unmute_here(nullptr, muted, held);
    }
    door->leave();
    return done;
}

/// This is the system that it waits for.
template <class Token>
bool core::unmute_here(worker* w, cell& muted, Token const& token) noexcept {
    // relaxed: under the lock the edge of one that is enlisted does not change
    cell* const target = wait_edge::target(muted.wait_edge.load(memory_order_relaxed));
    // Meanwhile it may wait for somebody of another system; then the cycle is broken.
    if (target == nullptr || target->door.load(memory_order_relaxed) != door_) return true;
    wait_record* r = target->waiters;
    if (r == nullptr) return true;
    do {
        r = r->next;
        if (r->waiter != &muted) continue;
        if (r->held != nullptr) return false;
        wait_queue{target->waiters}.remove(*r);
        let_go(w, *r, token);
        return true;
    } while (r != target->waiters);
    return true;
}

/// The target ends: nobody waits for it any more. What waited with its message gets it back as a
/// dead letter.
TROUPE_COLD inline void core::release_all_waiters(worker& w, cell& c) noexcept {
    node* dead = nullptr;
    {
        lock_guard const held{waiting_mutex_, root_token{}};
        wait_queue       queue{c.waiters};
        while (wait_record* const r = queue.pop()) {
            if (node* const n = r->held) {
                --messages_waiting_;
                r->held = nullptr;
                r->outcome = send_status::no_target;
                n->next.store(dead, memory_order_relaxed);  // relaxed: the message is ours
                dead = n;
            }
            let_go(&w, *r, held);
        }
    }
    while (node* const n = dead) {
        dead = n->next.load(memory_order_relaxed);
        drop(&w, *n, drop_cause::dead);
    }
}

/// The target is restarted: who is muted for it goes on, and may be muted again. Who stands there
/// with a message in hand stays, in the same order.
TROUPE_COLD inline void core::release_muted(worker& w, cell& c) noexcept {
    lock_guard const held{waiting_mutex_, root_token{}};
    wait_record*     last = nullptr;
    wait_queue       all{c.waiters};
    wait_queue       staying{last};
    while (wait_record* const r = all.pop()) {
        if (r->held != nullptr) staying.push(*r);
        else let_go(&w, *r, held);
    }
    c.waiters = last;
    // seq_cst: as in enlist()
    if (last == nullptr) c.control.fetch_and(~control::waiters, memory_order_seq_cst);
}

/// The waiting actor ends: it leaves all queues.
TROUPE_COLD inline void core::forget_mutes(worker* w, cell& c) noexcept {
    while (wait_record* const r = c.muted) {
        withdraw(*r);
        c.muted = r->next_noted;
        drop_record(w, *r);
    }
    clear_edge(c);
}

/// A thread that is not a worker waits until its message is taken. The thread that drives the
/// system runs it meanwhile.
TROUPE_APART inline send_status core::wait_for_room(cell& c, node& n,
                                                    time_point deadline) noexcept {
    cell_ops const& ops = *c.ops.load(memory_order_relaxed);
    parker          mine;
    thread_timer    alarm;
    alarm.what = timer_entry::kind::thread;
    alarm.thread = &mine;
    if (deadline != never) arm(alarm, deadline);
    if (drives_here()) {
        submitted   done{send_status::full, false, true};
        wait_record waited;
        waited.full = &ops;
        if (measured_) waited.since = now();
        note_wait();
        // The alarm is in the wheel, so wait_for_work() does not sleep past it.
        while (!fired(alarm)) {
            done = ops.submit(c, n, nullptr, send_mode::hold);
            if (!done.kept()) break;
            if (!run_once()) wait_for_work(parker::forever);
        }
        if (deadline != never) disarm(alarm);
        tell_wait(waited);
        if (!done.kept()) return done.status();
        drop(nullptr, n, drop_cause::refused);
        return send_status::timed_out;
    }
    wait_record r;
    r.target = &c;
    r.incarnation = n.target;
    r.system = this;
    r.thread = &mine;
    r.held = &n;
    send_status status = send_status::timed_out;
    for (;;) {
        if (enlist(nullptr, r) != waits::enlisted) {
            // There is room now, or the target is gone.
            submitted const done = ops.submit(c, n, nullptr, send_mode::hold);
            if (done.kept()) continue;
            status = done.status();
            break;
        }
        bool waiting = true;
        while (waiting && !fired(alarm)) {
            mine.park();
            // acquire: pairs with the release in let_go()
            waiting = r.state.load(memory_order_acquire) == wait_record::phase::enlisted;
        }
        // Also when it was let go: who does that holds the lock until the parker is not needed.
        withdraw(r);
        // acquire: as above
        if (r.state.load(memory_order_acquire) == wait_record::phase::released) {
            status = r.outcome;
        } else {
            drop(nullptr, n, drop_cause::refused);
        }
        break;
    }
    if (deadline != never) disarm(alarm);
    tell_wait(r);
    return status;
}

/// A wait was let through: it is counted. The log is told at the 1st, 2nd, 4th, 8th ... time.
TROUPE_COLD inline void core::tell_cycle(worker& w, cell& c, std::string_view what) noexcept {
    w.counters.cycles.add(1);
    std::uint64_t const seen = w.counters.cycles.get();
    if ((seen & (seen - 1)) != 0) return;
    tell(log_event::wait_cycle, {.who = &c,
                                 .incarnation = c.incarnation.load(memory_order_acquire),
                                 .detail = what,
                                 .fields = {{"seen", seen}}});
}

/// The asker is about to wait for the target. If that closes a cycle in which somebody waits for
/// room only, that one is let go; true when all wait for replies, so that none would ever come.
TROUPE_HOT bool core::ask_closes_cycle(worker& w, cell& asker, cell& target) noexcept {
    set_edge(asker, target, 0);
    // seq_cst: of two that begin to wait for each other one sees the other
    if (&asker != &target && target.wait_edge.load(memory_order_seq_cst) == 0) [[likely]]
        return false;
    return edge_closes_cycle(w, asker, target);
}
inline bool core::edge_closes_cycle(worker& w, cell& asker, cell& target) noexcept {
    cell* muted = nullptr;
    {
        // One search at a time: of two that close a cycle together only one fails. (Of two in two
        // systems both may.)
        lock_guard const held{waiting_mutex_, root_token{}};
        if (!closes_cycle(asker, target, muted)) return false;
        if (muted == nullptr) clear_edge(asker);
    }
    bool const for_replies = muted == nullptr || !unmute(w, *muted);
    if (for_replies) clear_edge(asker);
    tell_cycle(w, asker, for_replies ? "an ask fails" : "a send goes over the bound");
    return for_replies;
}

}  // namespace troupe::inline TROUPE_ABI::detail
