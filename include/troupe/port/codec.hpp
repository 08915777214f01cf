// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a codec is: how a message becomes bytes and comes back.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "troupe/base/bytes.hpp"
#include "troupe/base/result.hpp"

namespace troupe::inline TROUPE_ABI {

enum class codec_errc : std::uint8_t {
    missing,        ///< the bytes end before the value does
    trailing,       ///< bytes are left when the value is complete
    depth,          ///< values lie deeper in each other than the limit
    size,           ///< a string or a container is longer than the limit
    invalid_utf8,   ///< a text is not UTF-8
    invalid_value,  ///< a byte that no value has: a bool of 2, an alternative that does not exist
    not_canonical,  ///< the same value has a shorter form
    no_memory,      ///< the value could not be built
};

/// Why bytes are not a value. `at` and `count` say where and how many, as far as the code has them.
struct codec_error {
    codec_errc       code = codec_errc::missing;
    std::string_view type{};    ///< of the value that was read; lives as long as the program
    std::size_t      at = 0;    ///< bytes before it
    std::size_t      count = 0; ///< missing or trailing bytes
};

template <class Codec>
concept codec_has_a_name = requires {
    { Codec::name } -> std::convertible_to<std::string_view>;
};

template <class Codec, class Value>
concept codec_encodes = requires(Codec const& c, Value const& value, byte_writer& to) {
    { c.encode(value, to) } noexcept -> std::same_as<void>;
};

template <class Codec, class Value>
concept codec_decodes = requires(Codec const& c, byte_reader& from) {
    { c.template decode<Value>(from) } noexcept -> std::same_as<result<Value, codec_error>>;
};

namespace detail {
/// What every codec must be able to carry, to be looked at as a codec at all.
struct codec_probe {
    std::int32_t number;
};
}  // namespace detail

/// How messages become bytes. Called by workers, concurrently, on one codec object: must not block or
/// throw; `encode` must not allocate. `decode` is total: whatever bytes stand there, it gives the
/// value or an error, and takes no more memory than the bytes could mean. `name` goes over the wire:
/// two sides with different names do not talk.
template <class Codec>
concept codec = std::default_initializable<Codec> && codec_has_a_name<Codec> &&
                codec_encodes<Codec, detail::codec_probe> && codec_decodes<Codec, detail::codec_probe>;

/// Lists what a type lacks to be a codec.
template <class Codec>
consteval bool explain_codec() {
    static_assert(std::default_initializable<Codec>,
                  "troupe: give the codec a constructor without arguments");
    static_assert(codec_has_a_name<Codec>,
                  "troupe: add `static constexpr std::string_view name = \"...\";` to the codec");
    static_assert(codec_encodes<Codec, detail::codec_probe>,
                  "troupe: add `template <class Value> void encode(Value const&, troupe::byte_writer&) "
                  "const noexcept` to the codec");
    static_assert(codec_decodes<Codec, detail::codec_probe>,
                  "troupe: add `template <class Value> troupe::result<Value, troupe::codec_error> "
                  "decode(troupe::byte_reader&) const noexcept` to the codec");
    return true;
}

}  // namespace troupe::inline TROUPE_ABI
