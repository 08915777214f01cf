// SPDX-License-Identifier: BSL-1.0
#pragma once

// The mailbox policies a user writes: how many messages may wait, and what happens to the next one.

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "troupe/mailbox/fwd.hpp"
#include "troupe/mailbox/lock_free_kernel.hpp"
#include "troupe/mailbox/locked_kernel.hpp"
#include "troupe/port/mailbox.hpp"

namespace troupe::inline TROUPE_ABI {
namespace overflow {

/// The message is taken, and its sender is not run again until the mailbox has drained below its
/// low-water mark (a thread outside the system waits instead). The default.
struct block {
    static constexpr auto rule = detail::at_capacity::admit;
    static constexpr bool refuses = false;
};
/// The message is refused; `send` returns the status.
struct fail {
    static constexpr auto rule = detail::at_capacity::refuse;
    static constexpr bool refuses = true;
};
/// The message is dropped and counted.
struct drop_newest {
    static constexpr auto rule = detail::at_capacity::refuse;
    static constexpr bool refuses = false;
};
/// The longest waiting message is dropped and counted; the new one is taken.
struct drop_oldest {
    static constexpr auto rule = detail::at_capacity::replace_oldest;
    static constexpr bool refuses = false;
};

}  // namespace overflow

/// As many messages as there is memory for. Must be asked for by name.
struct unbounded_mailbox {
    static constexpr std::uint32_t capacity = detail::no_capacity;
    static constexpr std::uint32_t low_water = 0;
    using overflow_type = overflow::drop_newest;  // never reached
};

/// At most `Capacity` messages wait (under `block` plus what each sender emits in one run of a
/// handler, counted as `overcommitted`). An idle actor owns no storage for them.
template <std::size_t Capacity, class Overflow>
struct bounded_mailbox {
    static_assert(Capacity > 0,
                  "troupe: a mailbox of capacity 0 can take no message; the allowed range is 1 to "
                  "4294967294");
    static_assert(Capacity < detail::no_capacity,
                  "troupe: this mailbox is unbounded in fact; say unbounded_mailbox");
    static_assert(detail::is_overflow<Overflow>,
                  "troupe: the second argument of bounded_mailbox is one of overflow::block, "
                  "overflow::fail, overflow::drop_newest, overflow::drop_oldest");

    static constexpr auto          capacity = static_cast<std::uint32_t>(Capacity);
    static constexpr std::uint32_t low_water = Capacity == 1 ? 0 : capacity / 2;
    using overflow_type = Overflow;
};

namespace detail {

/// The queue that carries a mailbox: the lock is for what takes messages out of the front, and for
/// bounds that the word of the lock-free one cannot count.
template <class Mailbox>
struct kernel_choice {
    static constexpr bool                                    bounded_beyond_the_word =
        Mailbox::capacity > lock_free_kernel::capacity_max&& Mailbox::capacity != no_capacity;
    using type =
        std::conditional_t<std::is_same_v<typename Mailbox::overflow_type, overflow::drop_oldest> ||
                               bounded_beyond_the_word,
                           locked_kernel, lock_free_kernel>;
};
template <class Mailbox>
using kernel_of = typename kernel_choice<Mailbox>::type;

template <class Mailbox>
inline constexpr bool mailbox_blocks =
    std::is_same_v<typename Mailbox::overflow_type, overflow::block>;

template <class Mailbox>
inline constexpr bool mailbox_refuses = Mailbox::overflow_type::refuses;

/// After how many handled messages the owner takes them off the depth: often enough that a sender
/// sees room soon, seldom enough that it costs nothing.
template <class Mailbox>
inline constexpr std::uint32_t fold_interval = Mailbox::capacity / 8 < 1    ? 1
                                               : Mailbox::capacity / 8 > 64 ? 64
                                                                            : Mailbox::capacity / 8;

}  // namespace detail

static_assert(mailbox<unbounded_mailbox>);
static_assert(mailbox<bounded_mailbox<64, overflow::block>>);
static_assert(mailbox<bounded_mailbox<64, overflow::fail>>);
static_assert(mailbox<bounded_mailbox<64, overflow::drop_newest>>);
static_assert(mailbox<bounded_mailbox<64, overflow::drop_oldest>>);

}  // namespace troupe::inline TROUPE_ABI
