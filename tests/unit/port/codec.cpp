// SPDX-License-Identifier: BSL-1.0
#include "troupe/port/codec.hpp"

#include "support/catch.hpp"

#include <string>

namespace test_port_codec {

using troupe::byte_reader;
using troupe::byte_writer;
using troupe::codec_errc;
using troupe::codec_error;
using troupe::codec_error_text;
using troupe::result;

/// Every value is a byte.
struct whole {
    static constexpr std::string_view name = "whole";
    template <class Value>
    void encode(Value const& value, byte_writer& to) const noexcept {
        to.put(static_cast<std::byte>(value.number));
    }
    template <class Value>
    result<Value, codec_error> decode(byte_reader& from) const noexcept {
        std::byte one{};
        if (!from.take(&one, 1)) return codec_error{codec_errc::missing, "value", from.at(), 1};
        return Value{std::to_integer<int>(one)};
    }
};
struct nameless {
    template <class Value>
    void encode(Value const&, byte_writer&) const noexcept {}
    template <class Value>
    result<Value, codec_error> decode(byte_reader&) const noexcept {
        return codec_error{};
    }
};
struct throwing {
    static constexpr std::string_view name = "throwing";
    template <class Value>
    void encode(Value const&, byte_writer&) const {}
    template <class Value>
    result<Value, codec_error> decode(byte_reader&) const noexcept {
        return codec_error{};
    }
};
struct mute {
    static constexpr std::string_view name = "mute";
    template <class Value>
    void encode(Value const&, byte_writer&) const noexcept {}
};
struct needs_argument : whole {
    explicit needs_argument(int) {}
};

struct message {
    int number;
};

TEST_CASE("a codec has a name, encodes, decodes and is made without arguments") {
    STATIC_REQUIRE(troupe::codec<whole>);
    STATIC_REQUIRE(troupe::explain_codec<whole>());
    STATIC_REQUIRE_FALSE(troupe::codec<nameless>);
    STATIC_REQUIRE_FALSE(troupe::codec<throwing>);
    STATIC_REQUIRE_FALSE(troupe::codec<mute>);
    STATIC_REQUIRE_FALSE(troupe::codec<needs_argument>);
    STATIC_REQUIRE(troupe::codec_encodes<whole, message>);
    STATIC_REQUIRE_FALSE(troupe::codec_encodes<throwing, message>);
}

TEST_CASE("a whole message is read, and bytes behind it are an error") {
    std::byte const bytes[] = {std::byte{7}, std::byte{8}, std::byte{9}};
    auto const      all = std::span<std::byte const>{bytes};
    auto const      good = troupe::decode_whole<message>(whole{}, all.first(1));
    REQUIRE(good);
    CHECK(good->number == 7);
    auto const longer = troupe::decode_whole<message>(whole{}, all);
    REQUIRE_FALSE(longer);
    CHECK(longer.error().code == codec_errc::trailing);
    CHECK(longer.error().at == 1);
    CHECK(longer.error().count == 2);
    CHECK(longer.error().type == "test_port_codec::message");
    auto const none = troupe::decode_whole<message>(whole{}, {});
    REQUIRE_FALSE(none);
    CHECK(none.error().code == codec_errc::missing);
}

std::string text(codec_errc code, std::size_t at = 0, std::size_t count = 0) {
    return std::string{codec_error_text{codec_error{code, "withdraw", at, count}}.view()};
}

TEST_CASE("the words of an error name the type, the place and the number") {
    CHECK(text(codec_errc::missing, 2, 3) == "codec: withdraw: 3 bytes missing");
    CHECK(text(codec_errc::trailing, 2, 10) == "codec: withdraw: 10 trailing bytes");
    CHECK(text(codec_errc::depth) == "codec: depth limit");
    CHECK(text(codec_errc::size) == "codec: string limit");
    CHECK(text(codec_errc::elements) == "codec: container limit");
    CHECK(text(codec_errc::invalid_utf8, 17) == "codec: invalid utf-8 at 17");
    CHECK(text(codec_errc::invalid_value, 4) == "codec: withdraw: invalid value at 4");
    CHECK(text(codec_errc::not_canonical, 5) == "codec: withdraw: not canonical at 5");
    CHECK(text(codec_errc::no_memory) == "codec: withdraw: no memory");
    CHECK(codec_error_text::unknown_type_id(4294967295u).view() ==
          "codec: unknown type id 4294967295");
}

TEST_CASE("a long name of a type is cut, the reason is not") {
    std::string const      name(1000, 'n');
    auto const             huge = static_cast<std::size_t>(-1);
    codec_error_text const words{codec_error{codec_errc::not_canonical, name, huge, 0}};
    CHECK(words.view() ==
          "codec: " + std::string(80, 'n') + "...: not canonical at " + std::to_string(huge));
    CHECK(std::string{words.c_str()} == words.view());
}

}  // namespace test_port_codec
