// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a system counts by itself, told to its metrics sink when somebody asks. A sink hears of
// counters what is new since the last time, whoever asked then. Any thread; under no lock.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "troupe/actor/core.hpp"
#include "troupe/config/hints.hpp"
#include "troupe/observe/snapshot.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// How much of a growing number was told.
class told_total {
public:
    /// What is new. Of two that ask at once, each gets a part.
    std::uint64_t more(std::uint64_t now) noexcept {
        std::uint64_t told = told_.load(memory_order_relaxed);  // relaxed: a number, here and below
        while (told < now) {
            if (told_.compare_exchange_weak(told, now, memory_order_relaxed,
                                            memory_order_relaxed)) {
                return now - told;
            }
        }
        return 0;
    }

private:
    atomic<std::uint64_t> told_{0};
};

class metrics_collector {
public:
    void tell(core& home, system_snapshot const& seen) noexcept;

private:
    static constexpr std::size_t types_max = 64;
    void                         tell_living(core& home) noexcept;
    std::size_t                  place_of(cell_ops const& ops) noexcept;

    told_total sent_, handled_, failed_, over_bound_, waits_, cycles_, misses_, turns_, parks_,
        steals_;
    told_total              dropped_[drop_causes];
    told_total              letters_[drop_causes];
    told_total              asks_[ask_outcomes];
    atomic<cell_ops const*> types_[types_max];  // types that were seen alive, oldest first
};

TROUPE_COLD inline void metrics_collector::tell(core& home, system_snapshot const& seen) noexcept {
    accounting const& books = seen.books;
    home.count(metric::messages_sent, {}, sent_.more(books.sent));
    home.count(metric::messages_handled, {}, handled_.more(books.handled));
    home.count(metric::messages_failed, {}, failed_.more(books.failed));
    for (std::size_t i = 0; i < drop_causes; ++i) {
        std::string_view const cause = to_string(static_cast<drop_cause>(i));
        home.count(metric::messages_dropped, cause, dropped_[i].more(books.dropped[i]));
        if (static_cast<drop_cause>(i) == drop_cause::handed_back) continue;  // it is none
        home.count(metric::dead_letters, cause, letters_[i].more(seen.dead_letters[i]));
    }
    home.gauge(metric::messages_queued, {}, static_cast<double>(books.queued));
    home.gauge(metric::mailbox_high_water, {}, static_cast<double>(seen.mailbox_high_water));
    home.count(metric::messages_over_bound, {}, over_bound_.more(books.overcommitted));
    home.count(metric::sender_waits, {}, waits_.more(seen.sender_waits));
    home.count(metric::wait_cycles, {}, cycles_.more(books.cycles));
    for (std::size_t i = 0; i < ask_outcomes; ++i) {
        home.count(metric::asks, ask_outcome_names[i], asks_[i].more(seen.asks[i]));
    }
    home.count(metric::pool_misses, {}, misses_.more(books.pool_misses));
    home.gauge(metric::pool_blocks, {}, static_cast<double>(books.blocks));
    home.gauge(metric::timers_armed, {}, static_cast<double>(books.timers));
    home.gauge(metric::scheduler_workers, {}, static_cast<double>(seen.scheduler.workers));
    home.count(metric::scheduler_turns, {}, turns_.more(seen.scheduler.turns));
    home.count(metric::scheduler_parks, {}, parks_.more(seen.scheduler.parks));
    home.count(metric::scheduler_steals, {}, steals_.more(seen.scheduler.steals));
    if (seen.cpu_seconds >= 0) home.gauge(metric::process_cpu_seconds, {}, seen.cpu_seconds);
    if (seen.memory_bytes >= 0) home.gauge(metric::process_memory_bytes, {}, seen.memory_bytes);
    tell_living(home);
}

/// Looks at all actors. Those of types beyond the first `types_max` are told together.
TROUPE_COLD inline void metrics_collector::tell_living(core& home) noexcept {
    std::uint64_t alive[types_max + 1] = {};
    for (page* p = home.first_page(root_token{}); p != nullptr; p = p->next) {
        auto* const cells = reinterpret_cast<cell*>(p->memory);
        for (std::size_t i = 0; i < core::cells_per_page; ++i) {
            cell const& c = cells[i];
            // acquire: pairs with the release at birth; another actor by now is as good
            if (c.incarnation.load(memory_order_acquire) == 0 || &c == home.root_) continue;
            ++alive[place_of(*c.ops.load(memory_order_acquire))];
        }
    }
    for (std::size_t i = 0; i < types_max; ++i) {
        // acquire: pairs with the release in place_of()
        cell_ops const* const ops = types_[i].load(memory_order_acquire);
        if (ops == nullptr) return;
        home.gauge(metric::actors_alive, ops->actor_name, static_cast<double>(alive[i]));
    }
    home.gauge(metric::actors_alive, "other", static_cast<double>(alive[types_max]));
}

/// An actor type with two kinds of mailbox is one type.
inline std::size_t metrics_collector::place_of(cell_ops const& ops) noexcept {
    for (std::size_t i = 0; i < types_max; ++i) {
        // acquire: pairs with the release below
        cell_ops const* there = types_[i].load(memory_order_acquire);
        // release: the constant is initialised; acquire: who came first
        if (there == nullptr && types_[i].compare_exchange_strong(there, &ops, memory_order_acq_rel,
                                                                  memory_order_acquire)) {
            return i;
        }
        if (there == &ops || there->actor_name == ops.actor_name) return i;
    }
    return types_max;
}

}  // namespace troupe::inline TROUPE_ABI::detail
