// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a mailbox is, as an actor states it: how many messages may wait, when senders that were held
// up go on, and what happens to a message that finds it full. It is a policy, never an object: the
// queue itself is the library's, and chosen by these three.

#include <concepts>
#include <cstdint>
#include <type_traits>

#include "troupe/config/abi.hpp"

namespace troupe::inline TROUPE_ABI {

namespace overflow {
struct block;
struct fail;
struct drop_newest;
struct drop_oldest;
}  // namespace overflow

namespace detail {
/// A mailbox of this capacity is never full.
inline constexpr std::uint32_t no_capacity = 0xffff'ffff;

template <class Overflow, class... All>
inline constexpr bool is_one_of = (std::is_same_v<Overflow, All> || ...);
template <class Overflow>
inline constexpr bool is_overflow = is_one_of<Overflow, overflow::block, overflow::fail,
                                              overflow::drop_newest, overflow::drop_oldest>;
}  // namespace detail

/// How many messages may wait: 1 to 2^32 - 2; 2^32 - 1 means as many as there is memory for.
template <class Mailbox>
concept mailbox_has_a_capacity = requires {
    { Mailbox::capacity } -> std::convertible_to<std::uint32_t>;
    requires(Mailbox::capacity > 0 && Mailbox::capacity <= detail::no_capacity);
};

/// Senders that a full mailbox holds up go on when no more than `low_water` messages wait.
template <class Mailbox>
concept mailbox_has_a_low_water = requires {
    { Mailbox::low_water } -> std::convertible_to<std::uint32_t>;
    requires(Mailbox::low_water >= 0 && Mailbox::low_water < Mailbox::capacity);
};

/// What happens to a message that finds it full: one of the four.
template <class Mailbox>
concept mailbox_names_an_overflow = requires { typename Mailbox::overflow_type; } &&
                                    detail::is_overflow<typename Mailbox::overflow_type>;

/// The mailbox of an actor: only its constants are read, while compiling. Nothing of it is called,
/// and no object of it is made.
template <class Mailbox>
concept mailbox = mailbox_has_a_capacity<Mailbox> && mailbox_has_a_low_water<Mailbox> &&
                  mailbox_names_an_overflow<Mailbox>;

/// Lists what a type lacks to be a mailbox.
template <class Mailbox>
consteval bool explain_mailbox() {
    static_assert(
        mailbox_has_a_capacity<Mailbox>,
        "troupe: add `static constexpr std::uint32_t capacity = ...;`, at least 1, to the "
        "mailbox");
    static_assert(mailbox_has_a_low_water<Mailbox>,
                  "troupe: add `static constexpr std::uint32_t low_water = ...;`, less than the "
                  "capacity, to the mailbox");
    static_assert(mailbox_names_an_overflow<Mailbox>,
                  "troupe: add `using overflow_type = ...;` to the mailbox: overflow::block, "
                  "overflow::fail, overflow::drop_newest or overflow::drop_oldest");
    return true;
}

}  // namespace troupe::inline TROUPE_ABI
