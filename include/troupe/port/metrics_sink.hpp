// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a metrics sink is, and what a system tells it. What each number means, its name outside, its
// label and its threshold stand in observe/catalogue.hpp.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "troupe/config/abi.hpp"

namespace troupe::inline TROUPE_ABI {

class failure;

/// The numbers a system tells its sink, in the order of the catalogue. Some are told when they
/// change; those that the system counts anyway, when somebody calls `collect()` of the system.
enum class metric : std::uint8_t {
    // actors
    actors_alive,
    actors_spawned,
    actors_stopped,
    actors_failed,
    actors_restarted,
    failures_escalated,
    hooks_overdue,
    // messages
    messages_sent,
    messages_handled,
    messages_failed,
    messages_dropped,
    messages_queued,
    dead_letters,
    handler_seconds,
    // mailboxes
    mailbox_depth,
    mailbox_high_water,
    messages_over_bound,
    sender_waits,
    sender_wait_seconds,
    wait_cycles,
    // asks
    asks,
    ask_seconds,
    // what the system stands on
    pool_misses,
    pool_blocks,
    timers_armed,
    scheduler_workers,
    scheduler_turns,
    scheduler_parks,
    scheduler_steals,
    process_cpu_seconds,
    process_memory_bytes,
    // links to other processes
    link_state,
    link_reconnects,
    link_connect_failures,
    link_uptime_seconds,
    link_frames_sent,
    link_frames_received,
    link_bytes_sent,
    link_bytes_received,
    link_frames_rejected,
    link_codec_errors,
    link_dropped_messages,
    tls_handshake_seconds,
    tls_cert_expiry_seconds,
};

inline constexpr std::size_t metric_count =
    static_cast<std::size_t>(metric::tls_cert_expiry_seconds) + 1;

// Each has at most one label, whose key stands in the catalogue; `label` is its value, empty where
// there is none. The text lives as long as the call.

/// Counters: `n` more.
template <class Sink>
concept metrics_sink_adds = requires(Sink& s, metric id, std::string_view label, std::uint64_t n) {
    { s.add(id, label, n) } noexcept;
};
/// Gauges: from now on `value`.
template <class Sink>
concept metrics_sink_sets = requires(Sink& s, metric id, std::string_view label, double value) {
    { s.set(id, label, value) } noexcept;
};
/// Histograms: one more `value`. Those of frequent things are told of a few, chosen by chance.
template <class Sink>
concept metrics_sink_samples = requires(Sink& s, metric id, std::string_view label, double value) {
    { s.sample(id, label, value) } noexcept;
};

/// Optional: `failed` is called once for each failure. It is none where there was no memory for it.
template <class Sink>
concept metrics_sink_takes_failures = requires(Sink& s, failure const& f) { s.failed(f); };
template <class Sink>
concept metrics_sink_takes_failures_without_throwing = requires(Sink& s, failure const& f) {
    { s.failed(f) } noexcept;
};
/// `failed(failure&)` would never be called: nobody has one to be changed.
template <class Sink>
inline constexpr bool metrics_sink_takes_failures_as_they_are =
    metrics_sink_takes_failures<Sink> || !requires(Sink& s, failure& f) { s.failed(f); };
template <class Sink>
concept metrics_sink_never_throws_at_a_failure =
    !metrics_sink_takes_failures<Sink> || metrics_sink_takes_failures_without_throwing<Sink>;

/// Where numbers leave the system. Called from workers and from threads that send, concurrently,
/// never under a lock of the library: must not block, allocate or throw.
template <class Sink>
concept metrics_sink =
    std::default_initializable<Sink> && metrics_sink_adds<Sink> && metrics_sink_sets<Sink> &&
    metrics_sink_samples<Sink> && metrics_sink_takes_failures_as_they_are<Sink> &&
    metrics_sink_never_throws_at_a_failure<Sink>;

/// Lists what a type lacks to be a metrics sink.
template <class Sink>
consteval bool explain_metrics_sink() {
    static_assert(std::default_initializable<Sink>,
                  "troupe: give the metrics sink a constructor without arguments");
    static_assert(metrics_sink_adds<Sink>,
                  "troupe: add `void add(troupe::metric, std::string_view label, std::uint64_t) "
                  "noexcept` to the metrics sink");
    static_assert(metrics_sink_sets<Sink>,
                  "troupe: add `void set(troupe::metric, std::string_view label, double) noexcept` "
                  "to the metrics sink");
    static_assert(metrics_sink_samples<Sink>,
                  "troupe: add `void sample(troupe::metric, std::string_view label, double) "
                  "noexcept` to the metrics sink");
    static_assert(metrics_sink_takes_failures_as_they_are<Sink>,
                  "troupe: make `failed` of the metrics sink `void failed(troupe::failure const&) "
                  "noexcept`: without the const nobody could call it");
    static_assert(
        metrics_sink_never_throws_at_a_failure<Sink>,
        "troupe: make `void failed(troupe::failure const&)` of the metrics sink noexcept");
    return true;
}

}  // namespace troupe::inline TROUPE_ABI
