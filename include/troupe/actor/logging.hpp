// SPDX-License-Identifier: BSL-1.0
#pragma once

// How a log record is made, on the stack of the thread that has something to tell. Below the floor
// of the system's sink none is: who tells asks core::tells() first, or has it asked here.

#include <string_view>
#include <type_traits>

#include "troupe/actor/core.hpp"
#include "troupe/actor/handled.hpp"
#include "troupe/actor/path.hpp"
#include "troupe/config/hints.hpp"
#include "troupe/message/node.hpp"
#include "troupe/port/log_sink.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// An actor may name the level from which on it tells: `static constexpr log_level log_floor`. What
/// its handlers log below that is not compiled. A class that names one also tells of its calls.
template <class Actor>
concept names_a_log_floor = requires { Actor::log_floor; };
template <class Actor>
inline constexpr bool log_floor_is_a_level = !names_a_log_floor<Actor> || requires {
    requires std::is_same_v<std::remove_cvref_t<decltype(Actor::log_floor)>, log_level>;
    typename std::integral_constant<log_level, Actor::log_floor>;
};

template <class Actor>
consteval log_level log_floor_of_actor() {
    static_assert(log_floor_is_a_level<Actor>,
                  "troupe: write the floor of the actor as `static constexpr troupe::log_level "
                  "log_floor = troupe::log_level::info;`, in its public part");
    if constexpr (names_a_log_floor<Actor> && log_floor_is_a_level<Actor>) return Actor::log_floor;
    else return log_level::debug;
}
template <class Actor>
inline constexpr bool tells_calls =
    names_a_log_floor<Actor> && log_floor_of_actor<Actor>() <= level_of(log_event::call_completed);

/// The library's own.
TROUPE_COLD inline void core::tell(log_event id, log_facts const& facts) noexcept {
    if (!tells(id)) return;
    path_text        path;
    std::string_view actor = facts.actor;
    if (facts.who != nullptr) {
        path = facts.incarnation == 0 ? actor_path{*facts.who}.text()
                                      : path_from_outside(*this, *facts.who, facts.incarnation);
        // acquire: pairs with the release in core::begin()
        if (actor.empty()) actor = facts.who->ops.load(memory_order_acquire)->actor_name;
    }
    worker* const w = worker_here();
    log({.level = level_of(id),
         .id = id,
         .event = to_string(id),
         .actor = actor,
         .path = facts.who == nullptr ? facts.path : path.view(),
         .message = facts.message,
         .detail = facts.detail,
         .why = facts.why,
         .fields = facts.fields,
         .correlation = w == nullptr ? correlation_id{} : correlation_handled(*w),
         .time = now(),
         .worker = w == nullptr ? -1 : w->index});
}

/// A message is about to be handled. Gives the time, if its end is told as well; else never.
inline time_point tell_call(cell& c, worker& w, message_info const& info) noexcept {
    core&           home = w.owner;
    cell_ops const& ops = *c.ops.load(memory_order_relaxed);  // relaxed: our own
    if (home.tells(log_event::call_begun, ops)) {
        home.tell(log_event::call_begun, {.who = &c, .message = info.name});
    }
    return home.tells(log_event::call_completed, ops) ? home.now() : never;
}
inline void tell_call_completed(cell& c, worker& w, message_info const& info,
                                time_point begun) noexcept {
    // relaxed: our own. One that has failed was told of as a failure.
    bool const failed = (c.control.load(memory_order_relaxed) & control::failing) != 0;
    if (begun == never || failed) return;
    w.owner.tell(
        log_event::call_completed,
        {.who = &c, .message = info.name, .fields = {{"duration", w.owner.now() - begun}}});
}

/// The program's. `who` says it, in a handler or a hook; null: it is said outside of all actors.
TROUPE_COLD inline void core::say(log_level level, std::string_view words, cell const* who,
                                  log_fields fields) noexcept {
    if (!tells(level)) return;
    worker* const w = worker_here();
    path_text     path;
    log_record    told{.level = level,
                       .event = words,
                       .fields = fields,
                       .time = now(),
                       .worker = w == nullptr ? -1 : w->index};
    if (who != nullptr) {
        path = actor_path{*who}.text();
        told.actor = who->ops.load(memory_order_relaxed)->actor_name;  // relaxed: our own
        told.path = path.view();
        if (w != nullptr) {
            told.message = message_handled(*w);
            told.correlation = correlation_handled(*w);
        }
    }
    log(told);
}

}  // namespace troupe::inline TROUPE_ABI::detail
