// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a metrics sink is.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "troupe/config/abi.hpp"

namespace troupe::inline TROUPE_ABI {

class failure;

/// The numbers a system tells its sink. Each is a counter: what is told is added.
enum class metric : std::uint8_t {
    messages_handled,  ///< after each turn of an actor
    actors_spawned,
    actors_stopped,
    actors_failed,       ///< a handler, a hook or a restart failed
    actors_restarted,    ///< an object was built again, or the attempt was made
    failures_escalated,  ///< a parent failed by its child
    hooks_overdue,       ///< a hook took longer than its deadline
};

inline constexpr std::size_t metric_count = 7;

constexpr std::string_view to_string(metric id) noexcept {
    switch (id) {
        case metric::messages_handled: return "messages_handled";
        case metric::actors_spawned: return "actors_spawned";
        case metric::actors_stopped: return "actors_stopped";
        case metric::actors_failed: return "actors_failed";
        case metric::actors_restarted: return "actors_restarted";
        case metric::failures_escalated: return "failures_escalated";
        case metric::hooks_overdue: return "hooks_overdue";
    }
    return "?";
}

template <class Sink>
concept metrics_sink_counts = requires(Sink& s, metric id, std::uint64_t n) {
    { s.count(id, n) } noexcept;
};

/// Optional: `failed` is called once for each failure. It is none where there was no memory for it.
template <class Sink>
concept metrics_sink_takes_failures = requires(Sink& s, failure const& f) { s.failed(f); };
template <class Sink>
concept metrics_sink_takes_failures_without_throwing = requires(Sink& s, failure const& f) {
    { s.failed(f) } noexcept;
};
template <class Sink>
concept metrics_sink_never_throws_at_a_failure =
    !metrics_sink_takes_failures<Sink> || metrics_sink_takes_failures_without_throwing<Sink>;

/// Where numbers leave the system. Called from workers, concurrently, never under a lock of the
/// library: must not block, allocate or throw.
template <class Sink>
concept metrics_sink = std::default_initializable<Sink> && metrics_sink_counts<Sink> &&
                       metrics_sink_never_throws_at_a_failure<Sink>;

/// Lists what a type lacks to be a metrics sink.
template <class Sink>
consteval bool explain_metrics_sink() {
    static_assert(std::default_initializable<Sink>,
                  "troupe: give the metrics sink a constructor without arguments");
    static_assert(metrics_sink_counts<Sink>,
                  "troupe: add `void count(troupe::metric, std::uint64_t) noexcept` to the metrics "
                  "sink");
    static_assert(
        metrics_sink_never_throws_at_a_failure<Sink>,
        "troupe: make `void failed(troupe::failure const&)` of the metrics sink noexcept");
    return true;
}

}  // namespace troupe::inline TROUPE_ABI
