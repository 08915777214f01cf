// SPDX-License-Identifier: BSL-1.0
#pragma once

// Which policies an actor gets: what the call site says, else the actor, else the system, else the
// library. Each policy knows its slot, the mailbox or the lifetime: whatever the order in which
// they were written, the result is one `resolved_policies`.

#include <cstddef>
#include <type_traits>

#include "troupe/actor/ref.hpp"
#include "troupe/mailbox/policies.hpp"
#include "troupe/supervision/lifetime.hpp"

namespace troupe::inline TROUPE_ABI {
namespace detail {

template <class Actor>
concept declares_mailbox = requires { typename Actor::mailbox_type; };

/// The mailbox among the policies of a call site, or `Otherwise`.
template <class Otherwise, class... Policies>
struct pick_mailbox {
    using type = Otherwise;
};
template <class Otherwise, class First, class... Rest>
struct pick_mailbox<Otherwise, First, Rest...> : pick_mailbox<Otherwise, Rest...> {};
template <class Otherwise, mailbox First, class... Rest>
struct pick_mailbox<Otherwise, First, Rest...> {
    using type = First;
};

template <class Policy>
inline constexpr bool policy_of_spawn = mailbox<Policy> || lifetime_policy<Policy>;
// Asked about all policies of the call, so that the compiler prints those that meet.
template <class... Policies>
inline constexpr bool one_mailbox = (std::size_t{0} + ... + std::size_t{mailbox<Policies>}) < 2;
template <class... Policies>
inline constexpr bool one_lifetime =
    (std::size_t{0} + ... + std::size_t{lifetime_policy<Policies>}) < 2;
template <class Actor, class Mailbox>
inline constexpr bool actor_declares_a_mailbox = mailbox<Mailbox>;

template <class Policy>
consteval bool check_policy() {
    static_assert(
        policy_of_spawn<Policy>,
        "troupe: this is not a policy of spawn; after the actor type stand, in any order, "
        "a mailbox: bounded_mailbox<N, Overflow>, unbounded_mailbox or one of your own, and a "
        "lifetime: "
        "permanent, transient or temporary");
    return policy_of_spawn<Policy>;
}

/// True when the policies fit together; otherwise says which does not.
template <class Actor, class... Policies>
consteval bool check_policies() {
    if constexpr (!(check_policy<Policies>() && ...)) {
        return false;
    } else {
        using declared = typename declared_mailbox<Actor>::type;
        static_assert(one_mailbox<Policies...>,
                      "troupe: spawn was given several mailboxes; an actor has one");
        static_assert(one_lifetime<Policies...>,
                      "troupe: spawn was given several lifetimes; an actor has one: permanent, "
                      "transient or temporary");
        static_assert(actor_declares_a_mailbox<Actor, declared>,
                      "troupe: the actor's `mailbox_type` is not a mailbox; write "
                      "bounded_mailbox<N, Overflow> or unbounded_mailbox");
        if constexpr (!actor_declares_a_mailbox<Actor, declared>) explain_mailbox<declared>();
        return one_mailbox<Policies...> && one_lifetime<Policies...> &&
               actor_declares_a_mailbox<Actor, declared>;
    }
}

/// What check_policies has found right, resolved. The mailbox of a system refuses as little as that
/// of the library (explain_config), so what the actor declares decides about its references.
template <class Actor, class SystemMailbox, class... Policies>
struct resolved_policies {
    using declared = typename declared_mailbox<Actor>::type;
    using unless_called = std::conditional_t<declares_mailbox<Actor>, declared, SystemMailbox>;
    using mailbox_type = typename pick_mailbox<unless_called, Policies...>::type;

    /// Only a parent that supervises looks at it. (Of a declared child: `lifetime_of_child`.)
    static constexpr auto lifetime = lifetime_among<detail::lifetime::transient, Policies...>;

    /// The reference says so when the call site has changed whether `send` may refuse.
    using ref_type = std::conditional_t<
        mailbox_refuses<mailbox_type> == mailbox_refuses<declared>, ref<Actor>,
        std::conditional_t<mailbox_refuses<mailbox_type>, ref<Actor, refusable>, ref<Actor, sure>>>;
};

}  // namespace detail
}  // namespace troupe::inline TROUPE_ABI
