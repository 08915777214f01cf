// SPDX-License-Identifier: BSL-1.0
#pragma once

// What goes over a connection: frames. A frame is a length, a kind, flags, and a body:
//
//     u32 length of what follows | u8 kind | u8 flags | body
//
// Numbers are little-endian. The length is looked at before any memory is taken for it.
// More: docs/design/0009-plug-in-points-and-remoting.md

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <span>
#include <string_view>

#include "troupe/base/bytes.hpp"
#include "troupe/config/hints.hpp"

namespace troupe::inline TROUPE_ABI::detail {

inline constexpr std::uint16_t wire_version = 1;
inline constexpr std::uint32_t wire_magic = 0x50525254;  // "TRRP"

enum class frame_kind : std::uint8_t {
    hello = 1,  // both sides, first: who speaks, which version, which limits
    goodbye,    // why the connection ends
    ping,       // I am here
    open,       // opener: I want to send to this key
    opened,     // acceptor: send, so many bytes
    refused,    // acceptor: not to this key, because
    message,    // opener
    ask,        // opener
    answer,     // acceptor
    grant,      // acceptor: that much was handed on, send as much again
    ended,      // acceptor: the actor has ended
    closed,     // opener: nothing more comes
};
/// How a connection ends that is said to.
enum class goodbye : std::uint8_t { in_order, fault };
/// Why a channel is not opened.
enum class refusal : std::uint8_t { nobody, other_protocol, too_many };
/// In `ended`, where otherwise an `ended_by` stands: the actor may live, the way to it does not.
inline constexpr std::uint8_t way_ended = 255;

inline constexpr std::uint8_t frame_kind_last = static_cast<std::uint8_t>(frame_kind::closed);

/// The only flag, of messages and asks: 16 bytes stand before what the codec has written.
inline constexpr std::uint8_t frame_correlated = 128;

inline constexpr std::size_t frame_header_bytes = 6;
inline constexpr std::size_t frame_length_min = 2;  // kind and flags

/// Numbers, one after the other.
template <class Number>
void write_number(byte_writer& to, Number value) noexcept {
    std::byte bytes[sizeof(Number)];
    for (std::size_t i = 0; i < sizeof(Number); ++i) {
        bytes[i] = static_cast<std::byte>(static_cast<std::uint64_t>(value) >> (8 * i));
    }
    to.put(bytes, sizeof bytes);
}
template <class Number>
bool read_number(byte_reader& from, Number& value) noexcept {
    std::byte bytes[sizeof(Number)];
    if (!from.take(bytes, sizeof bytes)) return false;
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i) {
        sum |= static_cast<std::uint64_t>(bytes[i]) << (8 * i);
    }
    value = static_cast<Number>(sum);
    return true;
}
inline std::uint32_t number_at(std::byte const* at) noexcept {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        value |= std::to_integer<std::uint32_t>(at[i]) << (8 * i);
    }
    return value;
}
inline void number_to(std::byte* at, std::uint32_t value) noexcept {
    for (std::size_t i = 0; i < 4; ++i) at[i] = static_cast<std::byte>(value >> (8 * i));
}
inline void write_text(byte_writer& to, std::string_view text) noexcept {
    write_number(to, static_cast<std::uint32_t>(text.size()));
    to.put(text.data(), text.size());
}
inline bool read_text(byte_reader& from, std::string_view& text) noexcept {
    std::uint32_t size = 0;
    if (!read_number(from, size) || size > from.left()) return false;
    auto const bytes = from.view(size);
    text = {reinterpret_cast<char const*>(bytes.data()), bytes.size()};
    return true;
}

/// Writes a whole frame into a place: its header is filled in when the body is known.
class frame_writer {
public:
    frame_writer(std::span<std::byte> place, frame_kind kind, std::uint8_t flags = 0) noexcept
        : place_(place), to_(place) {
        write_number(to_, std::uint32_t{0});
        write_number(to_, static_cast<std::uint8_t>(kind));
        write_number(to_, flags);
    }
    byte_writer& body() noexcept { return to_; }
    /// How many bytes the frame has; whether it fits is asked of body().
    std::size_t end() noexcept {
        if (to_.fits()) number_to(place_.data(), static_cast<std::uint32_t>(to_.needed() - 4));
        return to_.needed();
    }

private:
    std::span<std::byte> place_;
    byte_writer          to_;
};

/// A frame as it was read. Good for as long as the bytes it was read from.
struct frame {
    frame_kind                 kind{};
    bool                       correlated = false;
    std::span<std::byte const> body;
};

/// What is wrong with the bytes of a connection, in the words that the other side and the log get.
struct frame_fault {
    char             text[96] = {};
    std::string_view reason{};  // for the counter; empty: nothing is wrong
    explicit         operator bool() const noexcept { return !reason.empty(); }
};

/// What stands at the front of some bytes.
struct frame_look {
    std::size_t whole = 0;  // bytes of the first frame; 0: its length is not there yet
    frame_fault fault;
};

TROUPE_COLD inline frame_fault length_fault(std::uint32_t length, std::size_t most) noexcept {
    frame_fault fault;
    std::snprintf(fault.text, sizeof fault.text, "frame: length %u outside [%zu,%zu]",
                  static_cast<unsigned>(length), frame_length_min, most);
    fault.reason = "length";
    return fault;
}

/// The first frame is a hello, and no hello is longer.
inline constexpr std::size_t hello_bytes_max = 4096;

/// Bytes where a hello should be, of whoever is no node at all; as soon as that is seen.
TROUPE_COLD inline frame_fault fault_of_stranger(std::span<std::byte const> bytes) noexcept {
    frame_fault fault;
    auto const  at = [&](std::size_t i) { return std::to_integer<unsigned>(bytes[i]); };
    // A record of TLS: what it is, 20 to 23, and its version, 3.something.
    if (bytes.size() >= 2 && at(0) >= 20 && at(0) <= 23 && at(1) == 3) {
        std::snprintf(fault.text, sizeof fault.text, "handshake: the other side speaks TLS");
        fault.reason = "handshake";
    }
    return fault;
}
TROUPE_COLD inline frame_fault not_a_node() noexcept {
    frame_fault fault;
    std::snprintf(fault.text, sizeof fault.text, "handshake: not a troupe node");
    fault.reason = "handshake";
    return fault;
}

/// `most` is the largest length that is taken.
inline frame_look look_at_frame(std::span<std::byte const> bytes, std::size_t most) noexcept {
    frame_look look;
    if (bytes.size() < 4) return look;
    std::uint32_t const length = number_at(bytes.data());
    if (length < frame_length_min || length > most) [[unlikely]] {
        look.fault = length_fault(length, most);
        return look;
    }
    look.whole = std::size_t{4} + length;
    return look;
}

/// Takes a frame whose bytes are all there apart.
inline frame_fault split_frame(std::span<std::byte const> bytes, frame& to) noexcept {
    frame_fault        fault;
    std::uint8_t const kind = std::to_integer<std::uint8_t>(bytes[4]);
    std::uint8_t const flags = std::to_integer<std::uint8_t>(bytes[5]);
    bool const         may_belong = kind == static_cast<std::uint8_t>(frame_kind::message) ||
                            kind == static_cast<std::uint8_t>(frame_kind::ask);
    std::uint8_t const known = may_belong ? frame_correlated : 0;
    if ((flags & ~known) != 0) [[unlikely]] {
        std::snprintf(fault.text, sizeof fault.text, "frame: reserved flag %u",
                      static_cast<unsigned>(flags & ~known));
        fault.reason = "flag";
    } else if (kind == 0 || kind > frame_kind_last) [[unlikely]] {
        std::snprintf(fault.text, sizeof fault.text, "frame: unknown kind %u",
                      static_cast<unsigned>(kind));
        fault.reason = "kind";
    }
    to = {static_cast<frame_kind>(kind), flags != 0, bytes.subspan(frame_header_bytes)};
    return fault;
}

/// What each side says first.
struct hello {
    std::uint16_t    oldest = wire_version;  // versions that it speaks
    std::uint16_t    newest = wire_version;
    std::uint64_t    node = 0;  // a number by chance: who it is
    std::uint32_t    frame_max = 0;
    std::uint32_t    heartbeat_ms = 0;
    std::string_view codec;
};

inline void write_hello(byte_writer& to, hello const& h) noexcept {
    write_number(to, wire_magic);
    write_number(to, h.oldest);
    write_number(to, h.newest);
    write_number(to, h.node);
    write_number(to, h.frame_max);
    write_number(to, h.heartbeat_ms);
    write_text(to, h.codec);
}

TROUPE_COLD inline frame_fault take_hello(std::span<std::byte const> body, hello& to) noexcept {
    frame_fault   fault;
    byte_reader   from{body};
    std::uint32_t magic = 0;
    bool const    whole =
        read_number(from, magic) && read_number(from, to.oldest) && read_number(from, to.newest);
    if (!whole || magic != wire_magic) { return not_a_node(); }
    if (to.oldest > wire_version || to.newest < wire_version) {
        unsigned const theirs = to.oldest > wire_version ? to.oldest : to.newest;
        std::snprintf(fault.text, sizeof fault.text,
                      "handshake: version %u unsupported (have %u..%u)", theirs,
                      static_cast<unsigned>(wire_version), static_cast<unsigned>(wire_version));
        fault.reason = "version";
        return fault;
    }
    // A newer node may say more than this one knows.
    if (!read_number(from, to.node) || !read_number(from, to.frame_max) ||
        !read_number(from, to.heartbeat_ms) || !read_text(from, to.codec)) {
        std::snprintf(fault.text, sizeof fault.text, "handshake: hello is cut short");
        fault.reason = "handshake";
    }
    return fault;
}

}  // namespace troupe::inline TROUPE_ABI::detail
