// SPDX-License-Identifier: BSL-1.0
#pragma once

// What an actor may be sent and what it answers: a list of signatures, `Reply(Message)`.

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "troupe/message/fwd.hpp"
#include "troupe/meta/type_name.hpp"

namespace troupe::inline TROUPE_ABI {
namespace detail {

template <class Type>
struct tag {
    using type = Type;
};

// Predicates that stand in a static_assert are variables, not concepts: then both compilers print
// them with their types, next to the text (docs/design/0006-errors.md).

/// What only the runtime tells; it is no message.
template <class Type>
inline constexpr bool is_signal = false;
template <class Message>
inline constexpr bool message_can_be_sent = !is_signal<Message>;

template <class Signature>
inline constexpr bool is_signature = false;
template <class Reply, class Message>
inline constexpr bool is_signature<Reply(Message)> = true;

/// A value type, neither const nor a reference.
template <class Type>
inline constexpr bool is_plain = std::is_same_v<Type, std::remove_cvref_t<Type>>;

/// What is no signature: said once, and then taken for one, so that nothing else is said.
template <class Signature>
struct signature {
    static_assert(is_signature<Signature>,
                  "troupe: a protocol is a list of signatures `Reply(Message)`, as in "
                  "protocol<void(deposit), bool(withdraw)>");
    using message_type = Signature;
    using reply_type = void;
    static tag<void> reply_to(tag<Signature>);
};

template <class Reply, class Message>
struct signature<Reply(Message)> {
    static_assert(is_plain<Message>,
                  "troupe: name the message type in a protocol without const, & or &&; the handler "
                  "chooses how it takes the message");
    static_assert(message_can_be_sent<Message>,
                  "troupe: this is told by the runtime and sent by nobody: take it out of the "
                  "protocol; a public `on` for it is all that is needed");
    static_assert(is_plain<Reply>,
                  "troupe: name the reply type in a protocol without const, & or &&; a reply is a "
                  "value");
    using message_type = Message;
    using reply_type = Reply;
    static tag<Reply> reply_to(tag<Message>);
};

// One base per signature: finding the reply of a message is one overload resolution, whatever the
// length of the protocol. No recursion over type lists.
template <class... Signatures>
struct signature_set : signature<Signatures>... {
    using signature<Signatures>::reply_to...;
};

template <>
struct signature_set<> {
    static void reply_to();
};

template <class... Messages>
consteval bool all_different() {
    std::uint32_t const hashes[] = {type_hash<Messages>..., 0};
    for (std::size_t i = 0; i < sizeof...(Messages); ++i) {
        for (std::size_t k = i + 1; k < sizeof...(Messages); ++k) {
            if (hashes[i] == hashes[k]) return false;
        }
    }
    return true;
}

/// How often a message stands in a protocol.
template <class Message, std::size_t Times>
inline constexpr bool message_stands_once = Times == 1;

template <class Message, class... Messages>
consteval void check_stands_once() {
    constexpr std::size_t times =
        (std::size_t{0} + ... + std::size_t{type_hash<Message> == type_hash<Messages>});
    static_assert(
        message_stands_once<Message, times>,
        "troupe: a message stands twice in the protocol; take one out (or two messages have "
        "the same name hash: rename one)");
}

template <class... Messages>
consteval bool check_messages() {
    constexpr bool different = all_different<Messages...>();
    if constexpr (!different) (check_stands_once<Messages, Messages...>(), ...);  // says which
    return different;
}

}  // namespace detail

/// A protocol: `protocol<void(deposit), bool(withdraw)>`. Order means nothing.
template <class... Signatures>
struct protocol {
    using signatures = std::conditional_t<
        detail::check_messages<typename detail::signature<Signatures>::message_type...>(),
        detail::signature_set<Signatures...>, detail::signature_set<>>;
    static constexpr std::size_t size = sizeof...(Signatures);
};

namespace detail {

template <class Type>
inline constexpr bool is_protocol = false;
template <class... Signatures>
inline constexpr bool is_protocol<protocol<Signatures...>> = true;

template <class Actor>
inline constexpr bool actor_names_a_protocol = requires { typename Actor::protocol; };

/// The protocol of an actor type, or the protocol itself. Where there is none: an empty one, so
/// that it can be asked about; `check_target` says what is wrong.
template <class Target>
struct protocol_of_target {
    using type = protocol<>;
};
template <class Target>
    requires is_protocol<typename Target::protocol>
struct protocol_of_target<Target> {
    using type = typename Target::protocol;
};
template <class... Signatures>
struct protocol_of_target<protocol<Signatures...>> {
    using type = protocol<Signatures...>;
};

template <class Target>
using protocol_of = typename protocol_of_target<Target>::type;

/// True for a protocol and for an actor type with one; otherwise says what is missing.
template <class Target>
consteval bool check_target() {
    if constexpr (is_protocol<Target>) {
        return true;
    } else {
        static_assert(
            actor_names_a_protocol<Target>,
            "troupe: the actor names no protocol; add `using protocol = "
            "troupe::protocol<Reply(Message)...>;` to its public part (and define the actor "
            "before it is sent to)");
        if constexpr (actor_names_a_protocol<Target>) {
            static_assert(is_protocol<typename Target::protocol>,
                          "troupe: the actor's `protocol` is not a troupe::protocol<...>");
            return is_protocol<typename Target::protocol>;
        } else {
            return false;
        }
    }
}

template <class Protocol, class Message>
inline constexpr bool protocol_accepts =
    requires { Protocol::signatures::reply_to(tag<Message>{}); };

template <class Protocol, class Message>
using reply_of = typename decltype(Protocol::signatures::reply_to(tag<Message>{}))::type;

template <class Wide, class Signature>
inline constexpr bool protocol_has = false;
template <class Wide, class Reply, class Message>
    requires protocol_accepts<Wide, Message>
inline constexpr bool protocol_has<Wide, Reply(Message)> =
    std::is_same_v<reply_of<Wide, Message>, Reply>;

/// Every signature of `Narrow` stands in `Wide`, with the same reply.
template <class Wide, class Narrow>
inline constexpr bool protocol_covers = false;
template <class Wide, class... Signatures>
inline constexpr bool protocol_covers<Wide, protocol<Signatures...>> =
    (protocol_has<Wide, Signatures> && ...);

}  // namespace detail
}  // namespace troupe::inline TROUPE_ABI
