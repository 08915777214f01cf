// SPDX-License-Identifier: BSL-1.0
#pragma once

// A failure, seen by the actor that fails. It finishes its message, reports to its parent and waits
// for the order; a restart happens in place: cell, incarnation, name, place among the siblings and
// mailbox stay, and only the object goes and comes, on the worker that runs the actor.

#include <exception>
#include <utility>

#include "troupe/actor/attending.hpp"
#include "troupe/config/exceptions.hpp"
#include "troupe/supervision/backoff_delay.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// One failure: one value, one log record, one count. The holder of the run right. `stops`: without
/// a supervisor the actor ends.
TROUPE_COLD inline void core::fail(worker& w, cell& c, failure_facts facts, bool stops) noexcept {
    seat* const s = seat_of(c);
    if (s != nullptr) s->left = false;  // it has failed in the handler in which it stopped itself
    facts.attempt = attempt_of(c);
    failure const why = tell_failure(*this, &w, facts);
    count(metric::actors_failed, type_of(c));
    if (facts.where == failed_in::handler) w.counters.failed.add(1);
    if (!stops && s == nullptr) return;
    note_failure(&w, c, why, control::failing);
}

/// The actor ends itself.
inline void core::exit(worker* w, cell& c) noexcept {
    if (seat_of(c) != nullptr) [[unlikely]]
        supervision_by(*c.above()).exit(*this, w, c);
    // relaxed: the owner reads these bits before the next message
    else c.control.fetch_or(control::stop | control::exits, memory_order_relaxed);
}

/// The same below a supervisor: a permanent child comes back.
TROUPE_COLD inline void core::exit_supervised(worker* w, cell& c) noexcept {
    seat* const s = seat_of(c);
    if (s->keeps != lifetime::permanent) {
        c.control.fetch_or(control::stop | control::exits, memory_order_relaxed);  // as above
        return;
    }
    if (c.stands() != phase::running) return;  // its object goes already
    annex_of(c)->why = make_failure(*this, w,
                                    {.who = c,
                                     .where = failed_in::exit,
                                     .words = "it has stopped itself",
                                     .attempt = s->attempt});
    s->left = true;
    c.control.fetch_or(control::failing, memory_order_relaxed);
}

/// It has ended, but for the copies of its arguments.
inline void core::leave_place(worker& w, cell& c) noexcept {
    {
        role_scope const role{&w, &c, "destructor"};
        forget_arguments(c);
    }
    let_loose(w, c);  // as destroy_object() does
}

inline core::attention core::step_supervised(worker& w, cell& c, std::uint64_t bits) noexcept {
    switch (c.stands()) {
        case phase::running: return obey_running(w, c);
        case phase::failed: return obey(w, c);
        case phase::replacing: return replace(w, c);
        case phase::down: return rise(w, c, bits);
        case phase::stopping:
        case phase::ending: break;
    }
    return attention::stay;
}

inline void core::fall(worker& w, cell& c, seat& s) noexcept {
    if (c.stands() != phase::running) return;
    s.failed_at = now();
    enter(c, phase::failed);
    report(w, c, s, news::failed);
}

/// To the parent, which cannot end before this child.
inline void core::report(worker& w, cell& c, seat& s, std::uint8_t what) noexcept {
    cell&   parent = *c.above();
    family& f = *family_of(parent);
    // acq_rel: hands the seat to the parent; zero: it does not hang in the list
    if (s.told.fetch_or(what, memory_order_acq_rel) == 0) {
        seat* top = f.reports.load(memory_order_relaxed);  // relaxed: the exchange checks it
        do {
            s.next_report = top;
            // release: pairs with the acquire in hear_reports()
        } while (
            !f.reports.compare_exchange_weak(top, &s, memory_order_release, memory_order_relaxed));
    }
    wake(&w, parent, parent.control.load(memory_order_relaxed), control::notice, root_token{});
}

/// It has failed, and does what its parent says.
inline core::attention core::obey(worker& w, cell& c) noexcept {
    seat& s = *seat_of(c);
    // acquire: pairs with the release in command()
    switch (s.ordered.exchange(order::none, memory_order_acquire)) {
        case order::none: return attention::stay;
        case order::stop:
            begin_stop(w, c, s.left ? control::exits : control::faulty);
            return step(w, c, 0);
        case order::down: return begin_replacing(w, c, s, order::up, annex_of(c)->why);
        case order::resume:
            if (s.built && !s.left) {
                enter(c, phase::running);
                if (family* const f = family_of(c)) hear_again(w, c, *f);
                return attention::go_on;
            }
            [[fallthrough]];
        case order::restart:
        case order::up: return begin_replacing(w, c, s, order::restart, annex_of(c)->why);
    }
    return attention::stay;
}

/// It runs, and its group goes down.
inline core::attention core::obey_running(worker& w, cell& c) noexcept {
    seat& s = *seat_of(c);
    // acquire: pairs with the release in command()
    if (s.ordered.exchange(order::none, memory_order_acquire) != order::down) {
        return attention::go_on;
    }
    return begin_replacing(w, c, s, order::up, s.takes_along);
}

/// The object is to go. `after`: what comes then.
inline core::attention core::begin_replacing(worker& w, cell& c, seat& s, order after,
                                             failure const& why) noexcept {
    enter(c, phase::replacing);
    s.after = after;
    s.emptied = false;
    s.left = false;
    if (s.built && has_hooks(c)) call_restarting(w, c, why);
    if (after == order::up) s.takes_along = failure{};  // else the parent may be writing it
    // relaxed: our own
    c.control.fetch_or(control::hookless, memory_order_relaxed);
    forget_group(c);
    let_loose(w, c);
    // seq_cst: pairs with core::enlist()
    if ((c.control.load(memory_order_seq_cst) & control::waiters) != 0) release_muted(w, c);
    return drop_frame(w, c) ? attention::cut_head : replace(w, c);
}

/// Its children end, then its object.
inline core::attention core::replace(worker& w, cell& c) noexcept {
    seat& s = *seat_of(c);
    // acquire: pairs with the release in command(); a group that goes down takes it along
    if (s.ordered.exchange(order::none, memory_order_acquire) == order::down) {
        s.after = order::up;
        s.takes_along = failure{};
    }
    if (c.last_child != nullptr) {
        stop_next_child(w, c);
        return attention::stay;
    }
    if (s.built) {
        s.built = false;
        destroy_object(w, c);
        if (tie_actions const* const t = ties()) t->end_watches(*this, w, c);
        forget_declared(c);
    }
    if (s.after == order::none) {
        enter(c, phase::failed);
        report(w, c, s, news::failed);
        return attention::stay;
    }
    if (strategy_of(*c.above())->mailbox == mail::drop && !s.emptied) {
        s.emptied = true;
        return attention::drop_mail;
    }
    enter(c, phase::down);
    if (s.after == order::up) {
        report(w, c, s, news::down);
        return attention::stay;
    }
    duration const delay = next_delay(s);
    if (delay.count() <= 0) return rebuild(w, c, s);
    begin_delay(s.delay, c, delay);
    s.delayed = true;
    return attention::stay;
}

/// While it runs, what is queued for the actor may still be handled: a drain waits for that.
inline void core::begin_delay(actor_timer& t, cell& c, duration delay) noexcept {
    delays_begun_.fetch_add(1, memory_order_acq_rel);
    arm(t, c, delay);
}
inline void core::end_delay(actor_timer& t) noexcept {
    disarm(t);
    delays_over_.fetch_add(1, memory_order_acq_rel);
}
inline void core::end_delay(seat& s) noexcept {
    if (!s.delayed) return;
    s.delayed = false;
    end_delay(s.delay);
}

/// The children of the object that is gone: `arguments` of the next cannot see them.
inline void core::forget_declared(cell& c) noexcept {
    family* const f = family_of(c);
    if (f == nullptr) return;
    // relaxed: our own
    std::uint32_t const declared = c.ops.load(memory_order_relaxed)->life->declared;
    for (std::uint32_t i = 0; i < declared; ++i) f->declared[i] = {};
}

/// It has no object, and gets one when the delay is over or the parent says so.
inline core::attention core::rise(worker& w, cell& c, std::uint64_t bits) noexcept {
    seat& s = *seat_of(c);
    // acquire: pairs with the release in command()
    switch (s.ordered.exchange(order::none, memory_order_acquire)) {
        case order::up: return rebuild(w, c, s);
        case order::down:
            end_delay(s);
            s.takes_along = failure{};
            s.after = order::up;
            report(w, c, s, news::down);
            return attention::stay;
        default: break;
    }
    if ((bits & control::due) == 0 || !s.delayed || !is_over(s.delay)) return attention::stay;
    end_delay(s);
    return rebuild(w, c, s);
}

/// A new object from the arguments of the spawn, its children, and `started`.
TROUPE_APART inline core::attention core::rebuild(worker& w, cell& c, seat& s) noexcept {
    ++s.attempt;
    constexpr std::uint64_t one = std::uint64_t{1} << control::restarts_at;
    // relaxed: our own; reports want a number
    if (control::restarts_of(c.control.load(memory_order_relaxed)) != control::restarts_max) {
        c.control.fetch_add(one, memory_order_relaxed);
    }
    count(metric::actors_restarted, type_of(c));
    life_ops const* const life = c.ops.load(memory_order_relaxed)->life;
    failed_in             where = failed_in::constructor;
    enter(c, phase::running);
    auto const build = [&](role_scope& role) {
        s.make->build(c.body, s.arguments());
        s.built = true;
        if (life == nullptr) return;
        where = failed_in::child;
        if (life->begin_children != nullptr) life->begin_children(c);
        where = failed_in::started;
        if (life->started != nullptr) call_started(role, c);
    };
    if (!run_or_fail(w, c, "constructor", where, build)) {
        // relaxed: our own
        c.control.fetch_and(~control::failing, memory_order_relaxed);
        s.after = order::none;
        enter(c, phase::replacing);
        let_loose(w, c);
        return replace(w, c);
    }
    // relaxed: our own
    c.control.fetch_and(~control::hookless, memory_order_relaxed);
    s.since = now();
    if (tells(log_event::actor_restarted, *c.ops.load(memory_order_relaxed))) {
        tell(log_event::actor_restarted, {.who = &c, .fields = {{"attempt", s.attempt}}});
    }
    if (s.after == order::up) report(w, c, s, news::up);
    s.after = order::none;
    return attention::go_on;
}

/// The hook of the object that goes. A failure in it is told, and changes nothing.
inline void core::call_restarting(worker& w, cell& c, failure const& why) noexcept {
    life_ops const* const life = c.ops.load(memory_order_relaxed)->life;
    if (life == nullptr || life->restarting == nullptr) return;
    call_out(w, c, failed_in::restarting, life->deadlines.restarting,
             [&] { life->restarting(c, why); });
}

/// How long to wait before the next object.
inline duration core::next_delay(seat& s) noexcept {
    rules const& by = *strategy_of(*s.child.above());
    if (ends_a_row(by.backoff, by.within, s.failed_at - s.since)) s.in_row = 0;
    return delay_of(by.backoff, s.in_row++, chance());
}

}  // namespace troupe::inline TROUPE_ABI::detail
