// SPDX-License-Identifier: BSL-1.0
#pragma once

// From a reference to a mailbox: enter the system, take a block, build the message, submit it.

#include <cstdint>
#include <new>
#include <utility>

#include "troupe/actor/asking.hpp"
#include "troupe/actor/fiber.hpp"
#include "troupe/actor/handled.hpp"
#include "troupe/config/exceptions.hpp"
#include "troupe/config/hints.hpp"
#include "troupe/meta/initialization.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// How an awaited message was written: `ask(m)` or `ask<M>(arguments...)`.
enum class built : std::uint8_t { outside, in_place };

/// The time in which a thread may touch a system. On a worker of that system it costs a comparison;
/// any other thread goes through the gate, which a system that ends waits for.
class visit {
public:
    visit(cell* target, std::uint64_t incarnation) noexcept {
        if (worker* const w = local(target)) {
            system_ = &w->owner;
            worker_ = w;
        } else if (target == nullptr) {
            refusal_ = send_status::no_target;
        } else {
            // acquire: pairs with the release in core::add_cell_page()
            enter(target->door.load(memory_order_acquire), incarnation);
        }
    }
    ~visit() {
        if (entered_ != nullptr) entered_->leave();
    }
    visit(visit const&) = delete;
    visit& operator=(visit const&) = delete;

    /// The worker of the target's system that runs on this thread; else null.
    static worker* local(cell const* target) noexcept {
        worker* const w = this_thread.on;
        // acquire: pairs with the release in core::add_cell_page()
        bool const here =
            w != nullptr && target != nullptr && w->door == target->door.load(memory_order_acquire);
        return here ? w : nullptr;
    }

    /// The system, or null when there is none to enter.
    core* system() const noexcept { return system_; }
    /// The calling worker of that system; null on every other thread.
    worker* on() const noexcept { return worker_; }
    /// accepted, or why nothing may be sent.
    send_status refusal() const noexcept { return refusal_; }

private:
    void enter(gate* door, std::uint64_t incarnation) noexcept;

    core*       system_ = nullptr;
    worker*     worker_ = nullptr;
    gate*       entered_ = nullptr;
    send_status refusal_ = send_status::accepted;
};

TROUPE_APART inline void visit::enter(gate* door, std::uint64_t incarnation) noexcept {
    if (door == nullptr || !door->enter(incarnation >> serial_shift)) {
        refusal_ = send_status::system_ended;
        return;
    }
    entered_ = door;
    system_ = door->inside();
    // A worker may come here with code of another module, whose `this_thread` is not set.
    worker_ = system_->worker_here();
    if (worker_ == nullptr && system_->draining()) refusal_ = send_status::stopping;
}

/// A message for nobody. If the thread is a worker it is a dead letter of its system, else of the
/// process.
TROUPE_COLD inline void count_stray(message_info const& info, send_status why) noexcept {
    if (worker* const w = this_thread.on) {
        w->owner.count_sent(w);
        w->owner.drop_unbuilt(w, info, 0, drop_cause::dead);
        return;
    }
    // relaxed: a number
    if (why == send_status::system_ended) {
        all_gates.sent_after_end.fetch_add(1, memory_order_relaxed);
    } else {
        all_gates.sent_to_null.fetch_add(1, memory_order_relaxed);
    }
}

/// The header of a message in its block.
TROUPE_HOT node* begin_node(void* memory, message_info const& info,
                            std::uint64_t incarnation) noexcept {
    auto* const n = new (memory) node;
    n->info = &info;
    n->target = incarnation;
    return n;
}

/// Where the message begins, behind its envelope. What is sent for a message belongs to what that
/// belongs to.
TROUPE_APART inline void* put_envelope(void* memory) noexcept {
    auto* const e = new (memory) envelope;
    if ((e->sender = this_thread.acting()) != nullptr) {
        e->incarnation = e->sender->incarnation.load(memory_order_relaxed);  // relaxed: our own
        if (this_thread.on != nullptr) e->correlation = correlation_handled(*this_thread.on);
    }
    return e + 1;
}

/// Memory for a message in the pool of the target's system: `plain`, or with an envelope if the
/// target wants one. Null: there is none.
TROUPE_APART inline node* take_node(core& home, worker* w, cell& target, std::uint64_t incarnation,
                                    message_info const& plain,
                                    message_info const& with_envelope) noexcept {
    // acquire: pairs with the release of the door; the operations of another actor will do, because
    // the message will not be accepted
    bool const          wanted = target.ops.load(memory_order_acquire)->sender;
    message_info const& info = wanted ? with_envelope : plain;
    void* const         memory = home.take_block(w, info.size_class);
    if (memory == nullptr) return nullptr;
    return begin_node(wanted ? put_envelope(memory) : memory, info, incarnation);
}

/// Builds a message in a block of the target's pool. Null: there was no memory. What the message's
/// constructor throws goes on to the caller, and nothing was sent.
template <class Message, class... Arguments>
node* build(
    core& home, worker* w, cell& to, std::uint64_t target,
    Arguments&&... arguments) noexcept(std::is_nothrow_constructible_v<Message, Arguments...>) {
    node* const n = take_node(home, w, to, target, info_of<Message>, info_with_envelope<Message>);
    if (n == nullptr) return nullptr;
    if constexpr (std::is_nothrow_constructible_v<Message, Arguments...>) {
        new (n->message()) Message(static_cast<Arguments&&>(arguments)...);
    } else {
        TROUPE_TRY { new (n->message()) Message(static_cast<Arguments&&>(arguments)...); }
        TROUPE_CATCH_ALL {
            home.give_node(w, *n);
#if TROUPE_HAS_EXCEPTIONS
            throw;
#endif
        }
    }
    return n;
}

/// A message went over the bound of its mailbox: who is acting is muted when its handler ends.
TROUPE_COLD inline void note_over(worker& w, cell& target, std::uint64_t incarnation) noexcept {
    if (cell* const acting = w.now.acting.get()) {
        w.owner.note_overcommit(&w, &w, *acting, target, incarnation);
    }
}

/// Sends a built message of a worker.
TROUPE_HOT submitted send_here(worker& w, cell& target, node& n) noexcept {
    w.counters.sent.add(1);
    // acquire: pairs with the release at birth; the operations of another actor compare the
    // incarnation and refuse
    return target.ops.load(memory_order_acquire)->send(target, n, w);
}

/// Submits a built message: may wait (a thread outside, at a full `block` mailbox, until
/// `deadline`), or note that the acting actor must be muted.
TROUPE_APART inline send_status submit_built(core& home, worker* w, cell& target, node& n,
                                             send_mode mode, time_point deadline) noexcept {
    if (w != nullptr && mode == send_mode::normal) return send_here(*w, target, n).status();
    home.count_sent(w);
    cell* const acting = this_thread.acting();
    // Whoever runs an actor must not wait here, be it an actor of this system or of another.
    bool const may_wait = w == nullptr && acting == nullptr && this_thread.on == nullptr;
    if (mode == send_mode::normal && may_wait) mode = send_mode::hold;
    std::uint64_t const incarnation = n.target;
    // acquire: as in send_here()
    submitted const done = target.ops.load(memory_order_acquire)->submit(target, n, w, mode);
    if (done.kept()) { return home.wait_for_room(target, n, deadline); }
    if (done.over() && acting != nullptr) {
        home.note_overcommit(w, this_thread.on, *acting, target, incarnation);
    }
    return done.status();
}

/// Nothing can be sent to what `here` has found: that is counted.
TROUPE_COLD inline send_status turn_away(visit const& here, message_info const& info,
                                         std::uint64_t incarnation) noexcept {
    if (core* const home = here.system()) {
        home->count_sent(here.on());
        home->drop_unbuilt(here.on(), info, incarnation, drop_cause::dead);
    } else {
        count_stray(info, here.refusal());
    }
    return here.refusal();
}

/// There was no memory for a message: it is counted, and told.
TROUPE_COLD inline send_status count_unbuilt(visit const& here, cell const& target,
                                             std::uint64_t       incarnation,
                                             message_info const& info) noexcept {
    core& home = *here.system();
    home.count_sent(here.on());
    home.drop_unbuilt(here.on(), info, incarnation, drop_cause::pool, &target);
    return send_status::pool_exhausted;
}

/// Submits what build() has given: a message, or null.
inline send_status hand_over(visit const& here, cell& target, std::uint64_t incarnation, node* n,
                             message_info const& info, send_mode mode,
                             time_point deadline) noexcept {
    if (n == nullptr) return count_unbuilt(here, target, incarnation, info);
    return submit_built(*here.system(), here.on(), target, *n, mode, deadline);
}

/// A send in any mode, from any thread. All of it but the building of the message, so that this is
/// compiled once.
class any_send {
public:
    TROUPE_APART any_send(cell* target, std::uint64_t incarnation, message_info const& info,
                          message_info const& with_envelope) noexcept
        : here_(target, incarnation), target_(target), incarnation_(incarnation), info_(info) {
        if (here_.refusal() != send_status::accepted) return;
        to_ = take_node(*here_.system(), here_.on(), *target, incarnation, info, with_envelope);
    }
    /// Where the message is built; null: it cannot be sent.
    node* to() const noexcept { return to_; }
    /// The message was not built: its constructor has thrown.
    void                   give_up() noexcept { here_.system()->give_node(here_.on(), *to_); }
    TROUPE_APART submitted submit(send_mode mode, time_point deadline) noexcept {
        if (here_.refusal() != send_status::accepted) {
            return {turn_away(here_, info_, incarnation_)};
        }
        return {hand_over(here_, *target_, incarnation_, to_, info_, mode, deadline)};
    }

private:
    visit const         here_;
    cell* const         target_;
    std::uint64_t const incarnation_;
    message_info const& info_;
    node*               to_ = nullptr;
};

/// Sends in any mode, from any thread. `deadline` is for threads outside that wait for room.
template <class Message, class... Arguments>
TROUPE_COLD submitted deliver_by(
    cell* target, std::uint64_t incarnation, send_mode mode, time_point deadline,
    Arguments&&... arguments) noexcept(std::is_nothrow_constructible_v<Message, Arguments...>) {
    any_send letter{target, incarnation, info_of<Message>, info_with_envelope<Message>};
    if (node* const n = letter.to()) {
        if constexpr (std::is_nothrow_constructible_v<Message, Arguments...>) {
            new (n->message()) Message(static_cast<Arguments&&>(arguments)...);
        } else {
            TROUPE_TRY { new (n->message()) Message(static_cast<Arguments&&>(arguments)...); }
            TROUPE_CATCH_ALL {
                letter.give_up();
#if TROUPE_HAS_EXCEPTIONS
                throw;
#endif
            }
        }
    }
    return letter.submit(mode, deadline);
}

/// An ordinary send. What it does itself is the usual case: on a worker of the target's system,
/// with a block at hand, for an actor that does not ask who sends.
template <class Message, class... Arguments>
submitted
deliver(cell* target, std::uint64_t incarnation,
        Arguments&&... arguments) noexcept(std::is_nothrow_constructible_v<Message, Arguments...>) {
    if constexpr (std::is_nothrow_constructible_v<Message, Arguments...>) {
        worker* const w = visit::local(target);
        // acquire: as in take_node()
        if (w != nullptr && !target->ops.load(memory_order_acquire)->sender) [[likely]] {
            if (void* const memory = w->rack.take_at_hand(node_class<Message, 0>)) [[likely]] {
                node* const n = begin_node(memory, info_of<Message>, incarnation);
                new (n->message()) Message(static_cast<Arguments&&>(arguments)...);
                return send_here(*w, *target, *n);
            }
        }
    }
    return deliver_by<Message>(target, incarnation, send_mode::normal, never,
                               static_cast<Arguments&&>(arguments)...);
}

/// Whether the calling thread is a worker of the target's system, or runs an actor of any system.
TROUPE_APART inline bool runs_on_worker(cell* target, std::uint64_t incarnation) noexcept {
    if (this_thread.on != nullptr || this_thread.acting() != nullptr) return true;
    visit const here{target, incarnation};
    return here.on() != nullptr;
}

/// The asker's end of an ask: holds its slot, and for it the memory of the target's system, but not
/// the system: that may end before the outcome is taken.
class asked {
public:
    asked() noexcept = default;
    asked(asked&& other) noexcept
        : system_(other.system_),
          slot_(std::exchange(other.slot_, nullptr)),
          holds_(std::exchange(other.holds_, false)) {}
    asked& operator=(asked&&) = delete;
    ~asked() { leave(true); }

    reply_slot* slot() const noexcept { return slot_; }

    /// `slot` is now this ask's.
    void hold(visit const& here, reply_slot& slot) noexcept {
        system_ = here.system();
        slot_ = &slot;
        holds_ = here.on() == nullptr;  // what a worker's actor holds ends before its system
        if (holds_) system_->hold();
    }

    /// Sleeps until there is an outcome; the thread that drives the system runs it meanwhile.
    TROUPE_APART void wait() noexcept {
        if (system_->drives_here()) {
            while (!slot_->finished()) {
                if (!system_->run_once() && !slot_->finished()) {
                    system_->wait_for_work(parker::forever);
                }
            }
            return;
        }
        parker mine;
        slot_->thread = &mine;
        if (announce()) mine.park_briefly();
        // `thread` stays: there is an outcome, so nobody uses it, but who came second may read it.
    }

    /// As wait(), for at most `patience` of real time. False: it is over, and the outcome
    /// `expired`.
    TROUPE_APART bool wait_for(duration patience) noexcept {
        time_point const end = real_time() + patience;
        if (system_->drives_here()) {
            while (!slot_->finished() && left_until(end).count() != 0) {
                if (!system_->run_once() && !slot_->finished()) {
                    system_->wait_for_work(left_until(end));
                }
            }
            std::uint32_t before = 0;
            return !slot_->settle(reply_slot::error(ask_errc::expired), 0, before);
        }
        parker mine;
        slot_->thread = &mine;
        bool woken = !announce();
        while (!woken && left_until(end).count() != 0) woken = mine.park_for(left_until(end));
        std::uint32_t before = 0;
        bool const there = woken || !slot_->settle(reply_slot::error(ask_errc::expired), 0, before);
        // Who came first wakes this thread once, and then needs the parker no more.
        if (there && !woken) mine.park();
        return there;  // `thread` stays, as in wait()
    }

    core* system() const noexcept { return system_; }

    /// Suspends the acting actor's handler; false when the outcome is already there.
    bool suspend(std::coroutine_handle<> leaf, fiber& root, cell& target) noexcept {
        if (slot_->finished()) return false;
        cell&   me = *this_thread.acting();
        worker& w = *this_thread.on;
        // seq_cst: pairs with reply_access::take(), which defers and then looks for the asker
        if (!slot_->deferred.load(memory_order_seq_cst) &&
            w.owner.ask_closes_cycle(w, me, target)) {
            std::uint32_t before = 0;
            slot_->settle(reply_slot::error(ask_errc::cycle), 0, before);
            return false;
        }
        root.leaf = leaf;
        root.reply = slot_;
        root.asked = &target;
        if (announce_to(me)) {
            // A reply that was taken out of its handler comes from anywhere: no cycle is provable.
            if (slot_->deferred.load(memory_order_seq_cst)) w.owner.clear_edge(me);
            return true;
        }
        root.leaf = nullptr;
        root.reply = nullptr;
        w.owner.clear_edge(me);
        return false;
    }

    /// After the outcome was taken out of the slot.
    void close() noexcept { leave(false); }

private:
    /// As announce(); if the message left with the asker's name nothing is left to say.
    bool announce_to(cell& me) noexcept {
        // seq_cst: pairs with reply_access::take()
        std::uint32_t const now = slot_->state.load(memory_order_seq_cst);
        if ((now & reply_slot::asker_waits) != 0) {
            return reply_slot::outcome(now) == reply_slot::pending;
        }
        slot_->asker = &me;
        slot_->asker_incarnation = me.incarnation.load(memory_order_relaxed);  // relaxed: our own
        return announce();
    }
    /// From now on whoever finishes the slot tells. False when it is finished.
    bool announce() noexcept {
        // release: whom to tell; acquire: the outcome; seq_cst: pairs with reply_access::take()
        return reply_slot::outcome(slot_->state.fetch_or(
                   reply_slot::asker_waits, memory_order_seq_cst)) == reply_slot::pending;
    }
    TROUPE_APART void leave(bool unread) noexcept {
        if (reply_slot* const s = std::exchange(slot_, nullptr)) {
            worker* const w = this_thread.on;
            system_->leave_slot(w != nullptr && &w->owner == system_ ? w : nullptr, *s, unread);
        }
        if (std::exchange(holds_, false)) system_->release();
    }

    core*       system_ = nullptr;
    reply_slot* slot_ = nullptr;
    bool        holds_ = false;
};

}  // namespace troupe::inline TROUPE_ABI::detail
