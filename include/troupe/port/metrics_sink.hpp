// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a metrics sink is.

#include <concepts>
#include <cstdint>
#include <string_view>

#include "troupe/config/abi.hpp"

namespace troupe::inline TROUPE_ABI {

/// The numbers a system tells its sink. Each is a counter: what is told is added.
enum class metric : std::uint8_t {
    messages_handled,  ///< after each turn of an actor
    actors_spawned,
    actors_stopped,
};

constexpr std::string_view to_string(metric id) noexcept {
    switch (id) {
        case metric::messages_handled: return "messages_handled";
        case metric::actors_spawned: return "actors_spawned";
        case metric::actors_stopped: return "actors_stopped";
    }
    return "?";
}

template <class Sink>
concept metrics_sink_counts = requires(Sink& s, metric id, std::uint64_t n) {
    { s.count(id, n) } noexcept;
};

/// Where numbers leave the system. Called from workers, concurrently, never under a lock of the
/// library: must not block, allocate or throw.
template <class Sink>
concept metrics_sink = std::default_initializable<Sink> && metrics_sink_counts<Sink>;

/// Lists what a type lacks to be a metrics sink.
template <class Sink>
consteval bool explain_metrics_sink() {
    static_assert(std::default_initializable<Sink>,
                  "troupe: give the metrics sink a constructor without arguments");
    static_assert(metrics_sink_counts<Sink>,
                  "troupe: add `void count(troupe::metric, std::uint64_t) noexcept` to the metrics "
                  "sink");
    return true;
}

}  // namespace troupe::inline TROUPE_ABI
