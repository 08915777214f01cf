// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a codec is: how a message becomes bytes and comes back.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

#include "troupe/base/bytes.hpp"
#include "troupe/base/result.hpp"
#include "troupe/config/hints.hpp"
#include "troupe/meta/type_name.hpp"

namespace troupe::inline TROUPE_ABI {

enum class codec_errc : std::uint8_t {
    missing,        ///< the bytes end before the value does
    trailing,       ///< bytes are left when the value is complete
    depth,          ///< values lie deeper in each other than the limit
    size,           ///< a string is longer than the limit
    elements,       ///< a container has more elements than the limit
    invalid_utf8,   ///< a text is not UTF-8
    invalid_value,  ///< a byte that no value has: a bool of 2, an alternative that does not exist
    not_canonical,  ///< the same value has a shorter form
    no_memory,      ///< the value could not be built
};

/// Why bytes are not a value. `at` and `count` say where and how many, as far as the code has them.
struct codec_error {
    codec_errc       code = codec_errc::missing;
    std::string_view type{};     ///< of the value that was read; lives as long as the program
    std::size_t      at = 0;     ///< bytes before it
    std::size_t      count = 0;  ///< missing or trailing bytes; of missing ones at least so many
};

/// What an error says: "codec: withdraw: 4 bytes missing". In a fixed place, of 159 bytes at most;
/// a long name of a type is cut.
class codec_error_text {
public:
    explicit codec_error_text(codec_error const& error) noexcept;
    /// A message came whose type the reader does not know: "codec: unknown type id 7".
    static codec_error_text unknown_type_id(std::uint32_t id) noexcept;

    std::string_view view() const noexcept { return {text_, length_}; }
    char const*      c_str() const noexcept { return text_; }

private:
    codec_error_text() noexcept { say("codec: "); }
    void say(std::string_view part) noexcept;
    void say(std::size_t number) noexcept;

    std::size_t length_ = 0;
    char        text_[160] = {};
};

template <class Codec>
concept codec_has_a_name = requires {
    { Codec::name } -> std::convertible_to<std::string_view>;
    typename std::integral_constant<std::size_t, std::string_view{Codec::name}.size()>;
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
/// What goes over the wire as the name of a codec: 1 to 64 letters of ASCII without blanks.
constexpr bool is_codec_name(std::string_view name) noexcept {
    for (char const c : name) {
        if (c <= ' ' || c >= 0x7f) return false;
    }
    return !name.empty() && name.size() <= 64;
}

template <class Codec>
inline constexpr bool codec_name_fits = true;  // that it has none is another error
template <codec_has_a_name Codec>
inline constexpr bool codec_name_fits<Codec> = is_codec_name(Codec::name);

/// What every codec must be able to carry, to be looked at as a codec at all.
struct codec_probe {
    std::int32_t number;
};
}  // namespace detail

/// How messages become bytes. Called by workers, concurrently, on one codec object: must not block
/// or throw; `encode` must not allocate. `decode` is total: whatever bytes stand there, it gives
/// the value or an error, and takes no more memory than the bytes could mean. `name` goes over the
/// wire: two sides with different names do not talk.
template <class Codec>
concept codec =
    std::default_initializable<Codec> && codec_has_a_name<Codec> &&
    codec_encodes<Codec, detail::codec_probe> && codec_decodes<Codec, detail::codec_probe>;

/// Lists what a type lacks to be a codec.
template <class Codec>
consteval bool explain_codec() {
    static_assert(std::default_initializable<Codec>,
                  "troupe: give the codec a constructor without arguments");
    static_assert(codec_has_a_name<Codec>,
                  "troupe: add `static constexpr std::string_view name = \"...\";` to the codec");
    static_assert(
        codec_encodes<Codec, detail::codec_probe>,
        "troupe: add `template <class Value> void encode(Value const&, troupe::byte_writer&) "
        "const noexcept` to the codec");
    static_assert(codec_decodes<Codec, detail::codec_probe>,
                  "troupe: add `template <class Value> troupe::result<Value, troupe::codec_error> "
                  "decode(troupe::byte_reader&) const noexcept` to the codec");
    return true;
}

/// Reads a value from all of these bytes: what is left behind it is an error.
template <class Value, codec_decodes<Value> Codec>
result<Value, codec_error> decode_whole(Codec const&               codec,
                                        std::span<std::byte const> bytes) noexcept {
    byte_reader from{bytes};
    auto        read = codec.template decode<Value>(from);
    if (!read || from.left() == 0) return read;
    return codec_error{codec_errc::trailing, type_name<Value>(), from.at(), from.left()};
}

TROUPE_COLD inline codec_error_text::codec_error_text(codec_error const& error) noexcept
    : codec_error_text() {
    auto const about_the_type = [this, &error] {
        constexpr std::size_t name_max = 80;
        say(error.type.substr(0, name_max));
        if (error.type.size() > name_max) say("...");
        say(": ");
    };
    auto const at = [this, &error](std::string_view words) {
        say(words);
        say(error.at);
    };
    switch (error.code) {
        case codec_errc::missing:
            about_the_type();
            say(error.count);
            say(" bytes missing");
            break;
        case codec_errc::trailing:
            about_the_type();
            say(error.count);
            say(" trailing bytes");
            break;
        case codec_errc::depth: say("depth limit"); break;
        case codec_errc::size: say("string limit"); break;
        case codec_errc::elements: say("container limit"); break;
        case codec_errc::invalid_utf8: at("invalid utf-8 at "); break;
        case codec_errc::invalid_value:
            about_the_type();
            at("invalid value at ");
            break;
        case codec_errc::not_canonical:
            about_the_type();
            at("not canonical at ");
            break;
        case codec_errc::no_memory:
            about_the_type();
            say("no memory");
            break;
    }
}

TROUPE_COLD inline codec_error_text codec_error_text::unknown_type_id(std::uint32_t id) noexcept {
    codec_error_text text;
    text.say("unknown type id ");
    text.say(std::size_t{id});
    return text;
}

inline void codec_error_text::say(std::string_view part) noexcept {
    length_ += part.copy(text_ + length_, sizeof(text_) - 1 - length_);
}

inline void codec_error_text::say(std::size_t number) noexcept {
    char        digits[20];
    std::size_t first = sizeof(digits);
    do digits[--first] = static_cast<char>('0' + number % 10);
    while ((number /= 10) != 0);
    say(std::string_view{digits + first, sizeof(digits) - first});
}

}  // namespace troupe::inline TROUPE_ABI
