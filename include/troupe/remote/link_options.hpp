// SPDX-License-Identifier: BSL-1.0
#pragma once

// How a connection behaves, how it stands, and what became of an attempt to connect.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "troupe/base/time.hpp"
#include "troupe/message/protocol.hpp"
#include "troupe/supervision/strategy.hpp"

namespace troupe::inline TROUPE_ABI {

/// Every span is time on the system's clock; zero or less is refused where nothing else is said.
struct link_options {
    /// From the first attempt until the connection stands, a handshake of TLS with it, or it is
    /// given up.
    duration connect_deadline = std::chrono::seconds{20};
    /// From then on until both sides have said who they are.
    duration handshake_deadline = std::chrono::seconds{10};
    /// Something is sent at least as often; what is due anyway counts.
    duration heartbeat = std::chrono::seconds{5};
    /// The other side is taken for gone after so many of its heartbeats without a byte: 1 to 100.
    unsigned heartbeats_missed_max = 3;
    /// The other side takes nothing for so long: the connection is given up.
    duration write_deadline = std::chrono::seconds{30};
    /// A connection that nobody uses is closed after this. Zero: never.
    duration idle_deadline = std::chrono::seconds{120};
    /// Waits before the next attempt. By default those of gRPC: 1 s, times 1.6, up to 120 s, each
    /// 20 % more or less by chance; from the beginning when the connection has stood `reset_after`.
    backoff_options backoff{.first = std::chrono::milliseconds{1200},
                            .max = std::chrono::seconds{144},
                            .factor = 1.6,
                            .jitter = 1.0 / 3,
                            .reset_after = std::chrono::seconds{10}};
    /// The largest frame that is taken, in bytes: 64 to 2^30. A larger message is not sent.
    std::uint32_t frame_max = 1u << 20;
    /// How many bytes may be on their way to one actor here before it has taken some: 1024 to 2^30.
    std::uint32_t window = 1u << 18;
    /// So many actors here are reached through one connection at the most: 1 to 2^24.
    std::uint32_t channels_max = 1u << 14;
    /// Frames wait so long for others to be sent with. Zero: for those only that are there already.
    duration coalesce{0};
};

/// How a connection stands. docs/guides/connections.md has the drawing.
enum class link_state : std::uint8_t {
    idle,         ///< nobody needs it
    connecting,   ///< it is tried, up to the end of the handshake
    up,           ///< frames go both ways
    backing_off,  ///< it has failed, and is tried again later
    draining,     ///< it ends: what was asked is still answered
    closed,       ///< it has ended
};
inline constexpr std::size_t link_states = 6;

constexpr std::string_view to_string(link_state s) noexcept {
    switch (s) {
        case link_state::idle: return "idle";
        case link_state::connecting: return "connecting";
        case link_state::up: return "up";
        case link_state::backing_off: return "backing off";
        case link_state::draining: return "draining";
        case link_state::closed: return "closed";
    }
    return "?";
}

namespace detail {
struct link_step {
    link_state       from;
    link_state       to;
    std::string_view why;
};
/// Every step that a connection takes; debug builds check each against it.
inline constexpr link_step link_steps[] = {
    {link_state::idle, link_state::connecting, "somebody needs it"},
    {link_state::idle, link_state::closed, "nobody has it any more; or the node ends"},
    {link_state::connecting, link_state::up, "both have said hello"},
    {link_state::connecting, link_state::backing_off, "refused, failed, or too late"},
    {link_state::connecting, link_state::closed,
     "the node ends; or it was accepted and has failed"},
    {link_state::up, link_state::backing_off, "lost"},
    {link_state::up, link_state::idle, "unused for the idle deadline"},
    {link_state::up, link_state::draining, "drain"},
    {link_state::up, link_state::closed, "the node ends; or it was accepted and is lost"},
    {link_state::backing_off, link_state::connecting, "the wait is over"},
    {link_state::backing_off, link_state::idle, "the wait is over, and nobody needs it"},
    {link_state::backing_off, link_state::closed, "the node ends"},
    {link_state::draining, link_state::closed, "nothing is owed any more, or too late"},
};
constexpr bool link_may_step(link_state from, link_state to) noexcept {
    for (link_step const& s : link_steps) {
        if (s.from == from && s.to == to) return true;
    }
    return false;
}
}  // namespace detail

/// What came of connecting.
enum class connect_status : std::uint8_t {
    established,
    refused,           ///< nobody listens there, or it was reset at once
    unreachable,       ///< no way to there, or the name means nothing
    timed_out,         ///< connect_deadline
    handshake_failed,  ///< the other side is no node of this version and codec, or not secure
    closed,            ///< this node ends
};

constexpr std::string_view to_string(connect_status s) noexcept {
    switch (s) {
        case connect_status::established: return "established";
        case connect_status::refused: return "refused";
        case connect_status::unreachable: return "unreachable";
        case connect_status::timed_out: return "timed out";
        case connect_status::handshake_failed: return "handshake failed";
        case connect_status::closed: return "closed";
    }
    return "?";
}

struct connect_result {
    connect_status status = connect_status::closed;
    std::string    words{};  ///< more of it, for people
    explicit       operator bool() const noexcept { return status == connect_status::established; }
};

/// A connection, as it was when it was asked.
struct link_status {
    link_state    state = link_state::closed;
    std::string   peer{};        ///< the endpoint; of one that was accepted: empty
    std::string   peer_name{};   ///< who the other side has proved to be; empty: nobody
    unsigned      attempts = 0;  ///< since it last stood
    std::uint64_t connects = 0;  ///< how often it has stood
    std::uint64_t channels = 0;  ///< actors that are reached through it, from here
    std::uint64_t served = 0;    ///< actors that are reached through it, here
    std::uint64_t asks = 0;      ///< that wait for an answer
    std::uint64_t frames_sent = 0;
    std::uint64_t frames_received = 0;
    std::uint64_t unconfirmed = 0;  ///< messages that were sent, or lost: nobody knows
    std::uint64_t not_sent = 0;     ///< messages for which there was no connection, or nobody
    std::string   last_error{};     ///< why it last failed
};

/// What a drain has done.
struct drain_report {
    bool          complete = false;
    std::uint64_t answered = 0;   ///< asks, of either side, that were answered meanwhile
    std::uint64_t abandoned = 0;  ///< asks that were not
    /// Since the connection was first made, as link_status has them:
    std::uint64_t unconfirmed = 0;  ///< messages that were sent, or lost
    std::uint64_t refused = 0;  ///< messages that were not sent, those with them that come too late
};

}  // namespace troupe::inline TROUPE_ABI
