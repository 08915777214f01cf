// SPDX-License-Identifier: BSL-1.0
#pragma once

// Which policies an actor gets: what the call site says, else the actor, else the system, else the
// library. Whatever the order in which they were written, the result is one `resolved_policies`.

#include <type_traits>

#include "troupe/actor/ref.hpp"

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
struct pick_mailbox<Otherwise, First, Rest...> {
    static_assert(mailbox_policy<First>,
                  "troupe: this is not a policy of spawn; after the actor type stand mailboxes: "
                  "bounded_mailbox<N, Overflow> or unbounded_mailbox");
    static_assert((!mailbox_policy<Rest> && ...),
                  "troupe: spawn was given two mailboxes; an actor has one");
    using type = First;
};

template <class Actor, class SystemMailbox, class... Policies>
struct resolved_policies {
    using declared = typename declared_mailbox<Actor>::type;
    using unless_called = std::conditional_t<declares_mailbox<Actor>, declared, SystemMailbox>;
    using mailbox_type = typename pick_mailbox<unless_called, Policies...>::type;

    static_assert(mailbox_policy<declared>,
                  "troupe: the actor's `mailbox_type` is not a mailbox; write "
                  "bounded_mailbox<N, Overflow> or unbounded_mailbox");
    static_assert(
        mailbox_refuses<declared> == mailbox_refuses<unless_called>,
        "troupe: the mailbox_type of a system must not refuse (`overflow::fail`): senders "
        "could not see it in the type of their reference; declare it in the actor");

    /// The reference says so when the call site has changed whether `send` may refuse.
    using ref_type = std::conditional_t<
        mailbox_refuses<mailbox_type> == mailbox_refuses<declared>, ref<Actor>,
        std::conditional_t<mailbox_refuses<mailbox_type>, ref<Actor, refusable>, ref<Actor, sure>>>;
};

}  // namespace detail
}  // namespace troupe::inline TROUPE_ABI
