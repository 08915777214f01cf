// SPDX-License-Identifier: BSL-1.0
#pragma once

// Restarting several children together, by the parent, which goes on handling messages meanwhile:
// the members go down one after the other, the youngest first; after one delay they come up, the
// oldest first. One moves at a time, so the order of ends and starts is exact.

#include "troupe/actor/child_info.hpp"
#include "troupe/actor/deciding.hpp"

namespace troupe::inline TROUPE_ABI::detail {

inline child_info core::info_of(cell& child, bool failed) noexcept {
    // relaxed: its parent reads
    std::uint64_t const incarnation = child.incarnation.load(memory_order_relaxed);
    return {ref_access::make<any_ref>(child, incarnation),
            child.ops.load(memory_order_relaxed)->actor_name, own_name(child),
            incarnation & creation_max, failed};
}

/// A child has failed and its group is restarted. If a group is being restarted already this one
/// joins it, and all begins again with the youngest; who is down then is down at once.
inline void core::begin_group(worker& w, cell& parent, family& f, seat& s,
                              failure const& why) noexcept {
    rules const& by = *strategy_of(parent);
    bool         younger = true;
    for (cell* child = parent.last_child; child != nullptr; child = child->older) {
        seat&      member = *seat_of(*child);
        bool const failed = &member == &s;
        if (member.ends) {
            // Nothing brings it back.
        } else if (failed || by.group == rules::reach::all ||
                   (by.group == rules::reach::rest && younger) ||
                   (by.group == rules::reach::chosen && by.affects(why, info_of(*child, failed)))) {
            member.marked = true;
        }
        if (failed) younger = false;
    }
    if (f.doing == family::stage::waiting) end_delay(f.delay);
    f.why = why;
    f.doing = family::stage::taking_down;
    f.cursor = parent.last_child;
    f.awaited = nullptr;
    proceed(w, parent, f);
}

/// Goes on with the next member when the one that moved has arrived, or is gone.
inline void core::proceed(worker& w, cell& parent, family& f) noexcept {
    while (f.awaited == nullptr) {
        switch (f.doing) {
            case family::stage::idle:
            case family::stage::waiting: return;
            case family::stage::taking_down:
                if (!next_down(w, parent, f)) return;
                break;
            case family::stage::bringing_up:
                if (!next_up(w, parent, f)) return;
                break;
        }
    }
}

/// False: there is nothing more to do now.
inline bool core::next_down(worker& w, cell& parent, family& f) noexcept {
    while (f.cursor != nullptr && !seat_of(*f.cursor)->marked) f.cursor = f.cursor->older;
    if (cell* const member = f.cursor) {
        f.cursor = member->older;
        f.awaited = member;
        // At the top stand those that threads spawn at once: in the order of their adoption.
        tree_rules::orders(*member, sibling_order::down,
                           &parent == root_ ? nullptr : member->older);
        seat& s = *seat_of(*member);
        if (s.make != nullptr) take_down(w, f, s);
        else
            wake(&w, *member, member->control.load(memory_order_relaxed), control::stop,
                 root_token{});
        return false;
    }
    // All are down.
    rules const& by = *strategy_of(parent);
    if (ends_a_row(by.backoff, by.within, now() - f.since)) f.in_row = 0;
    duration const delay = delay_of(by.backoff, f.in_row++, chance());
    f.doing = family::stage::waiting;
    f.why = failure{};
    if (delay.count() <= 0) {
        bring_up(parent, f);
        return true;
    }
    begin_delay(f.delay, parent, delay);
    return false;
}

/// It reads why when it takes the order, and is told once until it is up again.
inline void core::take_down(worker& w, family& f, seat& s) noexcept {
    if (!s.goes) s.takes_along = f.why;
    s.goes = true;
    command(w, s, order::down);
}

inline void core::bring_up(cell& parent, family& f) noexcept {
    f.doing = family::stage::bringing_up;
    f.cursor = parent.last_child;
    while (f.cursor != nullptr && f.cursor->older != nullptr) f.cursor = f.cursor->older;
}

inline bool core::next_up(worker& w, cell& parent, family& f) noexcept {
    while (f.cursor != nullptr && !seat_of(*f.cursor)->marked) f.cursor = f.cursor->newer;
    if (cell* const member = f.cursor) {
        f.cursor = member->newer;
        f.awaited = member;
        tree_rules::orders(*member, sibling_order::up, &parent == root_ ? nullptr : member->newer);
        seat& s = *seat_of(*member);
        s.marked = false;
        s.goes = false;
        command(w, s, order::up);
    } else {
        f.doing = family::stage::idle;
        f.since = now();
    }
    return false;
}

/// The delay of a group is over. (The actor's own delay is seen by rise().)
inline void core::end_of_delay(worker& w, cell& parent, family& f) noexcept {
    if (f.doing != family::stage::waiting || !is_over(f.delay)) return;
    end_delay(f.delay);
    bring_up(parent, f);
    proceed(w, parent, f);
}

/// The actor ends, or its object does: with all its children.
inline void core::forget_group(cell& parent) noexcept {
    family* const f = family_of(parent);
    if (f == nullptr || f->doing == family::stage::idle) return;
    if (f->doing == family::stage::waiting) end_delay(f->delay);
    f->doing = family::stage::idle;
    f->why = failure{};
    f->cursor = f->awaited = nullptr;
}

inline core::supervision_actions const& core::all_supervision_actions() noexcept {
    static constexpr supervision_actions all{
        [](core& home, worker& w, cell& parent, family& f, seat* newest) noexcept {
            home.hear_reports(w, parent, f, newest);
        },
        [](core& home, worker& w, cell& parent, family& f) noexcept { home.proceed(w, parent, f); },
        [](core& home, worker& w, cell& parent, family& f) noexcept {
            home.end_of_delay(w, parent, f);
        },
        [](core& home, cell& parent, family&) noexcept { home.forget_group(parent); },
        [](core& home, worker& w, cell& child, seat& s) noexcept { home.fall(w, child, s); },
        [](core& home, worker& w, cell& child, std::uint64_t bits) noexcept {
            return home.step_supervised(w, child, bits);
        },
        [](core& home, worker* w, cell& child) noexcept { home.exit_supervised(w, child); },
        [](core& home, seat& s) noexcept { home.end_delay(s); },
        [](core& home, worker& w, cell& child) noexcept { home.leave_place(w, child); },
        [](cell& child) noexcept { forget_arguments(child); },
        [](core& home, worker* w, cell& c, rules const* supervisor,
           std::size_t arguments) noexcept { return home.furnish(w, c, supervisor, arguments); },
        [](core& home, worker* w, annex& a) noexcept { home.take_apart(w, a); },
    };
    return all;
}

}  // namespace troupe::inline TROUPE_ABI::detail
