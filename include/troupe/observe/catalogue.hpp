// SPDX-License-Identifier: BSL-1.0
#pragma once

// Every number a system tells: the one table. The names are those that Prometheus wants, without
// the prefix that a sink puts before them. docs/reference/metrics.md is made of it (tools/tables).

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "troupe/port/metrics_sink.hpp"

namespace troupe::inline TROUPE_ABI {

enum class metric_kind : std::uint8_t { counter, gauge, histogram };

constexpr std::string_view to_string(metric_kind kind) noexcept {
    switch (kind) {
        case metric_kind::counter: return "counter";
        case metric_kind::gauge: return "gauge";
        case metric_kind::histogram: return "histogram";
    }
    return "?";
}

/// How a number reaches the sink.
enum class metric_told : std::uint8_t {
    at_once,    ///< when it happens
    sampled,    ///< when it happens, of a few chosen by chance
    collected,  ///< when `collect()` of the system is called
};

constexpr std::string_view to_string(metric_told how) noexcept {
    switch (how) {
        case metric_told::at_once: return "at once";
        case metric_told::sampled: return "sampled";
        case metric_told::collected: return "collected";
    }
    return "?";
}

struct metric_info {
    metric           id;
    metric_kind      kind;
    metric_told      told;
    std::string_view name;
    std::string_view unit;   ///< "seconds", "bytes", or empty: a number of things
    std::string_view label;  ///< its key; empty: it has none
    std::string_view help;
    /// When somebody should be told, in PromQL, for the prefix `troupe`; empty: it is context.
    std::string_view alarm;
};

// clang-format off
namespace detail {
using namespace std::string_view_literals;  // without: the length of each text is counted
inline constexpr metric_info catalogue_rows[] = {
    {metric::actors_alive, metric_kind::gauge, metric_told::collected, "actors_alive"sv, ""sv, "type"sv,
     "Actors that are alive."sv,
     "sum(troupe_actors_alive) > 0.8 * 16777216"sv},
    {metric::actors_spawned, metric_kind::counter, metric_told::at_once, "actors_spawned_total"sv, ""sv, "type"sv,
     "Actors that were spawned."sv,
     ""sv},
    {metric::actors_stopped, metric_kind::counter, metric_told::at_once, "actors_stopped_total"sv, ""sv, "type"sv,
     "Actors that have ended."sv,
     ""sv},
    {metric::actors_failed, metric_kind::counter, metric_told::at_once, "actors_failed_total"sv, ""sv, "type"sv,
     "Handlers, signals and restarts of actors that have failed."sv,
     "sum(rate(troupe_actors_failed_total[5m])) > 0.05 * sum(rate(troupe_messages_handled_total[5m]))"sv},
    {metric::actors_restarted, metric_kind::counter, metric_told::at_once, "actors_restarted_total"sv, ""sv, "type"sv,
     "Objects of actors that were built again, and attempts to."sv,
     "sum by (type) (increase(troupe_actors_restarted_total[1m])) > 1"sv},
    {metric::failures_escalated, metric_kind::counter, metric_told::at_once, "failures_escalated_total"sv, ""sv, "type"sv,
     "Failures of a child, of this type, by which its parent has failed."sv,
     "increase(troupe_failures_escalated_total[5m]) > 0"sv},
    {metric::hooks_overdue, metric_kind::counter, metric_told::at_once, "hooks_overdue_total"sv, ""sv, "type"sv,
     "Hooks that took longer than their deadline."sv,
     "increase(troupe_hooks_overdue_total[5m]) > 0"sv},

    {metric::messages_sent, metric_kind::counter, metric_told::collected, "messages_sent_total"sv, ""sv, ""sv,
     "Messages given to send, try_send, ask and timers."sv,
     ""sv},
    {metric::messages_handled, metric_kind::counter, metric_told::collected, "messages_handled_total"sv, ""sv, ""sv,
     "Messages whose handler has ended, well or not."sv,
     ""sv},
    {metric::messages_failed, metric_kind::counter, metric_told::collected, "messages_failed_total"sv, ""sv, ""sv,
     "Messages whose handler has failed."sv,
     "rate(troupe_messages_failed_total[5m]) > 0.05 * rate(troupe_messages_handled_total[5m])"sv},
    {metric::messages_dropped, metric_kind::counter, metric_told::collected, "messages_dropped_total"sv, ""sv, "cause"sv,
     "Messages that nobody will handle."sv,
     "rate(troupe_messages_dropped_total{cause=~\"refused|overflow|pool\"}[5m]) > 0"sv},
    {metric::messages_queued, metric_kind::gauge, metric_told::collected, "messages_queued"sv, ""sv, ""sv,
     "Messages that wait in mailboxes, for room, or in a suspended handler."sv,
     "troupe_messages_queued > 10000"sv},
    {metric::dead_letters, metric_kind::counter, metric_told::collected, "dead_letters_total"sv, ""sv, "cause"sv,
     "Messages that were dropped and not handed back to their actor."sv,
     "sum(rate(troupe_dead_letters_total[5m])) > 1"sv},
    {metric::handler_seconds, metric_kind::histogram, metric_told::sampled, "handler_seconds"sv, "seconds"sv, "type"sv,
     "Time in a handler, until it ends or waits for the first time."sv,
     "histogram_quantile(0.99, sum by (le, type) (rate(troupe_handler_seconds_bucket[5m]))) > 0.1"sv},

    {metric::mailbox_depth, metric_kind::histogram, metric_told::sampled, "mailbox_depth"sv, ""sv, "type"sv,
     "Messages in the mailbox of an actor when it begins a turn."sv,
     "histogram_quantile(0.99, sum by (le, type) (rate(troupe_mailbox_depth_bucket[5m]))) > 0.8 * 1024"sv},
    {metric::mailbox_high_water, metric_kind::gauge, metric_told::collected, "mailbox_high_water"sv, ""sv, ""sv,
     "The most messages that a long turn, a sample or a full mailbox has seen in one mailbox."sv,
     ""sv},
    {metric::messages_over_bound, metric_kind::counter, metric_told::collected, "messages_over_bound_total"sv, ""sv, ""sv,
     "Messages that a full mailbox has taken, for which the sender is to wait."sv,
     ""sv},
    {metric::sender_waits, metric_kind::counter, metric_told::collected, "sender_waits_total"sv, ""sv, ""sv,
     "Times a sender began to wait for room in a mailbox."sv,
     "rate(troupe_sender_waits_total[5m]) > 100"sv},
    {metric::sender_wait_seconds, metric_kind::histogram, metric_told::at_once, "sender_wait_seconds"sv, "seconds"sv, "type"sv,
     "How long senders have waited for room, by the type of the actor whose mailbox was full."sv,
     "histogram_quantile(0.99, sum by (le, type) (rate(troupe_sender_wait_seconds_bucket[5m]))) > 1"sv},
    {metric::wait_cycles, metric_kind::counter, metric_told::collected, "wait_cycles_total"sv, ""sv, ""sv,
     "Waits that were let through, or asks that failed, because they would have closed a cycle."sv,
     "increase(troupe_wait_cycles_total[5m]) > 0"sv},

    {metric::asks, metric_kind::counter, metric_told::collected, "asks_total"sv, ""sv, "outcome"sv,
     "Asks that have ended, by how."sv,
     "sum(rate(troupe_asks_total{outcome!=\"answered\"}[5m])) > 0.05 * sum(rate(troupe_asks_total[5m]))"sv},
    {metric::ask_seconds, metric_kind::histogram, metric_told::sampled, "ask_seconds"sv, "seconds"sv, ""sv,
     "Time from the ask until its outcome is taken."sv,
     "histogram_quantile(0.99, rate(troupe_ask_seconds_bucket[5m])) > 0.2"sv},

    {metric::pool_misses, metric_kind::counter, metric_told::collected, "pool_misses_total"sv, ""sv, ""sv,
     "Times a worker had no block at hand and asked the depot."sv,
     ""sv},
    {metric::pool_blocks, metric_kind::gauge, metric_told::collected, "pool_blocks"sv, ""sv, ""sv,
     "Blocks of the pool that are in use."sv,
     ""sv},
    {metric::timers_armed, metric_kind::gauge, metric_told::collected, "timers_armed"sv, ""sv, ""sv,
     "Timers that are armed."sv,
     ""sv},
    {metric::scheduler_workers, metric_kind::gauge, metric_told::collected, "scheduler_workers"sv, ""sv, ""sv,
     "Threads that run actors."sv,
     ""sv},
    {metric::scheduler_turns, metric_kind::counter, metric_told::collected, "scheduler_turns_total"sv, ""sv, ""sv,
     "Turns of actors, and looks for one that found none."sv,
     ""sv},
    {metric::scheduler_parks, metric_kind::counter, metric_told::collected, "scheduler_parks_total"sv, ""sv, ""sv,
     "Times a worker went to sleep because there was nothing to do."sv,
     ""sv},
    {metric::scheduler_steals, metric_kind::counter, metric_told::collected, "scheduler_steals_total"sv, ""sv, ""sv,
     "Times a worker took actors that waited for another."sv,
     ""sv},
    {metric::process_cpu_seconds, metric_kind::gauge, metric_told::collected, "process_cpu_seconds"sv, "seconds"sv, ""sv,
     "Processor time that the process has used."sv,
     "deriv(troupe_process_cpu_seconds[5m]) > 0.8 * troupe_scheduler_workers"sv},
    {metric::process_memory_bytes, metric_kind::gauge, metric_told::collected, "process_memory_bytes"sv, "bytes"sv, ""sv,
     "Memory of the process that is in RAM."sv,
     "troupe_process_memory_bytes > 0.8 * 4e9"sv},

    {metric::link_state, metric_kind::gauge, metric_told::at_once, "link_state"sv, ""sv, "link"sv,
     "1: the link that was made here is up; 0: it is not."sv,
     "troupe_link_state == 0"sv},
    {metric::link_reconnects, metric_kind::counter, metric_told::at_once, "link_reconnects_total"sv, ""sv, "link"sv,
     "Attempts to get a link back."sv,
     "increase(troupe_link_reconnects_total[5m]) > 5"sv},
    {metric::link_connect_failures, metric_kind::counter, metric_told::at_once, "link_connect_failures_total"sv, ""sv, "reason"sv,
     "Attempts to connect that have failed."sv,
     "sum(increase(troupe_link_connect_failures_total[5m])) > 5"sv},
    {metric::link_uptime_seconds, metric_kind::histogram, metric_told::at_once, "link_uptime_seconds"sv, "seconds"sv, ""sv,
     "How long links were up that have gone."sv,
     "histogram_quantile(0.5, rate(troupe_link_uptime_seconds_bucket[1h])) < 60"sv},
    {metric::link_frames_sent, metric_kind::counter, metric_told::at_once, "link_frames_sent_total"sv, ""sv, "link"sv,
     "Frames that were given to links to be written."sv,
     ""sv},
    {metric::link_frames_received, metric_kind::counter, metric_told::at_once, "link_frames_received_total"sv, ""sv, "link"sv,
     "Frames that were read from links."sv,
     ""sv},
    {metric::link_bytes_sent, metric_kind::counter, metric_told::at_once, "link_sent_bytes_total"sv, "bytes"sv, "link"sv,
     "Bytes that were written to links."sv,
     ""sv},
    {metric::link_bytes_received, metric_kind::counter, metric_told::at_once, "link_received_bytes_total"sv, "bytes"sv, "link"sv,
     "Bytes that were read from links."sv,
     ""sv},
    {metric::link_frames_rejected, metric_kind::counter, metric_told::at_once, "frames_rejected_total"sv, ""sv, "reason"sv,
     "Frames that were not understood, or not allowed; each ends its link."sv,
     "sum(increase(troupe_frames_rejected_total[5m])) > 0"sv},
    {metric::link_codec_errors, metric_kind::counter, metric_told::at_once, "codec_errors_total"sv, ""sv, "reason"sv,
     "Messages from links whose bytes were no value."sv,
     "sum(increase(troupe_codec_errors_total[5m])) > 0"sv},
    {metric::link_dropped_messages, metric_kind::counter, metric_told::at_once, "link_dropped_messages_total"sv, ""sv, "cause"sv,
     "Messages that were lost between here and the other process."sv,
     "sum(rate(troupe_link_dropped_messages_total[5m])) > 1"sv},
    {metric::tls_handshake_seconds, metric_kind::histogram, metric_told::at_once, "tls_handshake_seconds"sv, "seconds"sv, "link"sv,
     "From having a connection until both sides have proved who they are."sv,
     "histogram_quantile(0.99, sum by (le) (rate(troupe_tls_handshake_seconds_bucket[5m]))) > 2"sv},
    {metric::tls_cert_expiry_seconds, metric_kind::gauge, metric_told::at_once, "tls_cert_expiry_seconds"sv, "seconds"sv, "node"sv,
     "Time until the certificate of a node is no longer valid."sv,
     "troupe_tls_cert_expiry_seconds < 14 * 86400"sv},
};
// clang-format on
}  // namespace detail

/// In the order of the enum.
inline constexpr auto& metric_catalogue = detail::catalogue_rows;

constexpr metric_info const& describe(metric id) noexcept {
    return metric_catalogue[static_cast<std::size_t>(id)];
}
constexpr std::string_view to_string(metric id) noexcept { return describe(id).name; }

namespace detail {
consteval bool catalogue_is_in_order() {
    if (sizeof metric_catalogue / sizeof metric_catalogue[0] != metric_count) return false;
    for (std::size_t i = 0; i < metric_count; ++i) {
        if (static_cast<std::size_t>(metric_catalogue[i].id) != i) return false;
    }
    return true;
}
static_assert(catalogue_is_in_order());
}  // namespace detail

}  // namespace troupe::inline TROUPE_ABI
