// SPDX-License-Identifier: BSL-1.0
#pragma once

// How much a log record matters, and what the library itself has to tell: the one list of its
// events. docs/reference/log_sink.md shows it (tools/tables writes it there).

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "troupe/config/abi.hpp"

namespace troupe::inline TROUPE_ABI {

enum class log_level : std::uint8_t { debug, info, warning, error, critical };

constexpr std::string_view to_string(log_level level) noexcept {
    switch (level) {
        case log_level::debug: return "debug";
        case log_level::info: return "info";
        case log_level::warning: return "warning";
        case log_level::error: return "error";
        case log_level::critical: return "critical";
    }
    return "?";
}

/// What happened. `said` is the program's own: its words are in the record. All others are the
/// library's, one row each in `log_events`.
enum class log_event : std::uint8_t {
    said,
    system_started,
    system_stopped,
    actor_started,
    actor_stopped,
    actor_failed,
    actor_restarted,
    escalated,
    hook_failed,
    hook_overdue,
    dead_letter,
    straggler,
    wait_cycle,
    call_begun,
    call_completed,
    listening,
    actor_exposed,
    unknown_actor,
    link_up,
    link_down,
    link_closed,
    link_failed,
    reference_refused,
    message_unreadable,
    peer_refused,
    tls_failed,
    certificate_expires,
};

/// What an event is about. Records of `security` are for an audit: security_log<Sink>.
enum class log_topic : std::uint8_t { life, messages, calls, remote, security };

constexpr std::string_view to_string(log_topic topic) noexcept {
    switch (topic) {
        case log_topic::life: return "life";
        case log_topic::messages: return "messages";
        case log_topic::calls: return "calls";
        case log_topic::remote: return "remote";
        case log_topic::security: return "security";
    }
    return "?";
}

/// A row of the list.
struct log_event_row {
    log_event        id;
    log_level        level;
    log_topic        topic;
    std::string_view text;    ///< `log_record::event`
    std::string_view when;    ///< for people
    std::string_view fields;  ///< the keys of its fields, with commas
};

/// In the order of the enumeration, without `said`.
inline constexpr log_event_row log_events[] = {
    {log_event::system_started, log_level::info, log_topic::life, "system started",
     "A system is there, and its workers run.", "workers"},
    {log_event::system_stopped, log_level::info, log_topic::life, "system stopped",
     "All actors of a system have ended, and its workers.", "took"},
    {log_event::actor_started, log_level::debug, log_topic::life, "actor started",
     "A spawn has succeeded.", ""},
    {log_event::actor_stopped, log_level::debug, log_topic::life, "actor stopped",
     "An actor has ended, with all below it; detail: stopped, exit or failed.", ""},
    {log_event::actor_failed, log_level::error, log_topic::life, "actor failed",
     "A handler, a signal, or a restart has failed; detail: the words.", "where,attempt"},
    {log_event::actor_restarted, log_level::info, log_topic::life, "actor restarted",
     "A failed actor has a new object.", "attempt"},
    {log_event::escalated, log_level::critical, log_topic::life, "escalated",
     "A failure has reached the top of the tree, of a system that supervises.", ""},
    {log_event::hook_failed, log_level::error, log_topic::life, "hook failed",
     "A hook has failed, and what it was called for goes on.", "where,attempt"},
    {log_event::hook_overdue, log_level::warning, log_topic::life, "hook overdue",
     "A hook took longer than its deadline; detail: which.", ""},
    {log_event::dead_letter, log_level::warning, log_topic::messages, "dead letter",
     "Nobody handles a message; the 1st, 2nd, 4th, 8th ... of each cause. detail: the cause.",
     "seen"},
    {log_event::straggler, log_level::error, log_topic::life, "straggler",
     "An actor has not ended when its system was destroyed; detail: what it does.", ""},
    {log_event::wait_cycle, log_level::warning, log_topic::messages, "wait cycle",
     "Actors wait for each other; the 1st, 2nd, 4th, 8th ... of each worker.", "seen"},
    {log_event::call_begun, log_level::debug, log_topic::calls, "call",
     "A message is about to be handled, of an actor whose class names a log_floor.", ""},
    {log_event::call_completed, log_level::info, log_topic::calls, "call completed",
     "It was handled, without a failure.", "duration"},
    {log_event::listening, log_level::info, log_topic::remote, "listening",
     "A node takes connections; detail: where.", ""},
    {log_event::actor_exposed, log_level::info, log_topic::remote, "actor exposed",
     "An actor may be reached from other nodes; detail: by which name.", ""},
    {log_event::unknown_actor, log_level::warning, log_topic::remote, "unknown actor",
     "Another node asks for a name that nobody has here; detail: the name.", "peer"},
    {log_event::link_up, log_level::info, log_topic::remote, "link up",
     "Two nodes have agreed to talk; detail: the other one.", "peer"},
    {log_event::link_down, log_level::warning, log_topic::remote, "link down",
     "A connection that was up is gone; detail: why.", "peer"},
    {log_event::link_closed, log_level::info, log_topic::remote, "link closed",
     "A connection has ended in order; detail: why.", "peer"},
    {log_event::link_failed, log_level::warning, log_topic::remote, "link failed",
     "A connection did not come up; detail: why.", "peer"},
    {log_event::reference_refused, log_level::error, log_topic::remote, "reference refused",
     "Nobody is behind a key there, or one with another protocol; detail: what differs.", "peer"},
    {log_event::message_unreadable, log_level::warning, log_topic::remote, "message unreadable",
     "Bytes of another node are no message of this actor; detail: why.", "peer"},
    {log_event::peer_refused, log_level::warning, log_topic::security, "peer refused",
     "Another node breaks the rules of the wire, or may not connect; detail: how.", "peer"},
    {log_event::tls_failed, log_level::warning, log_topic::security, "tls failed",
     "A handshake, or a certificate, is not good; detail: why.", "peer"},
    {log_event::certificate_expires, log_level::warning, log_topic::security, "certificate expires",
     "The certificate of a node ends within 7 days; once a day. detail: when.", "node,seconds"},
};
inline constexpr std::size_t log_event_count = sizeof log_events / sizeof log_events[0];

namespace detail {
consteval bool log_events_stand_in_order() {
    for (std::size_t i = 0; i < log_event_count; ++i) {
        if (static_cast<std::size_t>(log_events[i].id) != i + 1) return false;
    }
    return log_event_count == static_cast<std::size_t>(log_event::certificate_expires);
}
static_assert(log_events_stand_in_order(),
              "troupe: give every log_event its row in log_events, in the order of the enumeration "
              "(port/log_event.hpp)");
}  // namespace detail

/// The row of an event of the library; not of `said`.
constexpr log_event_row const& row_of(log_event id) noexcept {
    return log_events[static_cast<std::size_t>(id) - 1];
}
constexpr log_level level_of(log_event id) noexcept { return row_of(id).level; }
/// The words; of `said`, which has its own, none.
constexpr std::string_view to_string(log_event id) noexcept {
    return id == log_event::said ? std::string_view{} : row_of(id).text;
}
constexpr bool is_security(log_event id) noexcept {
    return id != log_event::said && row_of(id).topic == log_topic::security;
}

}  // namespace troupe::inline TROUPE_ABI
