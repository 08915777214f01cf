// SPDX-License-Identifier: BSL-1.0
#pragma once

// What only some actors have besides their cell, in pool blocks of its own: a name, a supervisor,
// children to supervise, watchers, a failure. Who has none of it pays one null pointer.
//
//     cell::side --> annex --> row       its name
//                          --> seat      its parent supervises it: what a restart needs
//                          --> charge    it supervises: reports of its children, plans, references
//                          --> watchers, ties, arrived    whose ends concern whom: ties.hpp
//
// More: docs/design/0008-supervision.md

#include <cstdint>

#include "troupe/actor/core.hpp"
#include "troupe/actor/failure.hpp"
#include "troupe/actor/timer.hpp"
#include "troupe/supervision/hook_deadlines.hpp"
#include "troupe/supervision/lifetime.hpp"
#include "troupe/supervision/restart_window.hpp"
#include "troupe/supervision/rules.hpp"
#include "troupe/supervision/verdict.hpp"
#include "troupe/sync/lock_rank.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// What an actor type has for its life besides handlers; one constant per type, and none for a type
/// that has nothing of it. All are called in a turn of the actor, with no lock held, and may throw.
struct life_ops {
    void (*begin_children)(cell&) = nullptr;
    void (*started)(cell&) = nullptr;
    void (*restarting)(cell&, failure const&) = nullptr;
    bool (*stopping)(cell&) = nullptr;          // true: it is a coroutine, and waits
    bool stopping_waits = false;                // it is a coroutine
    bool (*hand_back)(cell&, node&) = nullptr;  // false: not a message of this kind
    void (*stopped)(cell&) = nullptr;
    core::hook_actions const& (*hooks)() noexcept = nullptr;  // with one of the last three
    verdict (*decide)(cell&, failure const&) = nullptr;
    rules const* strategy = nullptr;  // null: it does not supervise
    core::supervision_actions const& (*supervision)() noexcept = nullptr;  // with a strategy
    std::uint32_t  declared = 0;                                           // children
    hook_deadlines deadlines{};
};

/// How to build an actor again: its constructor with copies of the arguments of its spawn. One
/// constant per actor and types of arguments.
struct factory {
    void (*build)(void* body, void* arguments);  // may throw
    void (*forget)(void* arguments) noexcept;    // destroys the copies
};

/// What the parent has decided about a child that waits for it.
enum class order : std::uint8_t { none, resume, restart, stop, down, up };

/// What a child has to tell its parent. Several may come together.
namespace news {
inline constexpr std::uint8_t failed = 1;  // it stands in phase::failed
inline constexpr std::uint8_t down = 2;    // its object is gone, as ordered
inline constexpr std::uint8_t up = 4;      // its new object runs, as ordered
}  // namespace news

/// The place of a supervised child. Its owner's, but for what is said to be the parent's; the two
/// tell each other by `told` and `ordered`. Behind it stand the times of restarts, and the
/// arguments.
struct seat {
    explicit seat(cell& whose) noexcept : child(whose) {}

    cell&                child;
    seat*                next_report = nullptr;  // in family::reports, while `told` is not zero
    atomic<std::uint8_t> told{0};                // news
    atomic<order>        ordered{order::none};
    lifetime             keeps = lifetime::transient;
    std::uint8_t         size_class = 0;
    std::uint8_t         arguments_at = 0;     // in units of arguments_align, from the seat
    bool                 built : 1 = true;     // there is an object
    bool                 left : 1 = false;     // before it reports: it has stopped itself
    bool                 delayed : 1 = false;  // `delay` runs
    bool                 emptied : 1 = false;  // the mailbox was dropped for this restart
    // A byte of its own: the parent may read those above while a child that has failed and was
    // stopped ends.
    bool  forgotten = false;    // the copies of the arguments are destroyed
    order after = order::none;  // what comes when the object is gone: restart, up, or
                                // none: it has failed without an object
    // The parent's: a byte of its own.
    bool           unheard : 1 = false;  // it has failed itself when the report came
    bool           marked : 1 = false;   // a member of the group that is restarted
    bool           goes : 1 = false;     // and was ordered down, from then on until it comes up
    bool           ends : 1 = false;     // it was ordered to stop: no other order comes
    window_place   window;               // the parent, and the ring behind the seat
    std::uint32_t  attempt = 0;
    std::uint32_t  in_row = 0;      // restarts since it was stable
    time_point     since{};         // when the object began to run
    time_point     failed_at{};     // and when it failed
    factory const* make = nullptr;  // spawn; null: nothing is kept of its arguments
    failure        takes_along;     // the parent, before it orders down: why its group goes
    actor_timer    delay;           // guarded by rank::timers while armed

    void* arguments() noexcept;
};

/// The deadline of a hook that waits, in a block of its own.
struct hook_alarm {
    actor_timer timer;  // guarded by rank::timers while armed
};

/// A declared child, as long as the object of its parent lives.
struct declared_child {
    cell*         at = nullptr;
    std::uint64_t incarnation = 0;
};

/// What an actor that supervises knows of its children: reports, and the group that it restarts
/// (group.hpp). Its owner's, but for the reports.
struct family {
    enum class stage : std::uint8_t {
        idle,
        taking_down,  // the youngest member first
        waiting,      // the delay
        bringing_up,  // the oldest first
    };

    atomic<seat*>   reports{nullptr};  // pushed by children, taken by the owner
    std::uint8_t    size_class = 0;
    bool            unheard = false;  // there are seats with that mark
    stage           doing = stage::idle;
    failure         why;                 // while the group goes down: why it does
    window_place    window;              // of the group; its ring lies behind this
    std::uint32_t   in_row = 0;          // restarts of the group since it was stable
    cell*           cursor = nullptr;    // the next child to look at
    cell*           awaited = nullptr;   // the member that moves now
    time_point      since{};             // when the last group was up
    actor_timer     delay;               // guarded by rank::timers while armed
    declared_child* declared = nullptr;  // behind the ring
};

class tie_table;

struct annex {
    name_row*    row = nullptr;     // spawn and end
    seat*        place = nullptr;   // spawn; freed with the annex, by the parent
    family*      charge = nullptr;  // spawn and end
    failure      why;               // the last failure, or what it ends by
    hook_alarm*  alarm = nullptr;   // of a `stopping` that waits
    watcher*     watchers TROUPE_GUARDED_BY(rank::watches::lock) = nullptr;
    tie_table*   ties TROUPE_GUARDED_BY(rank::watches::lock) = nullptr;
    atomic<tie*> arrived{nullptr};  // the same, but that the owner looks for a hint without it
};
#if !defined(TROUPE_MODEL)
static_assert(size_class_of(sizeof(annex)) == size_class_of(64));
#endif

/// Behind a seat or a family: the times of restarts in the window, if it is counted there.
inline time_point* times_behind(seat& s) noexcept { return reinterpret_cast<time_point*>(&s + 1); }
inline time_point* times_behind(family& f) noexcept {
    return reinterpret_cast<time_point*>(&f + 1);
}
constexpr std::size_t bytes_of_times(rules const& by, counted where) noexcept {
    return by.budget == where ? restart_window::ring_size(by.max_restarts) * sizeof(time_point) : 0;
}
/// The arguments lie behind that.
inline constexpr std::size_t arguments_align = 16;

constexpr std::size_t bytes_before_arguments(rules const& supervisor) noexcept {
    constexpr std::size_t mask = arguments_align - 1;
    return sizeof(seat) + ((bytes_of_times(supervisor, counted::per_child) + mask) & ~mask);
}

inline void* seat::arguments() noexcept {
    return reinterpret_cast<char*>(this) + arguments_at * arguments_align;
}

/// The published size of a small idle actor that can be restarted five times in its window, with 16
/// bytes of arguments: its cell, its object, its annex and its seat.
inline constexpr std::size_t restartable_actor_bytes =
    small_actor_bytes + block_sizes[size_class_of(sizeof(annex))] +
    block_sizes[size_class_of(sizeof(seat) + 6 * sizeof(time_point) + 16)];
#if !defined(TROUPE_MODEL)
static_assert(restartable_actor_bytes <= 480);
#endif

/// The annex of an actor, for its owner or its parent's; null: it has none.
inline annex* annex_of(cell const& c) noexcept {
    // acquire: somebody who watches it may have put it there
    return c.side.load(memory_order_acquire);
}
/// The owner, for a look: something has arrived for it. Who makes it arrive later sets
/// control::signal.
inline bool has_arrivals(cell const& c) noexcept {
    annex const* const a = annex_of(c);
    // acquire: what is behind a tie was made known before; pairs with the release in arrivals
    return a != nullptr && a->arrived.load(memory_order_acquire) != nullptr;
}

inline seat* seat_of(cell const& c) noexcept {
    annex const* const a = annex_of(c);
    return a == nullptr ? nullptr : a->place;
}
inline family* family_of(cell const& c) noexcept {
    annex const* const a = annex_of(c);
    return a == nullptr ? nullptr : a->charge;
}
/// What is done for an actor that supervises, and for its children.
inline core::supervision_actions const& supervision_by(cell const& parent) noexcept {
    return parent.ops.load(memory_order_relaxed)->life->supervision();  // relaxed: as below
}
/// What is done for the hooks of an actor that has some.
inline core::hook_actions const& hooks_of(cell const& c) noexcept {
    return c.ops.load(memory_order_relaxed)->life->hooks();  // relaxed: our own
}
/// How often its object was built again.
inline std::uint32_t attempt_of(cell const& c) noexcept {
    seat const* const s = seat_of(c);
    return s == nullptr ? 0 : s->attempt;
}
/// The strategy by which an actor supervises, or null.
inline rules const* strategy_of(cell const& c) noexcept {
    // relaxed: our own, or our parent's, which outlives us
    life_ops const* const life = c.ops.load(memory_order_relaxed)->life;
    return life == nullptr ? nullptr : life->strategy;
}

}  // namespace troupe::inline TROUPE_ABI::detail
