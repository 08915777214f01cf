// SPDX-License-Identifier: BSL-1.0
#pragma once

// Actors made of functions: `system.spawn([](deposit) { ... })`.

#include <memory>
#include <type_traits>
#include <utility>

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

/// The signature `Reply(Message)` of a function object with one call operator.
template <class Member>
struct call_signature {
    static_assert(sizeof(Member) == 0,
                  "troupe: a function actor takes one message: by value, by const& or by &&");
};
template <class Type, class Reply, class Argument>
struct call_signature<Reply (Type::*)(Argument)> {
    using type = Reply(std::remove_cvref_t<Argument>);
    static constexpr bool keeps_state = false;
};
template <class Type, class Reply, class Argument>
struct call_signature<Reply (Type::*)(Argument) const> {
    using type = Reply(std::remove_cvref_t<Argument>);
    static constexpr bool keeps_state = true;
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
};
template <class... Functions>
struct function_protocol<overload<Functions...>> {
    using type = protocol<typename call_signature<decltype(&Functions::operator())>::type...>;
    static constexpr bool keeps_state =
        (call_signature<decltype(&Functions::operator())>::keeps_state && ...);
};

template <class Function>
inline constexpr bool is_overload = false;
template <class... Functions>
inline constexpr bool is_overload<overload<Functions...>> = true;

/// A function object without a protocol of its own.
template <class Type>
concept actor_function = !requires { typename Type::protocol; } &&
                         (is_overload<Type> || requires { &Type::operator(); });

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
    reply_of<protocol, Message> on(Message&& message) {
        if constexpr (traits::keeps_state || std::is_empty_v<Function> || !TROUPE_HAS_EXCEPTIONS) {
            return function_(std::move(message));
        } else {
            static_assert(
                std::is_copy_constructible_v<Function> &&
                    std::is_nothrow_move_constructible_v<Function>,
                "troupe: a mutable function actor must be copyable, so that a failure can "
                "leave its state unchanged; write an actor class for state that cannot be "
                "copied");
            Function before = function_;
            TROUPE_TRY { return function_(std::move(message)); }
            TROUPE_CATCH_ALL {
                std::destroy_at(&function_);
                std::construct_at(&function_, std::move(before));
#if TROUPE_HAS_EXCEPTIONS
                throw;
#endif
            }
        }
    }

private:
    Function function_;
};

}  // namespace detail
}  // namespace troupe::inline TROUPE_ABI
