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

template <class Actor, class Message, class Reply>
inline constexpr bool handles_in_some_form =
    handles_with_context<Actor, Message> || handles_alone<Actor, Message> ||
    handles_later<Actor, Message, Reply> || handles_later_with_context<Actor, Message, Reply>;

/// Some form of `on` takes the message of the signature.
template <class Actor, class Signature>
inline constexpr bool actor_has_handler_for =
    handles_in_some_form<Actor, typename signature<Signature>::message_type,
                         typename signature<Signature>::reply_type>;

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
inline constexpr bool answers =
    std::is_same_v<Result, Reply> || std::is_same_v<Result, task<Reply>> ||
    (!std::is_void_v<Reply> && !is_task<Result> && std::is_convertible_v<Result, Reply>);

/// The handler for the message of the signature returns `Result`.
template <class Actor, class Signature, class Result>
inline constexpr bool handler_returns_reply =
    answers<Result, typename signature<Signature>::reply_type>;

/// What the handler for a signature returns; of one that answers through a `reply`: the reply.
template <class Actor, class Signature>
struct handler_of {
    using type = typename signature<Signature>::reply_type;
};
template <class Actor, class Signature>
    requires handles_with_context<Actor, typename signature<Signature>::message_type> ||
             handles_alone<Actor, typename signature<Signature>::message_type>
struct handler_of<Actor, Signature>
    : handler_result<Actor, typename signature<Signature>::message_type,
                     typename signature<Signature>::reply_type> {};

/// The signature has a handler that returns what it promises.
template <class Actor, class Signature>
inline constexpr bool handles =
    actor_has_handler_for<Actor, Signature> &&
    handler_returns_reply<Actor, Signature, typename handler_of<Actor, Signature>::type>;

/// Every signature of a protocol has a handler, and the handler answers what the protocol says.
template <class Actor, class Protocol>
inline constexpr bool handles_all = false;
template <class Actor, class... Signatures>
inline constexpr bool handles_all<Actor, protocol<Signatures...>> =
    (handles<Actor, Signatures> && ...);

/// Says which handler is missing or wrong.
template <class Actor, class Signature>
consteval void explain_handler() {
    static_assert(
        actor_has_handler_for<Actor, Signature>,
        "troupe: the actor has no handler for a message of its protocol; add one public "
        "`Reply on(Message const&)` (or by value, or &&; with or without `context<Actor>&`), "
        "or take the signature out of the protocol");
    if constexpr (actor_has_handler_for<Actor, Signature>) {
        static_assert(
            handler_returns_reply<Actor, Signature, typename handler_of<Actor, Signature>::type>,
            "troupe: the handler does not return what the protocol promises; return the reply or "
            "`task` of it, or change the signature in the protocol");
    }
}
template <class Actor, class... Signatures>
consteval bool explain_handlers(tag<protocol<Signatures...>>) {
    (explain_handler<Actor, Signatures>(), ...);
    return true;
}

}  // namespace troupe::inline TROUPE_ABI::detail
