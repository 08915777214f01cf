// SPDX-License-Identifier: BSL-1.0
#pragma once

// Which forms of `on(...)` a handler may have, and how a message meets its handler.

#include <coroutine>
#include <type_traits>
#include <utility>

#include "troupe/actor/context.hpp"
#include "troupe/actor/reply.hpp"
#include "troupe/actor/task.hpp"
#include "troupe/message/protocol.hpp"

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
template <class Actor, class Message>
struct handler_result {
    using type = decltype(std::declval<Actor&>().on(std::declval<Message>()));
};
template <class Actor, class Message>
    requires handles_with_context<Actor, Message>
struct handler_result<Actor, Message> {
    using type = decltype(std::declval<Actor&>().on(std::declval<Message>(),
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
    : handler_result<Actor, typename signature<Signature>::message_type> {};

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

// Near misses, so that the error says which it is. What they convert to is never made.
template <class Actor>
struct context_as_value {
    operator context<Actor>() const;
};
struct context_of_any_actor {
    template <class Other>
    operator context<Other>&() const;
    template <class Other>
    operator context<Other>() const;
};

/// A handler for the signature exists when its context is a `Given`.
template <class Actor, class Signature, class Given>
inline constexpr bool handles_given = false;
template <class Actor, class Reply, class Message, class Given>
inline constexpr bool handles_given<Actor, Reply(Message), Given> =
    requires(Actor& a, Message&& m, Given& self) { a.on(std::move(m), self); } ||
    requires(Actor& a, Message&& m, Given& self, reply<Reply> r) {
        a.on(std::move(m), self, std::move(r));
    };

template <class Actor, class Signature>
inline constexpr bool handler_takes_context_by_reference =
    !handles_given<Actor, Signature, context_as_value<Actor>>;
template <class Actor, class Signature>
inline constexpr bool handler_takes_context_of_its_own_actor =
    !handles_given<Actor, Signature, context_of_any_actor>;

/// Says which handler is missing or wrong.
template <class Actor, class Signature>
consteval void explain_handler() {
    if constexpr (actor_has_handler_for<Actor, Signature>) {
        static_assert(
            handler_returns_reply<Actor, Signature, typename handler_of<Actor, Signature>::type>,
            "troupe: the handler does not return what the protocol promises; return the reply or "
            "`task` of it, or change the signature in the protocol");
    } else if constexpr (!handler_takes_context_by_reference<Actor, Signature>) {
        static_assert(handler_takes_context_by_reference<Actor, Signature>,
                      "troupe: a handler takes the context by reference; write "
                      "`troupe::context<Actor>& self`");
    } else if constexpr (!handler_takes_context_of_its_own_actor<Actor, Signature>) {
        static_assert(handler_takes_context_of_its_own_actor<Actor, Signature>,
                      "troupe: this handler takes the context of another actor; write its own "
                      "actor's: `troupe::context<Actor>& self`");
    } else {
        static_assert(
            actor_has_handler_for<Actor, Signature>,
            "troupe: the actor has no handler for a message of its protocol; add one public "
            "`Reply on(Message const&)` (or by value, or &&; with or without `context<Actor>&`), "
            "or take the signature out of the protocol");
    }
}
template <class Actor, class... Signatures>
consteval bool explain_handlers(tag<protocol<Signatures...>>) {
    (explain_handler<Actor, Signatures>(), ...);
    return true;
}

/// A handler awaits, and does not return a task.
template <class Returned>
inline constexpr bool handler_that_awaits_returns_a_task = false;

template <class Returned>
struct return_of_no_task {
    template <class Value>
    void return_value(Value&&) noexcept {}
};
template <>
struct return_of_no_task<void> {
    void return_void() noexcept {}
};
/// Where the compiler looks for the promise of such a handler it is told what to do.
template <class Returned>
struct promise_of_no_task : promise_base, return_of_no_task<Returned> {
    static_assert(handler_that_awaits_returns_a_task<Returned>,
                  "troupe: a handler that uses co_await is a coroutine; let it return "
                  "`troupe::task<Reply>`, troupe::task<> for void, and end with co_return");
    Returned        get_return_object();
    static Returned get_return_object_on_allocation_failure();
};

/// `Returned Actor::on(Message, ...)` is a handler for a message of the protocol that answers when
/// it returns, or through a `reply`.
template <class Returned, class Actor, class Message>
concept handler_of_no_task =
    actor_names_a_protocol<Actor> && (!requires { typename Returned::promise_type; }) &&
    (protocol_has<protocol_of<Actor>, Returned(Message)> ||
     (std::is_void_v<Returned> && protocol_accepts<protocol_of<Actor>, Message>));

}  // namespace troupe::inline TROUPE_ABI::detail

template <class Returned, class Actor, class Message, class... Rest>
    requires troupe::detail::handler_of_no_task<Returned, std::remove_const_t<Actor>,
                                                std::remove_cvref_t<Message>>
struct std::coroutine_traits<Returned, Actor&, Message, Rest...> {
    using promise_type = troupe::detail::promise_of_no_task<Returned>;
};
