// SPDX-License-Identifier: BSL-1.0
#pragma once

// The name of a type as text, and a 32-bit hash of it, at compile time. The text differs between
// compilers: it is for people and for telling messages of one program apart, never for a wire.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "troupe/config/abi.hpp"

namespace troupe::inline TROUPE_ABI {
namespace detail {

// In a namespace of its own: g++ names a type of the very same namespace without it.
namespace signatures {
// `auto`: g++ explains every alias of the signature behind the type, std::string_view for one.
template <class Type>
constexpr auto signature_of() noexcept {
    return std::string_view{__PRETTY_FUNCTION__};
}
}  // namespace signatures

// The part of the signature that is the type: found by looking at a type whose name is known. What
// stands around it is the same for every type; its brackets cannot be counted, `tag<'>'>` is a
// type.
inline constexpr std::size_t signature_head = signatures::signature_of<void>().find("void");
inline constexpr std::size_t signature_tail =
    signatures::signature_of<void>().size() - signature_head - std::string_view{"void"}.size();

}  // namespace detail

/// The type's name as the compiler prints it, without leading `struct` or `class`.
template <class Type>
constexpr std::string_view type_name() noexcept {
    std::string_view const text = detail::signatures::signature_of<Type>();
    return text.substr(detail::signature_head,
                       text.size() - detail::signature_head - detail::signature_tail);
}

namespace detail {

/// FNV-1a, 32 bits (G. Fowler, L. C. Noll, K.-P. Vo). Never zero: zero means "no message".
constexpr std::uint32_t hash_of(std::string_view text) noexcept {
    std::uint32_t hash = 2166136261u;
    for (char const c : text) { hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u; }
    return hash == 0 ? 1 : hash;
}

template <class Type>
inline constexpr std::uint32_t type_hash = hash_of(type_name<Type>());

}  // namespace detail

static_assert(type_name<int>() == "int");
}  // namespace troupe::inline TROUPE_ABI
