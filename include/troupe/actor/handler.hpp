// SPDX-License-Identifier: BSL-1.0
#pragma once

// Which forms of `on(...)` a handler may have, and how a message meets its handler.

#include <type_traits>
#include <utility>

#include "troupe/actor/context.hpp"
#include "troupe/actor/reply.hpp"
#include "troupe/actor/task.hpp"

namespace troupe::inline TROUPE_ABI::detail {

template <class Actor, class Message>
concept handles_with_context =
    requires(Actor& a, Message&& m, context<Actor>& self) { a.on(std::move(m), self); };
template <class Actor, class Message>
concept handles_alone = requires(Actor& a, Message&& m) { a.on(std::move(m)); };

template <class Actor, class Message, class Reply>
concept handles_later =
    requires(Actor& a, Message&& m, reply<Reply> r) { a.on(std::move(m), std::move(r)); };
template <class Actor, class Message, class Reply>
concept handles_later_with_context =
    requires(Actor& a, Message&& m, context<Actor>& self, reply<Reply> r) {
        a.on(std::move(m), self, std::move(r));
    };

/// Some form of `on` takes the message.
template <class Actor, class Message, class Reply>
concept actor_has_handler_for =
    handles_with_context<Actor, Message> || handles_alone<Actor, Message> ||
    handles_later<Actor, Message, Reply> || handles_later_with_context<Actor, Message, Reply>;

/// What the handler returns.
template <class Actor, class Message, class Reply>
struct handler_result {
    static auto call(Actor& a, Message& m, context<Actor>& self) {
        if constexpr (handles_with_context<Actor, Message>) return a.on(std::move(m), self);
        else return a.on(std::move(m));
    }
    using type = decltype(call(std::declval<Actor&>(), std::declval<Message&>(),
                               std::declval<context<Actor>&>()));
};

template <class Result, class Reply>
concept handler_returns_reply =
    std::is_same_v<Result, Reply> || std::is_same_v<Result, task<Reply>> ||
    (!std::is_void_v<Reply> && !is_task<Result> && std::is_convertible_v<Result, Reply>);

/// Every signature of a protocol has a handler, and the handler answers what the protocol says.
template <class Actor, class Signature>
consteval bool check_handler() {
    using message = typename signature<Signature>::message_type;
    using answer = typename signature<Signature>::reply_type;
    constexpr bool found = actor_has_handler_for<Actor, message, answer>;
    static_assert(
        found,
        "troupe: the actor has no handler for a message of its protocol; add a public "
        "`Reply on(Message const&)` (or by value, or &&; with or without `context<Actor>&`), "
        "or take the signature out of the protocol");
    if constexpr (handles_with_context<Actor, message> || handles_alone<Actor, message>) {
        using answers = typename handler_result<Actor, message, answer>::type;
        static_assert(handler_returns_reply<answers, answer>,
                      "troupe: the handler does not return what the protocol promises; return the "
                      "reply or `task` of it, or change the signature in the protocol");
    }
    return found;
}

template <class Actor, class... Signatures>
consteval bool check_handlers(tag<protocol<Signatures...>>) {
    return (check_handler<Actor, Signatures>() && ...);
}

}  // namespace troupe::inline TROUPE_ABI::detail
