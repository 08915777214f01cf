// SPDX-License-Identifier: BSL-1.0
#pragma once

// Every choice of a system, with its default. A system of your own derives from `defaults` and
// redeclares what differs:
//
//     struct trading : troupe::defaults {
//         using scheduler_type = troupe::run_loop_scheduler;
//     };
//     troupe::basic_system<trading> system;

#include <concepts>
#include <cstdint>
#include <cstdio>
#include <type_traits>

#include "troupe/base/errors.hpp"
#include "troupe/config/hints.hpp"
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
    /// Where the log goes, and from which level up: `leveled<console_log, log_level::info>`,
    /// development_log, production_log, null_log. Below the floor of the sink nothing is built.
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

template <class Scheduler>
inline constexpr bool is_scheduler = scheduler<Scheduler>;
template <class Scheduler>
inline constexpr bool scheduler_is_driven = false;
template <scheduler Scheduler>
inline constexpr bool scheduler_is_driven<Scheduler> = Scheduler::driven;

template <class Config>
inline constexpr bool config_derives_from_defaults = std::is_base_of_v<defaults, Config>;
template <class Mailbox>
inline constexpr bool is_mailbox = mailbox<Mailbox>;
template <class Mailbox>
inline constexpr bool mailbox_never_refuses = !mailbox_refuses<Mailbox>;

/// Says what is wrong with the choices of a system.
template <class Config>
consteval bool explain_config() {
    static_assert(
        config_derives_from_defaults<Config>,
        "troupe: derive the configuration of a system from troupe::defaults, and redeclare "
        "what differs");
    if constexpr (config_derives_from_defaults<Config>) {
        using mailbox = typename Config::mailbox_type;
        static_assert(is_scheduler<typename Config::scheduler_type>,
                      "troupe: the scheduler_type of the system is no scheduler; write "
                      "work_stealing_scheduler, run_loop_scheduler or simulated_scheduler");
        if constexpr (!is_scheduler<typename Config::scheduler_type>) {
            explain_scheduler<typename Config::scheduler_type>();
        }
        explain_pool<typename Config::pool_type>();
        explain_clock<typename Config::clock_type>();
        explain_log_sink<typename Config::log_type>();
        explain_metrics_sink<typename Config::metrics_type>();
        static_assert(is_mailbox<mailbox>,
                      "troupe: the mailbox_type of the system is not a mailbox; write "
                      "bounded_mailbox<N, Overflow> or unbounded_mailbox");
        if constexpr (is_mailbox<mailbox>) {
            static_assert(
                mailbox_never_refuses<mailbox>,
                "troupe: the mailbox_type of a system must not refuse (`overflow::fail`): "
                "senders could not see it in the type of their reference; declare it in the "
                "actor");
        } else {
            explain_mailbox<mailbox>();
        }
    }
    return true;
}

[[noreturn]] TROUPE_COLD inline void refuse(char const* text) {
#if TROUPE_HAS_EXCEPTIONS
    throw config_error{text};
#else
    std::fprintf(stderr, "%s\n", text);
    std::abort();
#endif
}

/// Refuses a value outside its range, by name. (`value`: the number, without its sign.)
TROUPE_COLD inline void check_range(char const* setting, std::uint64_t value, std::uint64_t least,
                                    std::uint64_t most, bool negative = false) {
    if (!negative && value >= least && value <= most) return;
    char text[200];
    std::snprintf(text, sizeof text,
                  "troupe: config: %s: %s%llu is outside the allowed range [%llu, %llu]", setting,
                  negative ? "-" : "", static_cast<unsigned long long>(value),
                  static_cast<unsigned long long>(least), static_cast<unsigned long long>(most));
    refuse(text);
}

template <class Config>
void check(options<Config> const& given) {
    using scheduler = typename Config::scheduler_type;
    if (given.workers != automatic) {
        check_range("workers", given.workers, scheduler::workers_min, scheduler::workers_max);
    }
    check_range("actors_max", given.actors_max, 1, std::uint64_t{1} << 32);
    bool const negative = given.stop_deadline.count() < 0;
    auto const span = static_cast<std::uint64_t>(given.stop_deadline.count());
    check_range("stop_deadline (nanoseconds)", negative ? 0 - span : span, 0, INT64_MAX, negative);
}

}  // namespace detail
}  // namespace troupe::inline TROUPE_ABI
