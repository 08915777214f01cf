// SPDX-License-Identifier: BSL-1.0
#pragma once

// Every number a system tells: the one table. The names are those that Prometheus wants, without
// the prefix that a sink puts before them. docs/reference/metrics.md is made of it (tools/metrics).

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
/// In the order of the enum.
inline constexpr metric_info metric_catalogue[] = {
    {metric::actors_alive, metric_kind::gauge, metric_told::collected, "actors_alive", "", "type",
     "Actors that are alive.",
     "sum(troupe_actors_alive) > 0.8 * 16777216"},
    {metric::actors_spawned, metric_kind::counter, metric_told::at_once, "actors_spawned_total", "", "type",
     "Actors that were spawned.",
     ""},
    {metric::actors_stopped, metric_kind::counter, metric_told::at_once, "actors_stopped_total", "", "type",
     "Actors that have ended.",
     ""},
    {metric::actors_failed, metric_kind::counter, metric_told::at_once, "actors_failed_total", "", "type",
     "Handlers, signals and restarts of actors that have failed.",
     "sum(rate(troupe_actors_failed_total[5m])) > 0.05 * sum(rate(troupe_messages_handled_total[5m]))"},
    {metric::actors_restarted, metric_kind::counter, metric_told::at_once, "actors_restarted_total", "", "type",
     "Objects of actors that were built again, and attempts to.",
     "sum by (type) (increase(troupe_actors_restarted_total[1m])) > 1"},
    {metric::failures_escalated, metric_kind::counter, metric_told::at_once, "failures_escalated_total", "", "type",
     "Failures of a child, of this type, by which its parent has failed.",
     "increase(troupe_failures_escalated_total[5m]) > 0"},
    {metric::hooks_overdue, metric_kind::counter, metric_told::at_once, "hooks_overdue_total", "", "type",
     "Hooks that took longer than their deadline.",
     "increase(troupe_hooks_overdue_total[5m]) > 0"},

    {metric::messages_sent, metric_kind::counter, metric_told::collected, "messages_sent_total", "", "",
     "Messages given to send, try_send, ask and timers.",
     ""},
    {metric::messages_handled, metric_kind::counter, metric_told::collected, "messages_handled_total", "", "",
     "Messages whose handler has ended, well or not.",
     ""},
    {metric::messages_failed, metric_kind::counter, metric_told::collected, "messages_failed_total", "", "",
     "Messages whose handler has failed.",
     "rate(troupe_messages_failed_total[5m]) > 0.05 * rate(troupe_messages_handled_total[5m])"},
    {metric::messages_dropped, metric_kind::counter, metric_told::collected, "messages_dropped_total", "", "cause",
     "Messages that nobody will handle.",
     "rate(troupe_messages_dropped_total{cause=~\"refused|overflow|pool\"}[5m]) > 0"},
    {metric::messages_queued, metric_kind::gauge, metric_told::collected, "messages_queued", "", "",
     "Messages that wait in mailboxes, for room, or in a suspended handler.",
     "troupe_messages_queued > 10000"},
    {metric::dead_letters, metric_kind::counter, metric_told::collected, "dead_letters_total", "", "cause",
     "Messages that were dropped and not handed back to their actor.",
     "sum(rate(troupe_dead_letters_total[5m])) > 1"},
    {metric::handler_seconds, metric_kind::histogram, metric_told::sampled, "handler_seconds", "seconds", "type",
     "Time in a handler, until it ends or waits for the first time.",
     "histogram_quantile(0.99, sum by (le, type) (rate(troupe_handler_seconds_bucket[5m]))) > 0.1"},

    {metric::mailbox_depth, metric_kind::histogram, metric_told::sampled, "mailbox_depth", "", "type",
     "Messages in the mailbox of an actor when it begins a turn.",
     "histogram_quantile(0.99, sum by (le, type) (rate(troupe_mailbox_depth_bucket[5m]))) > 0.8 * 1024"},
    {metric::mailbox_high_water, metric_kind::gauge, metric_told::collected, "mailbox_high_water", "", "",
     "The most messages that a long turn, a sample or a full mailbox has seen in one mailbox.",
     ""},
    {metric::messages_over_bound, metric_kind::counter, metric_told::collected, "messages_over_bound_total", "", "",
     "Messages that a full mailbox has taken, for which the sender is to wait.",
     ""},
    {metric::sender_waits, metric_kind::counter, metric_told::collected, "sender_waits_total", "", "",
     "Times a sender began to wait for room in a mailbox.",
     "rate(troupe_sender_waits_total[5m]) > 100"},
    {metric::sender_wait_seconds, metric_kind::histogram, metric_told::at_once, "sender_wait_seconds", "seconds", "type",
     "How long senders have waited for room, by the type of the actor whose mailbox was full.",
     "histogram_quantile(0.99, sum by (le, type) (rate(troupe_sender_wait_seconds_bucket[5m]))) > 1"},
    {metric::wait_cycles, metric_kind::counter, metric_told::collected, "wait_cycles_total", "", "",
     "Waits that were let through, or asks that failed, because they would have closed a cycle.",
     "increase(troupe_wait_cycles_total[5m]) > 0"},

    {metric::asks, metric_kind::counter, metric_told::collected, "asks_total", "", "outcome",
     "Asks that have ended, by how.",
     "sum(rate(troupe_asks_total{outcome!=\"answered\"}[5m])) > 0.05 * sum(rate(troupe_asks_total[5m]))"},
    {metric::ask_seconds, metric_kind::histogram, metric_told::sampled, "ask_seconds", "seconds", "",
     "Time from the ask until its outcome is taken.",
     "histogram_quantile(0.99, rate(troupe_ask_seconds_bucket[5m])) > 0.2"},

    {metric::pool_misses, metric_kind::counter, metric_told::collected, "pool_misses_total", "", "",
     "Times a worker had no block at hand and asked the depot.",
     ""},
    {metric::pool_blocks, metric_kind::gauge, metric_told::collected, "pool_blocks", "", "",
     "Blocks of the pool that are in use.",
     ""},
    {metric::timers_armed, metric_kind::gauge, metric_told::collected, "timers_armed", "", "",
     "Timers that are armed.",
     ""},
    {metric::scheduler_workers, metric_kind::gauge, metric_told::collected, "scheduler_workers", "", "",
     "Threads that run actors.",
     ""},
    {metric::scheduler_turns, metric_kind::counter, metric_told::collected, "scheduler_turns_total", "", "",
     "Turns of actors, and looks for one that found none.",
     ""},
    {metric::scheduler_parks, metric_kind::counter, metric_told::collected, "scheduler_parks_total", "", "",
     "Times a worker went to sleep because there was nothing to do.",
     ""},
    {metric::scheduler_steals, metric_kind::counter, metric_told::collected, "scheduler_steals_total", "", "",
     "Times a worker took actors that waited for another.",
     ""},
    {metric::process_cpu_seconds, metric_kind::gauge, metric_told::collected, "process_cpu_seconds", "seconds", "",
     "Processor time that the process has used.",
     "deriv(troupe_process_cpu_seconds[5m]) > 0.8 * troupe_scheduler_workers"},
    {metric::process_memory_bytes, metric_kind::gauge, metric_told::collected, "process_memory_bytes", "bytes", "",
     "Memory of the process that is in RAM.",
     "troupe_process_memory_bytes > 0.8 * 4e9"},

    {metric::link_state, metric_kind::gauge, metric_told::at_once, "link_state", "", "link",
     "1: the link is up; 0: it is not.",
     "troupe_link_state == 0"},
    {metric::link_reconnects, metric_kind::counter, metric_told::at_once, "link_reconnects_total", "", "link",
     "Attempts to get a link back.",
     "increase(troupe_link_reconnects_total[5m]) > 5"},
    {metric::link_connect_failures, metric_kind::counter, metric_told::at_once, "link_connect_failures_total", "", "reason",
     "Attempts to connect that have failed.",
     "sum(increase(troupe_link_connect_failures_total[5m])) > 5"},
    {metric::link_uptime_seconds, metric_kind::histogram, metric_told::at_once, "link_uptime_seconds", "seconds", "",
     "How long links were up that have gone.",
     "histogram_quantile(0.5, rate(troupe_link_uptime_seconds_bucket[1h])) < 60"},
    {metric::link_frames_sent, metric_kind::counter, metric_told::at_once, "link_frames_sent_total", "", "link",
     "Frames that were written to links.",
     ""},
    {metric::link_frames_received, metric_kind::counter, metric_told::at_once, "link_frames_received_total", "", "link",
     "Frames that were read from links.",
     ""},
    {metric::link_bytes_sent, metric_kind::counter, metric_told::at_once, "link_sent_bytes_total", "bytes", "link",
     "Bytes that were written to links.",
     ""},
    {metric::link_bytes_received, metric_kind::counter, metric_told::at_once, "link_received_bytes_total", "bytes", "link",
     "Bytes that were read from links.",
     ""},
    {metric::link_frames_rejected, metric_kind::counter, metric_told::at_once, "frames_rejected_total", "", "reason",
     "Frames that were not understood, or not allowed; each ends its link.",
     "sum(increase(troupe_frames_rejected_total[5m])) > 0"},
    {metric::link_codec_errors, metric_kind::counter, metric_told::at_once, "codec_errors_total", "", "reason",
     "Messages from links whose bytes were no value.",
     "sum(increase(troupe_codec_errors_total[5m])) > 0"},
    {metric::link_dropped_messages, metric_kind::counter, metric_told::at_once, "link_dropped_messages_total", "", "cause",
     "Messages that were lost between here and the other process.",
     "sum(rate(troupe_link_dropped_messages_total[5m])) > 1"},
    {metric::tls_handshake_seconds, metric_kind::histogram, metric_told::at_once, "tls_handshake_seconds", "seconds", "link",
     "How long handshakes took.",
     "histogram_quantile(0.99, sum by (le) (rate(troupe_tls_handshake_seconds_bucket[5m]))) > 2"},
    {metric::tls_cert_expiry_seconds, metric_kind::gauge, metric_told::at_once, "tls_cert_expiry_seconds", "seconds", "link",
     "Time until the certificate of the other side is no longer valid.",
     "troupe_tls_cert_expiry_seconds < 14 * 86400"},
};
// clang-format on

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
