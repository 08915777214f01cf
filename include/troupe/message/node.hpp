// SPDX-License-Identifier: BSL-1.0
#pragma once

// A message on its way: a header of 32 bytes and the message itself behind it, in one pool block.

#include <cstddef>
#include <cstdint>
#include <new>
#include <string_view>
#include <type_traits>

#include "troupe/base/correlation_id.hpp"
#include "troupe/memory/size_class.hpp"
#include "troupe/message/fwd.hpp"
#include "troupe/meta/initialization.hpp"
#include "troupe/meta/type_name.hpp"
#include "troupe/sync/atomic.hpp"

namespace troupe::inline TROUPE_ABI::detail {

struct cell;
struct reply_slot;

/// What is known of a message type at run time. One constant per type and module.
struct message_info {
    std::uint32_t id;                         // hash of the name: unique within a protocol
    std::uint8_t  size_class;                 // of the whole block
    std::uint8_t  prefix;                     // bytes before the node: an envelope, or nothing
    bool          internal;                   // of the library's own actors: nobody misses it
    void (*destroy)(void* message) noexcept;  // null: nothing to do
    std::string_view name;
};

/// One queued message. `next` is written by the sender that comes after it; everything else is
/// written before it is pushed and read by the owner of the mailbox.
struct node {
    atomic<node*>       next{nullptr};
    message_info const* info = nullptr;
    std::uint64_t       target = 0;       // incarnation: compared again when it is taken out
    reply_slot*         reply = nullptr;  // an ask: one reference to the slot

    void* message() noexcept { return this + 1; }
    template <class Message>
    Message& message_as() noexcept {
        return *std::launder(reinterpret_cast<Message*>(this + 1));
    }
};

#if !defined(TROUPE_MODEL)
static_assert(sizeof(node) == 32);
#endif

/// What stands before the node of a message to an actor that wants to know: who sent it, and to
/// what it belongs.
struct envelope {
    cell*          sender = nullptr;
    std::uint64_t  incarnation = 0;
    correlation_id correlation;

    /// Of a message whose info says that it has one.
    static envelope& of(node& n) noexcept {
        return *std::launder(reinterpret_cast<envelope*>(&n) - 1);
    }
};
static_assert(sizeof(envelope) % 16 == 0);

/// Of a message that has no envelope nothing is said.
inline correlation_id correlation_of(node& n) noexcept {
    return n.info->prefix != 0 ? envelope::of(n).correlation : correlation_id{};
}
inline void correlate(node& n, correlation_id const& id) noexcept {
    if (n.info->prefix != 0) envelope::of(n).correlation = id;
}

template <class Message, std::size_t Prefix>
inline constexpr std::uint8_t node_class = size_class_of(Prefix + sizeof(node) + sizeof(Message));

template <class Message>
void destroy_message(void* message) noexcept {
    static_cast<Message*>(message)->~Message();
}

/// True when the message can travel; otherwise says what is in its way.
template <class Message>
consteval bool check_storable() {
    static_assert(block_aligns<Message>,
                  "troupe: a message may be aligned to 16 bytes at most; hold it by pointer");
    static_assert(block_holds<Message, sizeof(envelope) + sizeof(node)>,
                  "troupe: the message is larger than the largest pool block (32 KiB); hold the "
                  "large part by pointer");
    static_assert(destroyed_without_throwing<Message>,
                  "troupe: the destructor of a message must not throw");
    return block_aligns<Message> && block_holds<Message, sizeof(envelope) + sizeof(node)> &&
           destroyed_without_throwing<Message>;
}

/// What the library's own actors say to each other.
constexpr bool is_internal(std::string_view name) {
    return name.substr(0, 8) == "troupe::" && name.find("::detail::") != name.npos;
}

template <class Message>
consteval message_info make_message_info() {
    constexpr std::string_view name = type_name<Message>();
    message_info               info{
        type_hash<Message>, node_class<Message, 0>, 0, is_internal(name), nullptr, name};
    if constexpr (!std::is_trivially_destructible_v<Message>) {
        info.destroy = &destroy_message<Message>;
    }
    return info;
}

template <class Message>
consteval message_info with_envelope(message_info info) {
    info.size_class = node_class<Message, sizeof(envelope)>;
    info.prefix = sizeof(envelope);
    return info;
}

template <class Message>
inline constexpr message_info info_of = make_message_info<Message>();
template <class Message>
inline constexpr message_info info_with_envelope = with_envelope<Message>(info_of<Message>);

/// The block in which a message lies.
inline void* block_of(node& n, message_info const& info) noexcept {
    return reinterpret_cast<std::byte*>(&n) - info.prefix;
}

}  // namespace troupe::inline TROUPE_ABI::detail
