// SPDX-License-Identifier: BSL-1.0
#pragma once

// Links: two actors of which one fails when the other has failed. One record stands in the tables
// of both, first of the one that asks for it. Who takes a side out of its table looks for the other
// one, under the other's lock; so a link has both sides or none, and is felt once.

#include "troupe/actor/watching.hpp"

namespace troupe::inline TROUPE_ABI {
namespace detail {

inline void core::let_go(link_node& n) noexcept {
    // acq_rel: the last one sees what the other wrote
    if (n.holders().fetch_sub(1, memory_order_acq_rel) != 1) return;
    core& home = core_of(*n.theirs.whom);
    core* there = n.far ? &core_of(*n.mine.whom) : nullptr;
    n.~link_node();
    home.give_block(home.worker_here(), &n, size_class_of(sizeof(link_node)));
    if (there == nullptr) return;
    there->release();
    home.release();
}

/// The owner of one of the two. `target` may be null, and of any system. False: no memory.
TROUPE_APART inline bool core::link_to(worker* w, cell& c, cell* target,
                                       std::uint64_t of) noexcept {
    std::uint64_t const number = c.incarnation.load(memory_order_relaxed);  // relaxed: our own
    if (of == number) return true;  // it ends with itself anyway
    void* const memory = take_block(w, size_class_of(sizeof(link_node)));
    if (memory == nullptr) return is_tied(c, of, tie_kind::link);
    auto& n = *new (memory) link_node{c, number, target, of};
    // Ours, too, until it stands: one of the same two may fail meanwhile, and take it for its own.
    n.holders().store(2, memory_order_relaxed);  // relaxed: nobody else knows it
    tied const entered = enter_table(w, c, number, n.mine, true);
    if (entered != tied::done) {
        n.holders().store(1, memory_order_relaxed);
        let_go(n);
        return entered == tied::twice;
    }
    tied const came = reach(n);
    bool       stood = true;
    if (came != tied::done) {
        lock_guard const held{watches_mutex_, root_token{}};
        annex&           a = *annex_of(c);
        stood = n.mine.in_table;
        if (stood && came == tied::gone) arrivals{a.arrived}.push(n.mine);
        if (stood && came == tied::no_memory) a.ties->remove(n.mine);
    }
    // relaxed: the owner looks at it before the next message
    if (came == tied::gone) c.control.fetch_or(control::signal, memory_order_relaxed);
    if (came == tied::no_memory && stood) let_go(n);
    let_go(n);
    return came != tied::no_memory;
}

/// From the one table to the other.
inline core::tied core::reach(link_node& n) noexcept {
    visit const here{n.mine.whom, n.mine.incarnation};
    core* const there = here.system();
    if (there == nullptr) return tied::gone;
    if (there != this) {
        n.far = true;
        there->hold();
        hold();
    }
    n.reached = true;
    n.holders().fetch_add(1, memory_order_relaxed);  // relaxed: it is published by the lock
    tied const came =
        there->enter_table(here.on(), *n.mine.whom, n.mine.incarnation, n.theirs, false);
    if (came == tied::done) return came;
    n.reached = false;
    n.holders().fetch_sub(1, memory_order_relaxed);  // relaxed: it is not the last
    return came;
}

/// The owner of one of the two. Two that have linked to each other at the same time have two links.
TROUPE_APART inline void core::unlink_from(worker* w, cell& c, std::uint64_t of) noexcept {
    while (tie* const t = take_tie(c, of, tie_kind::link)) {
        cut(w, static_cast<link_side&>(*t), terminated{});
    }
}

/// One side is out of its table, of an actor of this system: the other one goes too, or hears of a
/// failure.
inline void core::cut(worker* w, link_side& side, terminated const& left) noexcept {
    link_node& n = side.whole;
    if (n.reached) {
        link_side&    other = n.other(side);
        passage const to{*this, *side.whom, side.incarnation};
        bool const    failed = left.how == ended_by::failure;
        tie*          others = nullptr;  // more links of the same two
        bool          stood = false;
        {
            lock_guard const held{to.home().watches_mutex_, root_token{}};
            stood = other.in_table;
            if (stood) {
                annex& a = *annex_of(*side.whom);
                take_out(a, other);
                if (failed) {
                    others = take_others(a, other);
                    other.how = left.how;
                    n.why = left.why;
                    a.ties->insert(other);
                    arrivals{a.arrived}.push(other);
                }
            }
        }
        if (stood && failed) to.wake(w, control::signal);
        while (tie* const t = others) {
            others = t->next;
            let_go(static_cast<link_side&>(*t).whole);
        }
        if (stood && !failed) let_go(n);
    }
    let_go(n);
}

/// Two that have linked to each other twice fail once.
inline tie* core::take_others(annex& a, tie const& one) noexcept {
    tie* taken = nullptr;
    while (tie* const t = a.ties->find(one.incarnation, tie_kind::link)) {
        take_out(a, *t);
        t->next = taken;
        taken = t;
    }
    return taken;
}

/// A turn of an actor that runs, also one that is suspended: a link has come, and it fails.
inline bool core::hear_link(worker& w, cell& c) noexcept {
    annex* const a = annex_of(c);
    link_side*   side = nullptr;
    {
        lock_guard const held{watches_mutex_, root_token{}};
        tie* const       first = arrivals{a->arrived}.first();
        if (first == nullptr || first->what != tie_kind::link) return false;
        take_out(*a, *first);
        side = static_cast<link_side*>(first);
    }
    link_node&    n = side->whole;
    failure const why = std::move(n.why);
    bool const    gone = side->how == ended_by::unknown;
    let_go(n);
    fail(w, c,
         {.who = c,
          .where = failed_in::link,
          .words = gone ? "a linked actor was gone" : "a linked actor has failed",
          .cause = why},
         true);
    return true;
}

inline core::tie_actions const& core::all_tie_actions() noexcept {
    static constexpr tie_actions all{
        [](core& k, worker* w, cell& c, std::uint64_t number, std::uint64_t was) noexcept {
            k.tell_end(w, c, number, was);
        },
        [](core& k, worker& w, cell& c) noexcept { k.drop_ties(&w, c, nullptr); },
        [](core& k, worker& w, cell& c) noexcept { return k.hear_link(w, c); },
        [](core& k, worker& w, cell& c) noexcept { return k.take_signal(w, c); },
        [](core& k) noexcept { k.abandon_watchers(); }};
    return all;
}

}  // namespace detail

template <class Actor>
watch_status context<Actor>::link(any_ref const& target) noexcept {
    bool const done =
        system().link_to(on(), *cell_, detail::ref_access::cell_of(target), target.identity());
    return done ? watch_status::watching : watch_status::pool_exhausted;
}
template <class Actor>
void context<Actor>::unlink(any_ref const& target) noexcept {
    system().unlink_from(on(), *cell_, target.identity());
}

}  // namespace troupe::inline TROUPE_ABI
