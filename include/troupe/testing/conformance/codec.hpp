// SPDX-License-Identifier: BSL-1.0
#pragma once

// The conformance suite of a codec: messages of many shapes there and back, and then the same bytes
// cut short, changed and made up. Run it under the address sanitizer, too: what is read lies in
// memory that ends with it. More: docs/reference/codec.md

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "troupe/port/codec.hpp"
#include "troupe/testing/conformance/report.hpp"

namespace troupe::inline TROUPE_ABI {

inline constexpr conformance_rule codec_rules[] = {
    {1, "what was encoded is decoded to the same value"},
    {2, "`decode` takes the bytes of its value and none behind them"},
    {3, "`encode` writes nothing outside of its place, and counts what does not fit"},
    {4, "a message that is cut short is an error"},
    {5, "any bytes give a value or an error, and the error says where within them"},
    {6, "a value that was read from any bytes goes there and back as itself"},
    {7, "two codec objects write the same"},
    {8, "the name is 1 to 64 letters of ASCII without blanks"},
};

namespace detail::codec_samples {

enum class unit : std::uint16_t { metre = 1, second = 700 };
struct nothing {
    bool operator==(nothing const&) const = default;
};
struct place {
    double       x = 0;
    double       y = 0;
    std::uint8_t floor = 0;
    bool         operator==(place const&) const = default;
};
struct numbers {
    bool          b = false;
    char          c = 0;
    std::int8_t   i8 = 0;
    std::uint16_t u16 = 0;
    std::int32_t  i32 = 0;
    std::uint64_t u64 = 0;
    float         f = 0;
    unit          u = unit::metre;
    bool          operator==(numbers const&) const = default;
};
struct letter {
    std::string                                   to{};
    std::optional<place>                          from{};
    std::vector<std::string>                      lines{};
    std::variant<std::int32_t, std::string, unit> subject{};
    std::map<std::string, std::int64_t>           stamps{};
    std::tuple<std::int16_t, bool>                mark{};
    std::array<std::uint16_t, 3>                  code{};
    std::vector<std::byte>                        seal{};
    bool                                          operator==(letter const&) const = default;
};
struct tree {
    std::int32_t      value = 0;
    std::vector<tree> below{};
    bool              operator==(tree const&) const = default;
};

}  // namespace detail::codec_samples

namespace detail {

/// Numbers that repeat themselves: G. Marsaglia, Xorshift RNGs.
class repeatable_numbers {
public:
    std::uint32_t next() noexcept {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 17;
        state_ ^= state_ << 5;
        return state_;
    }
    std::size_t below(std::size_t end) noexcept { return next() % end; }

private:
    std::uint32_t state_ = 2463534242u;
};

template <class Codec>
class codec_trial {
public:
    codec_trial(Codec const& codec, conformance_report& report) : codec_(codec), report_(report) {}

    template <class Value>
    void run(Value const& value) {
        std::vector<std::byte> const whole = encoded(value);
        auto const                   again = decoded<Value>(whole);
        report_.check(1, again && *again == value, type_name<Value>());
        report_.check(7, encoded_by(Codec{}, value) == whole, type_name<Value>());
        followed(value, whole);
        placed(value, whole);
        for (std::size_t size = 0; size < whole.size(); ++size) {
            std::vector<std::byte> const cut(whole.begin(), whole.begin() + signed_size(size));
            report_.check(4, !decoded<Value>(cut), type_name<Value>());
        }
        for (std::size_t i = 0; i < whole.size(); ++i) {
            for (int const to : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
                auto changed = whole;
                changed[i] = static_cast<std::byte>(to);
                any<Value>(changed);
            }
        }
        for (int round = 0; round < 200; ++round) {
            auto mixed = whole;
            for (std::byte& each : mixed) {
                if (random_.below(4) == 0) each = static_cast<std::byte>(random_.next());
            }
            mixed.resize(random_.below(mixed.size() + 8));
            any<Value>(mixed);
        }
    }

private:
    static std::ptrdiff_t signed_size(std::size_t size) {
        return static_cast<std::ptrdiff_t>(size);
    }

    template <class Value>
    static std::vector<std::byte> encoded_by(Codec const& codec, Value const& value) {
        byte_writer counting{{}};
        codec.encode(value, counting);
        std::vector<std::byte> bytes(counting.needed());
        byte_writer            to{bytes};
        codec.encode(value, to);
        return bytes;
    }
    template <class Value>
    std::vector<std::byte> encoded(Value const& value) const {
        return encoded_by(codec_, value);
    }
    /// From a place of its own, which ends where the bytes do.
    template <class Value>
    std::optional<Value> decoded(std::vector<std::byte> const& bytes) {
        std::vector<std::byte> const place(bytes.begin(), bytes.end());
        byte_reader                  from{place};
        auto                         read = codec_.template decode<Value>(from);
        if (read) return std::move(*read);
        report_.check(5, read.error().at <= place.size(), type_name<Value>());
        return std::nullopt;
    }

    template <class Value>
    void followed(Value const& value, std::vector<std::byte> const& whole) {
        std::vector<std::byte> longer = whole;
        longer.resize(whole.size() + 9, std::byte{0x41});
        byte_reader from{longer};
        auto const  read = codec_.template decode<Value>(from);
        report_.check(2, read && *read == value && from.at() == whole.size(), type_name<Value>());
    }

    template <class Value>
    void placed(Value const& value, std::vector<std::byte> const& whole) {
        constexpr std::byte untouched{0xa5};
        for (std::size_t room = 0; room <= whole.size(); ++room) {
            std::vector<std::byte> place(whole.size() + 8, untouched);
            byte_writer            to{std::span{place}.first(room)};
            codec_.encode(value, to);
            bool good = to.needed() == whole.size() && to.fits() == (room == whole.size());
            for (std::size_t i = room; i < place.size(); ++i) good = good && place[i] == untouched;
            report_.check(3, good, type_name<Value>());
        }
    }

    template <class Value>
    void any(std::vector<std::byte> const& bytes) {
        auto const value = decoded<Value>(bytes);
        if (!value) return;
        auto const once = encoded(*value);
        auto const again = decoded<Value>(once);
        // Not by ==, which is false for a number that is none.
        report_.check(6, again && encoded(*again) == once, type_name<Value>());
    }

    Codec const&        codec_;
    conformance_report& report_;
    repeatable_numbers  random_;
};

}  // namespace detail

/// Runs the suite on a codec; `values...` are messages of yours that it shall be tried with, too.
/// They need `==`.
template <codec Codec, class... Values>
conformance_report check_codec(Codec const& codec, Values const&... values) {
    using namespace detail::codec_samples;
    conformance_report         report{codec_rules};
    detail::codec_trial<Codec> trial{codec, report};
    report.check(8, detail::is_codec_name(Codec::name));
    report.check(5, true);

    trial.run(std::int32_t{-5});
    trial.run(std::string{"h\xc3\xa4llo"});
    trial.run(nothing{});
    trial.run(place{1.5, -2.25, 3});
    trial.run(numbers{});
    trial.run(numbers{true, 'x', -128, 65535, std::numeric_limits<std::int32_t>::min(),
                      std::numeric_limits<std::uint64_t>::max(), 0.1f, unit::second});
    trial.run(letter{});
    trial.run(letter{"you",
                     place{0, 1, 2},
                     {"first", "", std::string(300, 'l')},
                     unit::second,
                     {{"a", 1}, {"b", -1}},
                     {-1, true},
                     {1, 2, 3},
                     {std::byte{0}, std::byte{255}}});
    trial.run(tree{1, {{2, {}}, {3, {{4, {}}}}}});
    (trial.run(values), ...);
    return report;
}

}  // namespace troupe::inline TROUPE_ABI
