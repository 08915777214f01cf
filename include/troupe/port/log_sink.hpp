// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a log sink is, and what it is given. More: docs/reference/log_sink.md

#include <concepts>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "troupe/base/correlation_id.hpp"
#include "troupe/base/time.hpp"
#include "troupe/port/log_event.hpp"
#include "troupe/port/log_field.hpp"

namespace troupe::inline TROUPE_ABI {

class failure;

/// One thing worth telling. Texts, fields and `why` live as long as the call; a copy of the failure
/// may be kept.
struct log_record {
    log_level        level = log_level::info;
    log_event        id = log_event::said;
    std::string_view event{};    ///< what happened, in words: the program's, or those of `id`
    std::string_view actor{};    ///< the type of the actor; empty where there is none
    std::string_view path{};     ///< where it stands in the tree: `bank/teller#17`
    std::string_view message{};  ///< the type of the message; empty where there is none
    std::string_view detail{};   ///< the words of an error, or a cause
    /// All that is known of the failure that the record is about. Null: it is about none, or there
    /// was no memory for more than the words.
    failure const* why = nullptr;
    log_fields     fields{};
    correlation_id correlation{};  ///< to what the message belongs that is handled, if it says
    time_point     time{};         ///< on the clock of the system
    int            worker = -1;    ///< which one tells it; -1: a thread outside
};

template <class Sink>
concept log_sink_writes = requires(Sink& s, log_record const& r) {
    { s.write(r) } noexcept;
};

/// Optional: from which level up it wants records. Below that none are built.
template <class Sink>
concept log_sink_names_a_floor = requires { Sink::floor; };
template <class Sink>
concept log_sink_floor_is_a_level = !log_sink_names_a_floor<Sink> || requires {
    requires std::same_as<std::remove_cvref_t<decltype(Sink::floor)>, log_level>;
    typename std::integral_constant<log_level, Sink::floor>;
};

namespace detail {
// Whether a class names something can be asked without having access to it: a name that stands in
// two base classes cannot be used. Of a final class nothing is known.
struct names_of_log_sinks {
    int floor;
};
template <class Sink, bool = std::is_class_v<Sink> && !std::is_final_v<Sink>>
struct with_names_of_log_sinks : Sink, names_of_log_sinks {};
template <class Sink>
struct with_names_of_log_sinks<Sink, false> : names_of_log_sinks {};
}  // namespace detail
template <class Sink>
inline constexpr bool log_sink_floor_is_public =
    log_sink_names_a_floor<Sink> || requires { &detail::with_names_of_log_sinks<Sink>::floor; };

/// Where log records go. Called from workers and from threads that send, concurrently, never under
/// a lock of the library: may block (and slows that worker down), must not throw.
template <class Sink>
concept log_sink = std::default_initializable<Sink> && log_sink_writes<Sink> &&
                   log_sink_floor_is_a_level<Sink> && log_sink_floor_is_public<Sink>;

/// Lists what a type lacks to be a log sink.
template <class Sink>
consteval bool explain_log_sink() {
    static_assert(std::default_initializable<Sink>,
                  "troupe: give the log sink a constructor without arguments");
    static_assert(log_sink_writes<Sink>,
                  "troupe: add `void write(troupe::log_record const&) noexcept` to the log sink");
    static_assert(log_sink_floor_is_a_level<Sink>,
                  "troupe: write the floor of the log sink as `static constexpr troupe::log_level "
                  "floor = troupe::log_level::info;`");
    static_assert(
        log_sink_floor_is_public<Sink>,
        "troupe: the `floor` of the log sink is not public, so that it would mean nothing; "
        "move it to the public part, or give it another name");
    return true;
}

/// Says nothing, and nothing is built for it.
class null_log {
public:
    void write(log_record const&) noexcept {}
};
static_assert(log_sink<null_log>);

namespace detail {
/// From where up records are built: a level as a number, or this for none at all.
inline constexpr std::uint8_t log_nothing = 5;

template <class Sink>
consteval std::uint8_t log_floor_of() {
    if constexpr (std::is_same_v<Sink, null_log>) return log_nothing;
    else if constexpr (log_sink_names_a_floor<Sink>) return static_cast<std::uint8_t>(Sink::floor);
    else return static_cast<std::uint8_t>(log_level::debug);
}
}  // namespace detail

}  // namespace troupe::inline TROUPE_ABI
