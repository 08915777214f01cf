// SPDX-License-Identifier: BSL-1.0
#pragma once

// What callers may ask about actors before they use them, and what spawn says when it cannot.

#include <type_traits>
#include <utility>

#include "troupe/actor/handler.hpp"
#include "troupe/actor/hooks.hpp"
#include "troupe/actor/names.hpp"
#include "troupe/actor/ref.hpp"
#include "troupe/supervision/children.hpp"
#include "troupe/supervision/rules.hpp"

namespace troupe::inline TROUPE_ABI {
namespace detail {

template <class Target>
struct target_of {
    using type = Target;
};
template <class Target, class Certainty>
struct target_of<ref<Target, Certainty>> {
    using type = Target;
};

template <class Actor>
inline constexpr bool actor_is_defined = requires { sizeof(Actor); };

/// The arguments of spawn fit a constructor; a leading `name` is not for the actor.
template <class Actor, class... Arguments>
inline constexpr bool actor_is_built_from = std::is_constructible_v<Actor, Arguments...>;
template <class Actor, class First, class... Rest>
    requires std::is_same_v<std::remove_cvref_t<First>, name>
inline constexpr bool actor_is_built_from<Actor, First, Rest...> =
    std::is_constructible_v<Actor, Rest...>;

template <class Actor>
inline constexpr bool is_actor_type =
    std::is_class_v<Actor> && !is_protocol<Actor> && actor_names_a_protocol<Actor>;

template <class Actor>
inline constexpr bool actor_envelope_is_known =
    actor_asks_for_the_sender<Actor> || !requires { typename Actor::envelope_type; };

template <class Actor>
    requires is_actor_type<Actor>
inline constexpr bool is_whole_actor =
    is_protocol<typename Actor::protocol> && block_aligns<Actor> && block_holds<Actor> &&
    destroyed_without_throwing<Actor> && actor_envelope_is_known<Actor> &&
    handles_all<Actor, typename Actor::protocol> && supervision_is_right<Actor> &&
    children_are_right<Actor> && hooks_are_right<Actor>;

/// True when the actor can be spawned with these arguments; otherwise says what is in the way.
template <class Actor, class... Arguments>
consteval bool check_actor() {
    if constexpr (!std::is_class_v<Actor> || is_protocol<Actor>) {
        static_assert(
            is_actor_type<Actor>,
            "troupe: an actor is a class with handlers; a protocol can be sent to, but has "
            "no code: name the class");
        return false;
    } else if constexpr (!actor_is_defined<Actor>) {
        static_assert(actor_is_defined<Actor>,
                      "troupe: the actor is only declared here; define its class before the spawn");
        return false;
    } else if constexpr (!check_target<Actor>()) {
        return false;
    } else if constexpr (!is_whole_actor<Actor>) {
        static_assert(
            block_aligns<Actor>,
            "troupe: an actor may be aligned to 16 bytes at most; hold the aligned part by "
            "pointer");
        static_assert(
            block_holds<Actor>,
            "troupe: the actor object is larger than the largest pool block (32 KiB); hold "
            "the large part by pointer");
        static_assert(destroyed_without_throwing<Actor>,
                      "troupe: the destructor of an actor must not throw");
        static_assert(
            actor_envelope_is_known<Actor>,
            "troupe: the actor's `envelope_type` is no envelope; write `using "
            "envelope_type = troupe::with_sender;` or `troupe::with_correlation`, or leave it "
            "out");
        explain_handlers<Actor>(tag<protocol_of<Actor>>{});
        static_cast<void>(check_supervision<Actor>());
        static_cast<void>(check_children<Actor>());
        static_cast<void>(check_hooks<Actor>());
        return false;
    } else {
        static_assert(
            actor_is_built_from<Actor, Arguments...>,
            "troupe: the actor has no public constructor for these arguments of spawn (or "
            "it is abstract)");
        return actor_is_built_from<Actor, Arguments...>;
    }
}

}  // namespace detail

/// `Target`, an actor type, a protocol or a `ref` of one, may be sent a `Message`.
template <class Target, class Message>
concept accepts =
    detail::protocol_accepts<detail::protocol_of<typename detail::target_of<Target>::type>,
                             Message>;

/// `Target` accepts the message and answers it with a `Reply`.
template <class Target, class Message, class Reply>
concept answers_with =
    accepts<Target, Message> &&
    detail::protocol_has<detail::protocol_of<typename detail::target_of<Target>::type>,
                         Reply(Message)>;

/// `spawn<Actor>(arguments...)` compiles: the class has a protocol, a handler for each of its
/// messages, a constructor for the arguments (after the name, if one is given), fits into a block
/// of the pool, and what it says about supervision is right.
template <class Actor, class... Arguments>
concept spawnable = detail::is_actor_type<Actor> && detail::is_whole_actor<Actor> &&
                    detail::actor_is_built_from<Actor, Arguments...>;

}  // namespace troupe::inline TROUPE_ABI
