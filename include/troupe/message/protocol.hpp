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

template <class Signature>
struct signature {
    static_assert(sizeof(Signature) == 0,
                  "troupe: a protocol is a list of signatures `Reply(Message)`, as in "
                  "protocol<void(deposit), bool(withdraw)>");
};

template <class Reply, class Message>
struct signature<Reply(Message)> {
    static_assert(std::is_same_v<Message, std::remove_cvref_t<Message>>,
                  "troupe: name the message type in a protocol without const, & or &&; the handler "
                  "chooses how it takes the message");
    static_assert(alignof(Message) <= 16,
                  "troupe: a message may be aligned to 16 bytes at most; hold it by pointer");
    static_assert(std::is_object_v<Message>, "troupe: a message is an object type");
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

}  // namespace detail

/// A protocol: `protocol<void(deposit), bool(withdraw)>`. Order means nothing.
template <class... Signatures>
struct protocol {
    static_assert(
        detail::all_different<typename detail::signature<Signatures>::message_type...>(),
        "troupe: a message stands twice in the protocol (or two messages have the same name hash: "
        "rename one)");
    using signatures = detail::signature_set<Signatures...>;
    static constexpr std::size_t size = sizeof...(Signatures);
};

namespace detail {

template <class Type>
inline constexpr bool is_protocol = false;
template <class... Signatures>
inline constexpr bool is_protocol<protocol<Signatures...>> = true;

/// The protocol of an actor type, or the protocol itself.
template <class Target>
struct protocol_of_target {
    static_assert(
        requires { typename Target::protocol; },
        "troupe: the actor names no protocol; add `using protocol = "
        "troupe::protocol<Reply(Message)...>;` to it");
    using type = typename Target::protocol;
    static_assert(is_protocol<type>,
                  "troupe: the actor's `protocol` is not a troupe::protocol<...>");
};
template <class... Signatures>
struct protocol_of_target<protocol<Signatures...>> {
    using type = protocol<Signatures...>;
};

template <class Target>
using protocol_of = typename protocol_of_target<Target>::type;

template <class Protocol, class Message>
concept protocol_accepts = requires { Protocol::signatures::reply_to(tag<Message>{}); };

template <class Protocol, class Message>
using reply_of = typename decltype(Protocol::signatures::reply_to(tag<Message>{}))::type;

template <class Wide, class Signature>
inline constexpr bool protocol_has = false;
template <class Wide, class Reply, class Message>
    requires protocol_accepts<Wide, Message>
inline constexpr bool protocol_has<Wide, Reply(Message)> =
    std::is_same_v<reply_of<Wide, Message>, Reply>;

template <class Wide, class Narrow>
inline constexpr bool protocol_covers_v = false;
template <class Wide, class... Signatures>
inline constexpr bool protocol_covers_v<Wide, protocol<Signatures...>> =
    (protocol_has<Wide, Signatures> && ...);

/// Every signature of `Narrow` stands in `Wide`, with the same reply.
template <class Wide, class Narrow>
concept protocol_covers = protocol_covers_v<Wide, Narrow>;

}  // namespace detail
}  // namespace troupe::inline TROUPE_ABI
