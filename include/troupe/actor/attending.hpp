// SPDX-License-Identifier: BSL-1.0
#pragma once

// What an actor does besides messages, and how it ends. Each step is a turn of one actor: nobody
// waits for another and no lock is held.
//
//     running -> failed -> replacing -> down -> running   a restart: restarting.hpp
//     any of them -> stopping -> ending                   stop wins everywhere
//
// All steps: phase.hpp
//
// Stopping is a walk over the tree: an actor that is told to stop closes its mailbox, ends its
// children one after the other, the youngest first, each with all of its own, and then itself. The
// child that has ended gives its parent the next turn.

#include "troupe/actor/hooks.hpp"
#include "troupe/actor/life.hpp"
#include "troupe/actor/make_failure.hpp"
#include "troupe/actor/tree.hpp"
#include "troupe/config/assert.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// The holder of the run right: the actor stands somewhere else from here on.
inline void core::enter(cell& c, phase next) noexcept {
    // relaxed: only the owner writes these bits, so adding the difference sets them; who reads them
    // from outside takes them for a hint, or was told by somebody
    TROUPE_ASSERT(leads_to(c.stands(), next), "an actor took a step that is not in the table");
    std::uint64_t const now = c.control.load(memory_order_relaxed) & control::phase_mask;
    c.control.fetch_add(control::of(next) - now, memory_order_relaxed);
}

/// The owner, when the control word asks for it.
TROUPE_APART inline core::attention core::attend(worker& w, cell& c) noexcept {
    for (;;) {
        // acq_rel: takes over what was written before the bits were set
        std::uint64_t const bits = c.control.fetch_and(~control::transient, memory_order_acq_rel);
        if ((bits & control::notice) != 0) take_notices(w, c);
        family* const f = (bits & control::due) == 0 ? nullptr : family_of(c);
        if (f != nullptr) supervision_by(c).end_of_delay(*this, w, c, *f);
        if ((bits & control::stopping) == 0) {
            if ((bits & control::stop) != 0) begin_stop(w, c, ordered_to_end(c));
            else if ((bits & control::failing) != 0) has_failed(w, c);
        }
        attention const next = step(w, c, bits);
        if (next == attention::stay) {
            if (park(c)) return attention::parked;
            continue;
        }
        if (next == attention::go_on && has_arrivals(c) && ties()->hear_link(*this, w, c)) {
            continue;
        }
        // What was found above may have made it fail: it does not handle another message.
        constexpr std::uint64_t first = control::stop | control::failing;
        if (next != attention::go_on || (c.control.load(memory_order_relaxed) & first) == 0) {
            return next;
        }
    }
}

inline core::attention core::step(worker& w, cell& c, std::uint64_t bits) noexcept {
    switch (c.stands()) {
        case phase::running:
            if ((bits & control::ordered) == 0) return attention::go_on;
            [[fallthrough]];
        case phase::failed:
        case phase::replacing:
        case phase::down: return supervision_by(*c.above()).step(*this, w, c, bits);
        case phase::stopping: return hooks_of(c).wait(*this, w, c, bits);
        case phase::ending: return wind_up(w, c);
    }
    return attention::stay;
}

inline void core::has_failed(worker& w, cell& c) noexcept {
    seat* const s = seat_of(c);
    if (s == nullptr) begin_stop(w, c, control::faulty);
    else supervision_by(*c.above()).fall(*this, w, c, *s);
}

/// A verdict may come together with the stop that follows from it, when the parent ends by it.
inline std::uint64_t core::ordered_to_end(cell const& c) noexcept {
    seat const* const s = seat_of(c);
    // acquire: pairs with the release in command()
    if (s == nullptr || s->ordered.load(memory_order_acquire) != order::stop) return 0;
    return s->left ? control::exits : control::faulty;
}

/// The frame of a suspended handler goes; true when there was one. Its message is at the head.
inline bool core::drop_frame(worker& w, cell& c) noexcept {
    fiber* const suspended = c.awaiting;
    if (suspended == nullptr) return false;
    c.awaiting = nullptr;
    suspended->destroy(*suspended);
    w.now.failure = nullptr;  // destructors in the frame may have called fail()
    w.counters.resumed.add(1);
    return true;
}

/// Calls code of the actor between messages. False: it has failed, which is told and changes
/// nothing; it was late, which is told, too.
template <class Call>
bool core::call_out(worker& w, cell& c, failed_in where, duration deadline,
                    Call const& call) noexcept {
    role_scope       role{&w, &c, to_string(where).data()};  // a literal, which ends with zero
    time_point const begun = now();
    bool const       well =
        role.run(call, [&](std::string_view words, std::exception_ptr const& thrown) noexcept {
            hook_failed(w, c, where, words, thrown);
        });
    if (now() - begun > deadline) tell_overdue(c, where);
    return well;
}

/// Calls code of the actor that makes it fail. `where` it was is looked at afterwards.
template <class Call>
bool core::run_or_fail(worker& w, cell& c, char const* name, failed_in const& where,
                       Call const& call) noexcept {
    role_scope role{&w, &c, name};
    return role.run([&] { call(role); },
                    [&](std::string_view words, std::exception_ptr const& thrown) noexcept {
                        fail(w, c, {.who = c, .where = where, .words = words, .error = thrown},
                             true);
                    });
}

/// The hook of a new object, whose role the thread has. May throw.
inline void core::call_started(role_scope& role, cell& c) {
    life_ops const&  life = *c.ops.load(memory_order_relaxed)->life;  // relaxed: our own
    time_point const begun = now();
    role.goes_on_with("started");
    life.started(c);
    if (now() - begun > life.deadlines.started) tell_overdue(c, failed_in::started);
}

TROUPE_COLD inline void core::hook_failed(worker& w, cell& c, failed_in where,
                                          std::string_view          words,
                                          std::exception_ptr const& thrown) noexcept {
    tell_failure(
        *this, &w,
        {.who = c, .where = where, .words = words, .error = thrown, .attempt = attempt_of(c)},
        log_event::hook_failed);
}
/// The timer of this actor that woke it, or one before that: `due` tells of both.
inline bool core::is_over(actor_timer const& t) noexcept { return now() >= t.deadline; }

TROUPE_COLD inline void core::tell_overdue(cell& c, failed_in where) noexcept {
    tell(log_event::hook_overdue, {.who = &c, .detail = to_string(where)});
    count(metric::hooks_overdue, type_of(c));
}

/// False: the object was never started, or has been told already that it is replaced.
inline bool core::has_hooks(cell const& c) noexcept {
    return (c.control.load(memory_order_relaxed) & control::hookless) == 0;  // relaxed: our own
}

/// `cause` is control::faulty, control::exits, or nothing.
TROUPE_APART inline void core::begin_stop(worker& w, cell& c, std::uint64_t cause) noexcept {
    cell_ops const& ops = *c.ops.load(memory_order_relaxed);
    phase const     before = c.stands();
    // Null, too, where no hook is called any more.
    life_ops const* const life = ops.life == nullptr || !is_whole(c, before) ? nullptr : ops.life;
    std::uint64_t const   bits =
        control::stopping | cause | (before == phase::running ? control::of(phase::ending) : 0);
    // seq_cst: pairs with core::enlist(), and with end() of a child
    std::uint64_t const was = c.control.fetch_or(bits, memory_order_seq_cst);
    if (before != phase::running) [[unlikely]]
        enter(c, phase::ending);
    if (annex_of(c) != nullptr) [[unlikely]]
        leave_plans(c);
    let_loose(w, c);
    // The frame first, then the message it refers to: the first of the letters below.
    bool  begun = drop_frame(w, c);
    node* letters = ops.close(c.box, c.head);
    while (node* const n = letters) [[unlikely]] {
        letters = n->next.load(memory_order_relaxed);  // relaxed: the chain is ours
        bool const back = life != nullptr && life->hand_back != nullptr && !begun &&
                          life->hooks().hand_back(*this, w, c, *n);
        drop(&w, *n, back ? drop_cause::handed_back : drop_cause::dead, &c);
        begun = false;
    }
    if ((was & control::waiters) != 0) [[unlikely]]
        release_all_waiters(w, c);
    if (life != nullptr && life->stopping != nullptr) life->hooks().begin(*this, w, c);
}

/// It has an object that was started and not yet told of its end.
inline bool core::is_whole(cell const& c, phase stands) noexcept {
    return has_hooks(c) &&
           (stands == phase::running || (stands == phase::failed && seat_of(c)->built));
}

/// It neither comes back after a delay, nor does a group of its children.
TROUPE_COLD inline void core::leave_plans(cell& c) noexcept {
    if (seat* const s = seat_of(c)) supervision_by(*c.above()).forget_delay(*this, *s);
    if (family* const f = family_of(c)) supervision_by(c).forget_group(*this, c, *f);
}

/// A message that waits goes back to its actor, if that wants it.
TROUPE_COLD inline bool core::hand_back(worker& w, cell& c, node& n) noexcept {
    life_ops const& life = *c.ops.load(memory_order_relaxed)->life;
    bool            taken = false;
    return call_out(w, c, failed_in::hand_back, duration::max(),
                    [&] { taken = life.hand_back(c, n); }) &&
           taken;
}

/// From here on no `stopping` waits for anything: the time of the system is nearly over.
TROUPE_COLD inline void core::hurry() noexcept {
    // seq_cst: pairs with begin_hook(); of the two one sees the other
    hurries_.store(true, memory_order_seq_cst);
    for (page* p = first_page(root_token{}); p != nullptr; p = p->next) {
        auto* const cells = reinterpret_cast<cell*>(p->memory);
        for (std::size_t i = 0; i < cells_per_page; ++i) {
            // seq_cst: as above. A dead cell stands nowhere.
            std::uint64_t const state = cells[i].control.load(memory_order_seq_cst);
            if (control::phase_of(state) != phase::stopping) continue;
            wake(nullptr, cells[i], state, control::resume, root_token{});
        }
    }
}

/// The mailbox is closed, the children still live.
TROUPE_COLD inline void core::begin_hook(worker& w, cell& c) noexcept {
    life_ops const& life = *c.ops.load(memory_order_relaxed)->life;
    if (life.stopping_waits && hurries_.load(memory_order_relaxed)) {  // relaxed: looked at again
        hook_failed(w, c, failed_in::stopping, "not begun: the time of the system is nearly over");
        return;
    }
    duration const limit = life.deadlines.stopping;
    bool           suspended = false;
    call_out(w, c, failed_in::stopping, limit, [&] { suspended = life.stopping(c); });
    if (!suspended) return;
    // It stands in `ending` already, so that nothing else begins meanwhile. seq_cst: pairs with
    // hurry(), which is looked for when this actor attends to its hook
    c.control.fetch_add(control::of(phase::stopping) - control::of(phase::ending),
                        memory_order_seq_cst);
    annex* const a = annex_for(&w, c);
    void* const memory = a == nullptr ? nullptr : take_block(&w, size_class_of(sizeof(hook_alarm)));
    if (memory == nullptr) {
        cut_hook(w, c, "no memory for its deadline");
        return;
    }
    a->alarm = new (memory) hook_alarm;
    arm(a->alarm->timer, c, limit);
}

/// The hook is a coroutine, which waits for something.
TROUPE_COLD inline core::attention core::wait_for_hook(worker& w, cell& c,
                                                       std::uint64_t bits) noexcept {
    if (c.awaiting != nullptr && (bits & control::due) != 0 && is_over(annex_of(c)->alarm->timer)) {
        tell_overdue(c, failed_in::stopping);
        cut_hook(w, c, "cut at its deadline");
    } else if (c.awaiting != nullptr && (!c.awaiting->ready() || !go_on_with_hook(w, c))) {
        // seq_cst: pairs with hurry()
        if (!hurries_.load(memory_order_seq_cst)) return attention::stay;
        cut_hook(w, c, "cut: the time of the system is nearly over");
    }
    end_alarm(w, c);
    enter(c, phase::ending);
    return wind_up(w, c);
}

/// What it waits for is there. False: it waits again.
TROUPE_COLD inline bool core::go_on_with_hook(worker& w, cell& c) noexcept {
    fiber& f = *c.awaiting;
    clear_edge(c);
    bool ended = false;
    call_out(w, c, failed_in::stopping, duration::max(), [&] {
        f.run();
        ended = f.done() || f.failed;
        if (ended) hook_coroutine::end(c);
    });
    return ended;
}

TROUPE_COLD inline void core::cut_hook(worker& w, cell& c, std::string_view why) noexcept {
    fiber& suspended = *std::exchange(c.awaiting, nullptr);
    clear_edge(c);
    suspended.destroy(suspended);
    w.now.failure = nullptr;  // destructors in the frame may have called fail()
    hook_failed(w, c, failed_in::stopping, why);
}

inline void core::end_alarm(worker& w, cell& c) noexcept {
    annex* const      a = annex_of(c);
    hook_alarm* const alarm = a == nullptr ? nullptr : std::exchange(a->alarm, nullptr);
    if (alarm == nullptr) return;
    disarm(alarm->timer);
    alarm->~hook_alarm();
    give_block(&w, alarm, size_class_of(sizeof(hook_alarm)));
}

/// Children end in reverse order of their start, one at a time.
inline void core::stop_next_child(worker& w, cell& c) noexcept {
    cell& child = *c.last_child;
    // relaxed: wake() compares it
    std::uint64_t const state = child.control.load(memory_order_relaxed);
    if (state >> control::generation_at == 0) return;  // it has ended: its notice is on its way
    // At the top stand those that threads spawn at once: in the order in which they were adopted.
    tree_rules::orders(child, sibling_order::stop, &c == root_ ? nullptr : child.older);
    wake(&w, child, state, control::stop, root_token{});
}

/// The mailbox is closed: first the children end, then the actor.
inline core::attention core::wind_up(worker& w, cell& c) noexcept {
    if (c.last_child == nullptr && &c == root_) {
        if (births() != 0) return attention::stay;
        take_notices(w, c);  // the last one born
    }
    if (c.last_child != nullptr) {
        stop_next_child(w, c);
        return attention::stay;
    }
    end(w, c);
    return attention::ended;
}

/// Its children are gone. Destructors, of the object or in a frame, may have sent to full mailboxes
/// and set timers, whose messages' destructors may send as well.
inline void core::destroy_object(worker& w, cell& c) noexcept {
    if (void (*const destroy)(void*) noexcept = c.ops.load(memory_order_relaxed)->destroy) {
        role_scope const role{&w, &c, "destructor"};
        destroy(c.body);
    }
    let_loose(w, c);
}

/// Its timers and what it waits for are forgotten.
inline void core::let_loose(worker& w, cell& c) noexcept {
    cancel_all(&w, c);
    // relaxed: our own
    if (c.muted != nullptr || c.wait_edge.load(memory_order_relaxed) != 0) [[unlikely]]
        forget_mutes(&w, c);
}

/// The last hook. The children are gone, and nobody can send to it any more.
TROUPE_COLD inline void core::call_stopped(worker& w, cell& c) noexcept {
    life_ops const& life = *c.ops.load(memory_order_relaxed)->life;
    call_out(w, c, failed_in::stopped, life.deadlines.stopped, [&] { life.stopped(c); });
}

inline core::hook_actions const& core::all_hook_actions() noexcept {
    static constexpr hook_actions all{
        [](core& home, worker& w, cell& c, node& n) noexcept { return home.hand_back(w, c, n); },
        [](core& home, worker& w, cell& c) noexcept { home.begin_hook(w, c); },
        [](core& home, worker& w, cell& c, std::uint64_t bits) noexcept {
            return home.wait_for_hook(w, c, bits);
        },
        [](core& home, worker& w, cell& c) noexcept { home.call_stopped(w, c); },
    };
    return all;
}

/// While it still has its name.
TROUPE_COLD inline void core::tell_stopped(cell& c) noexcept {
    std::uint64_t const state = c.control.load(memory_order_relaxed);  // relaxed: our own
    tell(log_event::actor_stopped, {.who = &c,
                                    .detail = (state & control::faulty) != 0  ? "failed"
                                              : (state & control::exits) != 0 ? "exit"
                                                                              : "stopped"});
}

/// The children are gone, the mailbox is closed: the object goes, and the parent is told.
TROUPE_APART inline void core::end(worker& w, cell& c) noexcept {
    cell_ops const& ops = *c.ops.load(memory_order_relaxed);
    seat* const     place = seat_of(c);
    tree_rules::ends(c, c.last_child);
    if (place == nullptr || place->built) {
        if (ops.life != nullptr && ops.life->stopped != nullptr && has_hooks(c)) [[unlikely]]
            ops.life->hooks().stopped(*this, w, c);
        destroy_object(w, c);
    }
    if (place != nullptr) [[unlikely]]
        supervision_by(*c.above()).leave_place(*this, w, c);
    give_block(&w, c.body, ops.body_class);
    c.body = nullptr;
    cell* const parent = c.above();
    if (parent != nullptr && tells(log_event::actor_stopped, ops)) tell_stopped(c);
    free_name(&w, c);
    std::uint64_t const number = c.incarnation.load(memory_order_relaxed);  // relaxed: our own
    // release: senders that still come find no target
    c.incarnation.store(0, memory_order_release);
    // In one step: no request reaches this actor any more, and who has begun to watch it before is
    // seen. release: pairs with the acquire in wake() and mark_watched(); acquire: with the latter
    std::uint64_t const was = c.control.exchange(0, memory_order_acq_rel);
    w.now.begin(nullptr);  // what goes with it from here on, as an error, acts for nobody
    if ((was & control::watched) != 0) ties()->tell_end(*this, &w, c, number, was);
    actors_.fetch_sub(1, memory_order_acq_rel);  // acq_rel: who sees the count sees the end
    if (parent == nullptr) {
        clear_side(&w, c, nullptr);
        root_ended();  // nobody's actor: it was not counted as spawned
        return;
    }
    count(metric::actors_stopped, ops.actor_name);
    // An idle parent is run here, for this only: no turn of its own for each child that ends. One
    // that supervises has to hear reports first, which may call its code: in its own turn.
    cell_ops const& above = *parent->ops.load(memory_order_relaxed);
    if (strategy_of(*parent) == nullptr && (tree_rules::tries(*parent), above.claim(parent->box))) {
        [[maybe_unused]] tree_rules::right const claimed{*parent, right_by::claim};
        if (parent == root_) take_notices(w, *parent);  // the child may not be linked yet
        bury(w, *parent, c);
        let_rest(w, *parent);
        return;
    }
    cell* top = parent->ended_children.load(memory_order_relaxed);  // relaxed: exchange checks it
    do {
        c.ready_link = top;
        // release: pairs with the acquire in take_notices()
    } while (!parent->ended_children.compare_exchange_weak(top, &c, memory_order_release,
                                                           memory_order_relaxed));
    // Who finds others in the list leaves it to the first of them to wake the parent, which has not
    // taken the list yet: it looks for notices first. It cannot end before it has buried this
    // child.
    if (top != nullptr) return;
    wake(&w, *parent, parent->control.load(memory_order_relaxed), control::notice, root_token{});
}

}  // namespace troupe::inline TROUPE_ABI::detail
