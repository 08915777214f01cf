// SPDX-License-Identifier: BSL-1.0
#pragma once

// One of every shape that goes over the wire, and what must hold for any bytes at all. The fuzzer
// asks it with bytes of its own, a unit test with the corpus.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "troupe/message/binary_codec.hpp"

namespace troupe_test::wire_zoo {

enum class colour : std::uint8_t { red = 1 };
struct nothing {
    bool operator==(nothing const&) const = default;
};
struct numbers {
    bool          b = false;
    char          c = 0;
    std::int8_t   i8 = 0;
    std::uint16_t u16 = 0;
    std::int32_t  i32 = 0;
    std::uint64_t u64 = 0;
    float         f = 0;
    double        d = 0;
    colour        e = colour::red;
    bool          operator==(numbers const&) const = default;
};
struct packed {
    std::int32_t                a = 0;
    std::uint16_t               b[2] = {};
    std::array<std::uint8_t, 4> c{};
    bool                        operator==(packed const&) const = default;
};
struct constant {
    int const   number;
    std::string text;
    bool        operator==(constant const&) const = default;
};
struct tree {
    std::uint8_t      value = 0;
    std::vector<tree> below{};
    bool              operator==(tree const&) const = default;
};
struct letter {
    std::string                              to{};
    std::optional<packed>                    from{};
    std::variant<bool, std::string, nothing> subject{};
    std::tuple<char, std::vector<bool>>      mark{};
    std::chrono::milliseconds                sent{};
    bool                                     operator==(letter const&) const = default;
};
struct containers {
    std::vector<packed>                       flat{};
    std::vector<std::string>                  texts{};
    std::vector<nothing>                      empties{};
    std::deque<std::uint16_t>                 deque{};
    std::map<std::string, std::uint8_t>       map{};
    std::multimap<std::uint8_t, bool>         multimap{};
    std::set<std::int16_t, std::greater<>>    set{};
    std::vector<std::optional<std::u8string>> maybe{};
    bool                                      operator==(containers const&) const = default;
};
struct unordered {
    std::unordered_map<std::string, bool> map{};
    std::unordered_multiset<std::uint8_t> set{};
    bool                                  operator==(unordered const&) const = default;
};

using bytes = std::vector<std::byte>;
using outcome = troupe::result<std::string, colour>;

/// Bytes that are used up; then zeros.
class source {
public:
    explicit source(std::span<std::byte const> all) : left_{all} {}
    std::uint8_t next() {
        if (left_.empty()) return 0;
        auto const first = std::to_integer<std::uint8_t>(left_[0]);
        left_ = left_.subspan(1);
        return first;
    }

private:
    std::span<std::byte const> left_;
};

/// Makes a value of any shape that is filled in place.
class builder {
public:
    explicit builder(source& from) : from_{from} {}

    template <class Type>
    void fill(Type& to) {
        using troupe::detail::wire_shape;
        constexpr wire_shape is = troupe::detail::shape_on_wire<Type>;
        if constexpr (is == wire_shape::boolean) {
            to = (from_.next() & 1) != 0;
        } else if constexpr (is == wire_shape::number || is == wire_shape::enumeration) {
            std::byte raw[sizeof(Type)];
            for (std::byte& each : raw) each = std::byte{from_.next()};
            std::memcpy(&to, raw, sizeof(to));
        } else if constexpr (is == wire_shape::time_span) {
            typename Type::rep count{};
            fill(count);
            to = Type{count};
        } else if constexpr (is == wire_shape::text) {
            static constexpr char const* pieces[] = {
                "a", "zz", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "12345678"};
            std::string text;
            for (unsigned n = from_.next() % 16u; n != 0; --n) text += pieces[from_.next() % 6u];
            to.assign(reinterpret_cast<typename Type::value_type const*>(text.data()), text.size());
        } else if constexpr (is == wire_shape::optional) {
            if ((from_.next() & 1) != 0) fill(to.emplace());
        } else if constexpr (is == wire_shape::variant) {
            alternative(to, std::make_index_sequence<std::variant_size_v<Type>>{});
        } else if constexpr (is == wire_shape::array) {
            for (auto& each : to) fill(each);
        } else if constexpr (is == wire_shape::tuple) {
            std::apply([this](auto&... all) { (this->fill(all), ...); }, to);
        } else if constexpr (is == wire_shape::fields) {
            troupe::visit_fields(to, [this](auto&... all) { (this->fill(all), ...); });
        } else {
            ++depth_;
            for (unsigned n = depth_ > 10 ? 0u : from_.next() % 4u; n != 0; --n) element(to);
            --depth_;
        }
    }

private:
    template <class Type, std::size_t... I>
    void alternative(Type& to, std::index_sequence<I...>) {
        std::size_t const which = from_.next() % sizeof...(I);
        ((which == I ? fill(to.template emplace<I>()) : void()), ...);
    }
    template <class Type>
    void element(Type& to) {
        using troupe::detail::wire_shape;
        if constexpr (troupe::detail::shape_on_wire<Type> == wire_shape::map) {
            typename Type::key_type    key{};
            typename Type::mapped_type mapped{};
            fill(key);
            fill(mapped);
            to.emplace(std::move(key), std::move(mapped));
        } else {
            typename Type::value_type one{};
            fill(one);
            to.insert(to.end(), std::move(one));
        }
    }

    source&  from_;
    unsigned depth_ = 0;
};

template <class Value>
bytes encoded(Value const& value) {
    troupe::byte_writer counting{{}};
    troupe::binary_codec{}.encode(value, counting);
    bytes               place(counting.needed());
    troupe::byte_writer to{place};
    troupe::binary_codec{}.encode(value, to);
    return place;
}

template <class Value>
auto decoded(std::span<std::byte const> from) {
    return troupe::decode_whole<Value>(troupe::binary_codec{}, from);
}

/// Null, or what does not hold.
template <class Value, bool HasOrder = true>
char const* any_bytes(std::span<std::byte const> from) {
    auto const read = decoded<Value>(from);
    if (!read) {
        if (read.error().at > from.size()) return "an error lies behind the bytes";
        if (troupe::codec_error_text{read.error()}.view().empty()) return "an error without words";
        return nullptr;
    }
    bytes const again = encoded(*read);
    if (again.size() != from.size()) return "what was accepted has another size when it is encoded";
    if constexpr (HasOrder) {
        if (std::memcmp(again.data(), from.data(), from.size()) != 0 && !from.empty())
            return "what was accepted is other bytes when it is encoded";
    }
    if (!decoded<Value>(again)) return "what was encoded is not accepted";
    return nullptr;
}

template <class Value>
char const* any_value(std::span<std::byte const> from) {
    source bytes_left{from};
    Value  value{};
    builder{bytes_left}.fill(value);
    bytes const once = encoded(value);
    auto const  read = decoded<Value>(once);
    if (!read) return "a value does not come back";
    // A float may be no number, which is unlike itself.
    if (!(*read == value) && value == value) return "another value comes back";
    if (encoded(*read).size() != once.size()) return "a value has two forms";
    return nullptr;
}

/// The first byte says what is tried, the others are what it is tried with.
inline char const* check(std::span<std::byte const> input) {
    if (input.empty()) return nullptr;
    auto const which = std::to_integer<unsigned>(input[0]);
    auto const rest = input.subspan(1);
    switch (which) {
        case 0: return any_bytes<numbers>(rest);
        case 1: return any_bytes<packed>(rest);
        case 2: return any_bytes<constant>(rest);
        case 3: return any_bytes<tree>(rest);
        case 4: return any_bytes<letter>(rest);
        case 5: return any_bytes<containers>(rest);
        case 6: return any_bytes<unordered, false>(rest);
        case 7: return any_bytes<outcome>(rest);
        case 8: return any_bytes<std::string>(rest);
        case 9: return any_bytes<std::vector<std::map<std::uint8_t, std::string>>>(rest);
        case 128: return any_value<numbers>(rest);
        case 129: return any_value<packed>(rest);
        case 130: return any_value<tree>(rest);
        case 131: return any_value<letter>(rest);
        case 132: return any_value<containers>(rest);
        case 133: return any_value<unordered>(rest);
        default: return nullptr;
    }
}

}  // namespace troupe_test::wire_zoo
