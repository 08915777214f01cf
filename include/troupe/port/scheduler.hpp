// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a scheduler is, and the part of one that users write: a ready order, in which the actors of
// a driven scheduler have their turns (driven_scheduler<Order>, schedule/driven.hpp). The engine
// below it (sleeping, waking, stealing, stopping) is the library's own and is not exchanged.

#include <concepts>
#include <cstddef>

#include "troupe/config/abi.hpp"

namespace troupe::inline TROUPE_ABI {

/// An actor that has something to do, as an order sees it: an address with a link.
struct runnable {
    /// Belongs to the order from `push` until `pop` has given it back; ready_list uses it.
    runnable* ready_link = nullptr;
};

namespace detail {
/// Never defined: stands for the system where a scheduler is looked at.
struct any_host;
}  // namespace detail

template <class Scheduler>
concept scheduler_says_who_drives = requires {
    { Scheduler::driven } -> std::convertible_to<bool>;
};
template <class Scheduler>
concept scheduler_bounds_its_workers = requires {
    { Scheduler::workers_min } -> std::convertible_to<unsigned>;
    { Scheduler::workers_max } -> std::convertible_to<unsigned>;
    { Scheduler::workers_default() } -> std::convertible_to<unsigned>;
};
template <class Scheduler>
concept scheduler_has_an_engine =
    requires { typename Scheduler::template engine<detail::any_host>; };

/// Who runs the actors. `driven`: the thread that waits or polls runs them; otherwise the engine
/// has threads of its own. A system makes one engine, with a number of workers between the bounds.
/// Only names are read of the scheduler itself; no object of it is made.
template <class Scheduler>
concept scheduler = scheduler_says_who_drives<Scheduler> &&
                    scheduler_bounds_its_workers<Scheduler> && scheduler_has_an_engine<Scheduler>;

/// Lists what a type lacks to be a scheduler.
template <class Scheduler>
consteval bool explain_scheduler() {
    static_assert(
        scheduler_says_who_drives<Scheduler>,
        "troupe: add `static constexpr bool driven = ...;` to the scheduler, or derive it "
        "from driven_scheduler<Order>");
    static_assert(scheduler_bounds_its_workers<Scheduler>,
                  "troupe: add `static constexpr unsigned workers_min, workers_max` and `static "
                  "unsigned workers_default()` to the scheduler, or derive it from "
                  "driven_scheduler<Order>");
    static_assert(scheduler_has_an_engine<Scheduler>,
                  "troupe: add `template <class Host> using engine = ...;` to the scheduler, or "
                  "derive it from driven_scheduler<Order>");
    return true;
}

// A ready order belongs to one thread at a time, the one that drives.

template <class Order>
concept ready_order_counts_workers = std::constructible_from<Order, unsigned>;
/// `push(worker, r)`: `r` has something to do; `worker` is the one that made it ready, or -1 for
/// outside. `r` is not in the order now.
template <class Order>
concept ready_order_takes = requires(Order& order, int worker, runnable& r) {
    { order.push(worker, r) } noexcept;
};
/// `pop(worker)`: whose turn it is, and as which worker it runs; null when none is left.
template <class Order>
concept ready_order_gives = requires(Order& order, unsigned& worker) {
    { order.pop(worker) } noexcept -> std::same_as<runnable*>;
};
template <class Order>
concept ready_order_bounds_a_turn = requires {
    { Order::turn_messages } -> std::convertible_to<unsigned>;
    requires(Order::turn_messages > 0);
};

/// In which order the actors of a driven scheduler have their turns. Called by the thread that
/// drives, before and after each turn: may allocate, must not block or throw. `turn_messages` is
/// how many messages an actor handles in one turn before it is pushed again.
template <class Order>
concept ready_order = ready_order_counts_workers<Order> && ready_order_takes<Order> &&
                      ready_order_gives<Order> && ready_order_bounds_a_turn<Order>;

/// Lists what a type lacks to be a ready order.
template <class Order>
consteval bool explain_ready_order() {
    static_assert(ready_order_counts_workers<Order>,
                  "troupe: give the ready order a constructor that takes the number of workers");
    static_assert(ready_order_takes<Order>,
                  "troupe: add `void push(int worker, troupe::runnable&) noexcept` to the ready "
                  "order");
    static_assert(ready_order_gives<Order>,
                  "troupe: add `troupe::runnable* pop(unsigned& worker) noexcept` to the ready "
                  "order");
    static_assert(
        ready_order_bounds_a_turn<Order>,
        "troupe: add `static constexpr unsigned turn_messages = ...;`, at least 1, to the "
        "ready order");
    return true;
}

}  // namespace troupe::inline TROUPE_ABI
