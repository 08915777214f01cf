// SPDX-License-Identifier: BSL-1.0
#pragma once

// How a message is built in place: parentheses, and a narrowing argument is refused by name.

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>

#include "troupe/config/abi.hpp"

namespace troupe::inline TROUPE_ABI {
namespace detail {

// Not `Type(argument)`: with one argument that is a cast, and makes a long of a pointer.
template <class Type, class... Arguments>
concept initializable_from = std::is_constructible_v<Type, Arguments...>;

template <class Type, class... Arguments>
concept brace_initializable_from = requires { Type{std::declval<Arguments>()...}; };

/// True when one of the arguments would lose information. Only arithmetic conversions narrow; a
/// constructor that takes an initializer list makes the two forms differ for another reason.
template <class Type, class... Arguments>
concept arguments_narrow =
    initializable_from<Type, Arguments...> && !brace_initializable_from<Type, Arguments...> &&
    (std::is_arithmetic_v<std::remove_cvref_t<Arguments>> || ...);

/// As std::is_nothrow_destructible_v, which makes twenty classes of each type it is asked about.
template <class Type>
inline constexpr bool destroyed_without_throwing = requires(Type& object) {
    { object.~Type() } noexcept;
};

/// Stands for the arguments that are not looked at.
struct anything {
    template <class Type>
    operator Type() const noexcept;
};

template <class Type, std::size_t At, class Argument, std::size_t... I>
consteval bool narrows_at(std::index_sequence<I...>) {
    return arguments_narrow<Type, std::conditional_t<I == At, Argument, anything>...>;
}

/// False for an argument that alone makes the others' call narrow; `Position` counts from 1.
template <class Type, int Position, class Argument, int Count>
inline constexpr bool argument_keeps_its_value =
    !narrows_at<Type, Position - 1, Argument>(std::make_index_sequence<Count>{});

/// GCC 12 destroys such a temporary twice inside a co_await expression.
template <class Type>
concept twice_destroyed_when_awaited =
    TROUPE_HAS_AGGREGATE_AWAIT_BUG == 1 && std::is_aggregate_v<Type> &&
    !std::is_trivially_destructible_v<Type>;

template <class Argument>
concept unsafe_in_place_argument = !std::is_lvalue_reference_v<Argument> &&
                                   twice_destroyed_when_awaited<std::remove_cvref_t<Argument>>;

}  // namespace detail
}  // namespace troupe::inline TROUPE_ABI
