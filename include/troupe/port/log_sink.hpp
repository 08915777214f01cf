// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a log sink is.

#include <concepts>
#include <cstdint>
#include <string_view>

#include "troupe/config/abi.hpp"

namespace troupe::inline TROUPE_ABI {

class failure;

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

/// One thing worth telling. The texts live as long as the call.
struct log_record {
    log_level        level;
    std::string_view event;      ///< what happened: "actor failed", "dead letter", "straggler"
    std::string_view actor;      ///< the type of the actor; empty where there is none
    std::string_view message;    ///< the type of the message; empty where there is none
    std::string_view detail;     ///< the words of an error, or a cause
    std::string_view name = {};  ///< the name of the actor; empty where it has none
    /// All that is known of the failure that the record is about; a copy may be kept. Null: it is
    /// about none, or there was no memory for more than the words.
    failure const* why = nullptr;
};

template <class Sink>
concept log_sink_writes = requires(Sink& s, log_record const& r) {
    { s.write(r) } noexcept;
};

/// Where log records go. Called from workers and from threads that send, concurrently, never under
/// a lock of the library: may block (and slows that worker down), must not throw.
template <class Sink>
concept log_sink = std::default_initializable<Sink> && log_sink_writes<Sink>;

/// Lists what a type lacks to be a log sink.
template <class Sink>
consteval bool explain_log_sink() {
    static_assert(std::default_initializable<Sink>,
                  "troupe: give the log sink a constructor without arguments");
    static_assert(log_sink_writes<Sink>,
                  "troupe: add `void write(troupe::log_record const&) noexcept` to the log sink");
    return true;
}

}  // namespace troupe::inline TROUPE_ABI
