// SPDX-License-Identifier: BSL-1.0
#pragma once

// Actors made of functions: `system.spawn([](deposit) { ... })`, and the same in a context.

#include <new>
#include <type_traits>
#include <utility>

#include "troupe/actor/names.hpp"
#include "troupe/config/exceptions.hpp"
#include "troupe/message/protocol.hpp"

namespace troupe::inline TROUPE_ABI {

/// Several functions as one: `spawn(overload{[](deposit) {...}, [](balance) { return 0; }})`.
template <class... Functions>
struct overload : Functions... {
    using Functions::operator()...;
};
template <class... Functions>
overload(Functions...) -> overload<Functions...>;

namespace detail {

/// What a function answers: of a coroutine, its result.
template <class Result>
struct answer_of {
    using type = Result;
    static constexpr bool at_once = true;
};
template <class Result>
struct answer_of<task<Result>> {
    using type = Result;
    static constexpr bool at_once = false;
};

/// The signature `Reply(Message)` of a function object with one call operator.
template <class Member>
struct call_signature;
template <class Type, class Reply, class Argument>
struct call_signature<Reply (Type::*)(Argument)> {
    using type = typename answer_of<Reply>::type(std::remove_cvref_t<Argument>);
    static constexpr bool keeps_state = false;
    static constexpr bool at_once = answer_of<Reply>::at_once;
};
template <class Type, class Reply, class Argument>
struct call_signature<Reply (Type::*)(Argument) const> {
    using type = typename answer_of<Reply>::type(std::remove_cvref_t<Argument>);
    static constexpr bool keeps_state = true;
    static constexpr bool at_once = answer_of<Reply>::at_once;
};
template <class Type, class Reply, class Argument>
struct call_signature<Reply (Type::*)(Argument) noexcept>
    : call_signature<Reply (Type::*)(Argument)> {};
template <class Type, class Reply, class Argument>
struct call_signature<Reply (Type::*)(Argument) const noexcept>
    : call_signature<Reply (Type::*)(Argument) const> {};

template <class Function>
struct function_protocol {
    using call = call_signature<decltype(&Function::operator())>;
    using type = protocol<typename call::type>;
    static constexpr bool keeps_state = call::keeps_state;
    static constexpr bool coroutines_keep_state = call::keeps_state || call::at_once;
};
template <class... Functions>
struct function_protocol<overload<Functions...>> {
    using type = protocol<typename call_signature<decltype(&Functions::operator())>::type...>;
    static constexpr bool keeps_state =
        (call_signature<decltype(&Functions::operator())>::keeps_state && ...);
    static constexpr bool coroutines_keep_state =
        keeps_state || (call_signature<decltype(&Functions::operator())>::at_once && ...);
};

/// One call operator, and no template: its message is known.
template <class Function>
inline constexpr bool function_names_its_message = requires { &Function::operator(); };
template <class... Functions>
inline constexpr bool function_names_its_message<overload<Functions...>> =
    (function_names_its_message<Functions> && ...);

template <class Member>
inline constexpr bool call_takes_a_message = false;
template <class Type, class Reply, class Argument>
inline constexpr bool call_takes_a_message<Reply (Type::*)(Argument)> =
    !std::is_lvalue_reference_v<Argument> || std::is_const_v<std::remove_reference_t<Argument>>;
template <class Type, class Reply, class Argument>
inline constexpr bool call_takes_a_message<Reply (Type::*)(Argument) const> =
    call_takes_a_message<Reply (Type::*)(Argument)>;
template <class Type, class Reply, class Argument>
inline constexpr bool call_takes_a_message<Reply (Type::*)(Argument) noexcept> =
    call_takes_a_message<Reply (Type::*)(Argument)>;
template <class Type, class Reply, class Argument>
inline constexpr bool call_takes_a_message<Reply (Type::*)(Argument) const noexcept> =
    call_takes_a_message<Reply (Type::*)(Argument)>;

template <class Function>
inline constexpr bool function_takes_a_message =
    call_takes_a_message<decltype(&Function::operator())>;
template <class... Functions>
inline constexpr bool function_takes_a_message<overload<Functions...>> =
    (function_takes_a_message<Functions> && ...);

/// A failing call leaves the state unchanged: it has none, it cannot change, or it can be put back.
template <class Function>
inline constexpr bool function_can_be_restored =
    function_protocol<Function>::keeps_state || std::is_empty_v<Function> ||
    !TROUPE_HAS_EXCEPTIONS ||
    (std::is_copy_constructible_v<Function> && std::is_nothrow_move_constructible_v<Function>);

/// What spawn was given without an actor type: one function object, perhaps after a name.
template <class... Given>
inline constexpr bool one_function_with_a_known_message = false;
template <class Given>
    requires std::is_class_v<Given> && (!requires { typename Given::protocol; })
inline constexpr bool one_function_with_a_known_message<Given> = function_names_its_message<Given>;
template <class Given>
inline constexpr bool one_function_with_a_known_message<name, Given> =
    one_function_with_a_known_message<Given>;

template <class Function>
consteval bool check_call() {
    if constexpr (!function_takes_a_message<Function>) {
        static_assert(function_takes_a_message<Function>,
                      "troupe: a function actor takes one message, by value, by const& or by &&");
        return false;
    } else {
        static_assert(function_protocol<Function>::coroutines_keep_state,
                      "troupe: a coroutine as a function actor must not be mutable: what it has "
                      "changed could not be put back when it fails; write an actor class");
        static_assert(
            function_can_be_restored<Function>,
            "troupe: a mutable function actor must be copyable, so that a failure can leave "
            "its state unchanged; write an actor class for state that cannot be copied");
        return function_can_be_restored<Function>;
    }
}

template <class... Given>
inline constexpr bool explain_function = (check_call<Given>() && ...);
template <class Given>
inline constexpr bool explain_function<name, Given> = check_call<Given>();

/// True when an actor can be made of it; otherwise says what is in the way.
template <class... Given>
consteval bool check_function() {
    if constexpr (!one_function_with_a_known_message<Given...>) {
        static_assert(
            one_function_with_a_known_message<Given...>,
            "troupe: spawn without an actor type takes one function object whose message "
            "type is written, as in spawn([](deposit d) { ... }) or spawn(overload{...}), "
            "perhaps after a name; an actor of a class is spawned as spawn<Actor>(arguments...)");
        return false;
    } else {
        return explain_function<Given...>;
    }
}

/// The actor around a function object. A call that throws leaves its state as it was: a function
/// that may change its captures works on them, and the copy made before is put back.
template <class Function>
class function_actor {
    using traits = function_protocol<Function>;

public:
    using protocol = typename traits::type;
    using restores_its_state = void;

    explicit function_actor(Function function) : function_(std::move(function)) {}

    template <class Message>
        requires protocol_accepts<protocol, Message>
    auto on(Message&& message) {
        if constexpr (traits::keeps_state || std::is_empty_v<Function> || !TROUPE_HAS_EXCEPTIONS) {
            return function_(std::move(message));
        } else {
            Function before = function_;
            TROUPE_TRY { return function_(std::move(message)); }
            TROUPE_CATCH_ALL {
                function_.~Function();
                ::new (static_cast<void*>(&function_)) Function(std::move(before));
#if TROUPE_HAS_EXCEPTIONS
                throw;
#endif
            }
        }
    }

private:
    Function function_;
};

/// The actor of a function that stands among the arguments of spawn.
template <class... Given>
struct actor_of_function;
template <class Function>
struct actor_of_function<Function> {
    using type = function_actor<Function>;
};
template <class Function>
struct actor_of_function<name, Function> {
    using type = function_actor<Function>;
};
template <class... Given>
using function_actor_of = typename actor_of_function<std::remove_cvref_t<Given>...>::type;

}  // namespace detail
}  // namespace troupe::inline TROUPE_ABI
