// SPDX-License-Identifier: BSL-1.0
#pragma once

// Every choice of a system, with its default. A system of your own derives from `defaults` and
// redeclares what differs:
//
//     struct trading : troupe::defaults {
//         using scheduler_type = troupe::run_loop_scheduler;
//     };
//     troupe::basic_system<trading> system;

#include <chrono>
#include <cstdint>
#include <string>

#include "troupe/mailbox/policies.hpp"
#include "troupe/memory/pools.hpp"
#include "troupe/observe/log_sinks.hpp"
#include "troupe/observe/null_sink.hpp"
#include "troupe/os/monotonic_clock.hpp"
#include "troupe/schedule/driven.hpp"
#include "troupe/schedule/work_stealing.hpp"
#include "troupe/system/fwd.hpp"

namespace troupe::inline TROUPE_ABI {

struct defaults {
    /// Who runs the actors. run_loop_scheduler: your own loop, one thread.
    using scheduler_type = work_stealing_scheduler;
    /// Where messages lie. fixed_pool<Bytes>: no heap after start. heap_pool: visible to heap
    /// tools.
    using pool_type = slab_pool;
    /// Where time comes from. manual_clock (testing.hpp): a test owns it.
    using clock_type = monotonic_clock;
    /// Where failures, dead letters and stragglers are told.
    using log_type = console_log;
    /// Where numbers go.
    using metrics_type = null_sink;
    /// The mailbox of actors that declare none and are spawned through the system. (Children that
    /// an actor spawns are compiled without knowing the system: they have the library's default.)
    using mailbox_type = bounded_mailbox<1024, overflow::block>;
    /// How long the destructor of a system waits for its actors.
    static constexpr duration stop_deadline = std::chrono::seconds{5};
};

/// As many workers as the process may use processors.
inline constexpr unsigned automatic = ~0u;

/// What may be decided when the system is made. `Config` is `defaults` or derived from it.
template <class Config = defaults>
struct options {
    /// Threads that run actors: 1 to 256 (run_loop_scheduler: 1).
    unsigned workers = automatic;
    /// How many actors may live at a time: 1 to 2^32.
    std::uint64_t actors_max = std::uint64_t{1} << 24;
    /// How long the destructor waits: 0 or more.
    duration stop_deadline = Config::stop_deadline;
    /// The clock, if it is not the system's own. It must outlive the system.
    typename Config::clock_type* clock = nullptr;
};

namespace detail {

[[noreturn]] inline void refuse(std::string text) {
#if TROUPE_HAS_EXCEPTIONS
    throw config_error{std::move(text)};
#else
    std::fprintf(stderr, "%s\n", text.c_str());
    std::abort();
#endif
}

/// Refuses a value outside its range, by name.
template <class Number>
void check_range(char const* setting, Number value, Number least, Number most) {
    if (value >= least && value <= most) return;
    refuse(std::string{"troupe: config: "} + setting + ": " + std::to_string(value) +
           " is outside the allowed range [" + std::to_string(least) + ", " + std::to_string(most) +
           "]");
}

template <class Config>
void check(options<Config> const& given) {
    using scheduler = typename Config::scheduler_type;
    if (given.workers != automatic) {
        check_range("workers", given.workers, scheduler::workers_min, scheduler::workers_max);
    }
    check_range("actors_max", given.actors_max, std::uint64_t{1}, std::uint64_t{1} << 32);
    check_range("stop_deadline (nanoseconds)", given.stop_deadline.count(), duration::rep{0},
                duration::max().count());
}

}  // namespace detail
}  // namespace troupe::inline TROUPE_ABI
