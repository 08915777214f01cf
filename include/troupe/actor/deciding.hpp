// SPDX-License-Identifier: BSL-1.0
#pragma once

// A failure, seen by the parent: it hears of it in a turn of its own, also when it is muted or its
// handler waits, asks its `on_failure`, counts, and gives an order. Orders only go down, reports
// only up, and no lock is held.

#include <utility>

#include "troupe/actor/restarting.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// The parent gives an order to a child that may be at work, or ending: then nothing comes of it.
inline void core::command(worker& w, seat& s, order what) noexcept {
    if (s.ends) return;
    s.ends = what == order::stop;
    // release: what was decided; pairs with the acquire where the order is taken
    s.ordered.store(what, memory_order_release);
    cell& child = s.child;
    wake(&w, child, child.control.load(memory_order_relaxed), control::ordered, root_token{});
}

TROUPE_APART inline void core::hear_reports(worker& w, cell& parent, family& f,
                                            seat* newest) noexcept {
    seat* in_order = nullptr;
    while (seat* const s = newest) {
        newest = s->next_report;
        s->next_report = in_order;
        in_order = s;
    }
    while (seat* const s = in_order) {
        in_order = s->next_report;
        // acq_rel: takes the seat over; from here on it may be pushed again
        std::uint8_t const what = s->told.exchange(0, memory_order_acq_rel);
        hear(w, parent, f, *s, what);
    }
}

/// What came while the parent had failed itself, now that it goes on.
inline void core::hear_again(worker& w, cell& parent, family& f) noexcept {
    if (!std::exchange(f.unheard, false)) return;
    for (cell* child = parent.last_child; child != nullptr; child = child->older) {
        seat* const s = seat_of(*child);
        if (s == nullptr || !s->unheard) continue;
        s->unheard = false;
        hear(w, parent, f, *s, news::failed);
    }
}

inline void core::hear(worker& w, cell& parent, family& f, seat& s, std::uint8_t what) noexcept {
    using stage = family::stage;
    // relaxed: our own
    std::uint64_t const state = parent.control.load(memory_order_relaxed);
    phase const         stands = control::phase_of(state);
    bool const          moved = ((what & news::down) != 0 && f.doing == stage::taking_down) ||
                       ((what & news::up) != 0 && f.doing == stage::bringing_up);
    if (moved && f.awaited == &s.child) f.awaited = nullptr;
    if ((what & news::failed) == 0) return;
    if (stands != phase::running && stands != phase::failed) {
        command(w, s, order::stop);  // nobody may wait for a verdict that never comes
    } else if (s.marked && f.doing == stage::taking_down) {
        // A member of a group that goes down: its order comes anyway, or is there.
    } else if (stands == phase::failed || (state & control::failing) != 0) {
        s.unheard = f.unheard = true;
    } else {
        decide(w, parent, f, s);
    }
}

/// The runtime carries out what the parent says.
inline void core::decide(worker& w, cell& parent, family& f, seat& s) noexcept {
    // acquire: pairs with the exchange of its owner; one that was stopped meanwhile is on its way
    if (control::phase_of(s.child.control.load(memory_order_acquire)) != phase::failed) return;
    annex const&  a = *annex_of(s.child);
    failure       why = a.why;
    verdict const said = ask_decider(w, parent, s, why);
    rules const&  by = *strategy_of(parent);
    if (said == verdict::escalate) return escalate(w, parent, s, why, failed_in::child);
    if (said == verdict::resume && s.built && !s.left) return command(w, s, order::resume);
    if (said == verdict::stop || s.make == nullptr) return command(w, s, order::stop);
    bool const     group = by.budget == counted::per_group;
    restart_window window{group ? times_behind(f) : times_behind(s), group ? f.window : s.window,
                          by.max_restarts, by.within};
    time_point const present = now();
    if (!window.allows(present)) return escalate(w, parent, s, why, failed_in::budget);
    window.record(present);
    if (by.group == rules::reach::failed) command(w, s, order::restart);
    else begin_group(w, parent, f, s, why);
}

/// The verdict of the parent's code. `why` becomes the failure of the decider, if it fails.
inline verdict core::ask_decider(worker& w, cell& parent, seat& s, failure& why) noexcept {
    if (s.left) return verdict::restart;  // a permanent child that has stopped itself
    cell_ops const&       child = *s.child.ops.load(memory_order_relaxed);
    verdict const         unasked = child.keeps_its_state ? verdict::resume : verdict::restart;
    life_ops const* const life = parent.ops.load(memory_order_relaxed)->life;
    if (life == nullptr || life->decide == nullptr) return unasked;
    role_scope role{&w, &parent, "on_failure"};
    verdict    said = verdict::escalate;
    bool const well =
        role.run([&] { said = life->decide(parent, why); },
                 [&](std::string_view words, std::exception_ptr const& thrown) noexcept {
                     why = make_failure(*this, &w,
                                        {.who = parent,
                                         .where = failed_in::decider,
                                         .words = words,
                                         .error = thrown,
                                         .cause = why,
                                         .attempt = attempt_of(parent)});
                 });
    return well ? said : verdict::escalate;
}

/// The child ends, and this actor fails with its failure as the cause. At the top of the tree
/// nobody is left to decide: what hangs below the root ends.
TROUPE_COLD inline void core::escalate(worker& w, cell& parent, seat& s, failure const& why,
                                       failed_in where) noexcept {
    std::string_view const words =
        where == failed_in::budget ? "more restarts than allowed" : "a child has failed";
    // relaxed: it waits for this order, and may end by it at once
    std::uint64_t const child = s.child.incarnation.load(memory_order_relaxed);
    if (&parent == root_) {
        tell(log_event::escalated,
             {.who = &s.child, .incarnation = child, .detail = words, .why = why ? &why : nullptr});
    }
    command(w, s, order::stop);
    count(metric::failures_escalated, 1);
    if (&parent == root_) return;
    fail(w, parent, {.who = parent, .where = where, .words = words, .cause = why}, true);
}

}  // namespace troupe::inline TROUPE_ABI::detail
