// SPDX-License-Identifier: BSL-1.0
#pragma once

// What is told of an actor that has ended: to those who watch it, and to those who wait for its
// end.

#include <cstdint>
#include <string_view>

#include "troupe/actor/any_ref.hpp"
#include "troupe/actor/failure.hpp"
#include "troupe/message/protocol.hpp"
#include "troupe/actor/fwd.hpp"

namespace troupe::inline TROUPE_ABI {

/// Why an actor has ended.
enum class ended_by : std::uint8_t {
    stop,      ///< somebody stopped it, or an actor above it
    exit,      ///< it stopped itself
    failure,   ///< by a verdict, or nobody supervised it; `why` says more
    shutdown,  ///< its system has ended, or was given up while the actor still ran
    unknown,   ///< it was gone before it was watched
};

constexpr std::string_view to_string(ended_by how) noexcept {
    switch (how) {
        case ended_by::stop: return "stop";
        case ended_by::exit: return "exit";
        case ended_by::failure: return "failure";
        case ended_by::shutdown: return "shutdown";
        case ended_by::unknown: return "unknown";
    }
    return "?";
}

/// The one signal of a watch. Handled by `void on(troupe::terminated const&[, context<Actor>&])`,
/// which does not stand in the protocol: nobody can send it. By then the object is destroyed and
/// its name is free.
struct terminated {
    any_ref          who;
    std::string_view actor;  ///< its type; empty when unknown
    ended_by         how = ended_by::unknown;
    failure          why;  ///< of ended_by::failure; none when there was no memory for it
};

/// What came of `watch` and `link`.
enum class [[nodiscard(
    "troupe: without memory nobody is watched; look at the status")]] watch_status : std::uint8_t {
    watching,
    pool_exhausted
};

constexpr std::string_view to_string(watch_status s) noexcept {
    switch (s) {
        case watch_status::watching: return "watching";
        case watch_status::pool_exhausted: return "pool exhausted";
    }
    return "?";
}

namespace detail {
template <>
inline constexpr bool is_signal<terminated> = true;
}  // namespace detail
}  // namespace troupe::inline TROUPE_ABI
