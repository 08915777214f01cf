// SPDX-License-Identifier: BSL-1.0
#pragma once

// The codec that troupe brings: numbers of fixed width with the lowest byte first, lengths in
// LEB128, classes field by field without a word about them. What a type is on the wire:
// message/wire_shape.hpp. More: docs/reference/codec.md

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <utility>

#include "troupe/base/utf8.hpp"
#include "troupe/config/exceptions.hpp"
#include "troupe/message/wire_shape.hpp"
#include "troupe/meta/type_name.hpp"
#include "troupe/port/codec.hpp"

namespace troupe::inline TROUPE_ABI {

/// What a reader takes at most. Two sides may differ: what is too much is refused by who reads it.
struct codec_limits {
    std::uint32_t depth_max = 32;             ///< optionals, variants and containers in each other
    std::size_t   text_max = 1u << 24;        ///< bytes of a string
    std::size_t   elements_max = 1u << 24;    ///< of a container
    std::size_t   empty_elements_max = 1024;  ///< of a container whose elements take no bytes
};

namespace detail {

/// Writes values. `Flat`: what is the same in memory and on the wire is copied as a whole.
template <bool Flat = true>
struct wire_writer {
    byte_writer& to;

    void length(std::size_t value) noexcept {
        std::uint64_t left = value;
        std::byte     bytes[10];
        std::size_t   size = 0;
        for (; left >= 0x80; left >>= 7) bytes[size++] = static_cast<std::byte>(left | 0x80);
        bytes[size++] = static_cast<std::byte>(left);
        to.put(bytes, size);
    }

    template <class Type>
    void value(Type const& from) noexcept {
        using enum wire_shape;
        constexpr wire_shape is = shape_on_wire<Type>;
        if constexpr (Flat && flat_on_wire<Type>) {
            to.put(&from, sizeof(from));
        } else if constexpr (is == boolean) {
            to.put(static_cast<std::byte>(from));
        } else if constexpr (is == number) {
            number_bytes(from);
        } else if constexpr (is == enumeration) {
            value(static_cast<std::underlying_type_t<Type>>(from));
        } else if constexpr (is == time_span) {
            value(from.count());
        } else if constexpr (is == time_reading) {
            value(from.time_since_epoch());
        } else if constexpr (is == text) {
            length(from.size());
            to.put(from.data(), from.size());
        } else if constexpr (is == optional) {
            bool const there = from.has_value();
            value(there);
            if (there) value(*from);
        } else if constexpr (is == outcome) {
            bool const there = from.has_value();
            value(there);
            if (!there) value(from.error());
            else if constexpr (!std::is_void_v<typename Type::value_type>) value(*from);
        } else if constexpr (is == variant) {
            alternative(from, std::make_index_sequence<parts_of<Type>::size>{});
        } else if constexpr (is == array) {
            elements<typename array_of<Type>::element>(from, array_of<Type>::size);
        } else if constexpr (is == tuple) {
            tuple_elements(from, std::make_index_sequence<parts_of<Type>::size>{});
        } else if constexpr (is == map) {
            length(from.size());
            for (auto const& [key, mapped] : from) {
                value<typename Type::key_type>(key);
                value<typename Type::mapped_type>(mapped);
            }
        } else if constexpr (is == sequence || is == set) {
            length(from.size());
            elements<typename Type::value_type>(from, from.size());
        } else {
            static_assert(is == fields);
            visit_fields(from, [this](auto const&... all) noexcept { (this->value(all), ...); });
        }
    }

private:
    template <class Number>
    void number_bytes(Number from) noexcept {
        if constexpr (std::endian::native == std::endian::little) {
            to.put(&from, sizeof(from));
        } else {
            std::byte bytes[sizeof(from)];
            std::memcpy(bytes, &from, sizeof(from));
            for (std::size_t i = sizeof(from); i-- != 0;) to.put(bytes[i]);
        }
    }

    // What a reference to an element is called is the container's affair: see std::vector<bool>.
    template <class Element, class Range>
    void elements(Range const& from, std::size_t size) noexcept {
        if constexpr (Flat && flat_on_wire<Element> && requires { std::data(from); }) {
            if (size != 0) to.put(std::data(from), size * sizeof(Element));
        } else {
            for (auto const& each : from) value<Element>(each);
        }
    }

    template <class Tuple, std::size_t... I>
    void tuple_elements(Tuple const& from, std::index_sequence<I...>) noexcept {
        (value(get<I>(from)), ...);
    }

    // One that has lost its value by an exception is written as an alternative that does not exist.
    template <class Variant, std::size_t... I>
    void alternative(Variant const& from, std::index_sequence<I...>) noexcept {
        static_assert(sizeof...(I) < 255,
                      "troupe: a variant on the wire has at most 254 alternatives");
        bool const there = !from.valueless_by_exception();
        value(static_cast<std::uint8_t>(there ? from.index() : sizeof...(I)));
        static_cast<void>(((from.index() == I && (value(*get_if<I>(&from)), true)) || ...));
    }
};

/// A place for a value that is made later.
template <class Type>
class wire_slot {
public:
    wire_slot() noexcept {}
    wire_slot(wire_slot const&) = delete;
    ~wire_slot() {
        if (full_) value_.~Type();
    }
    /// With braces where parentheses build nothing: aggregates.
    template <class... Arguments>
    Type& emplace(Arguments&&... arguments) {
        if constexpr (std::is_aggregate_v<Type>)
            ::new (address()) Type{std::forward<Arguments>(arguments)...};
        else ::new (address()) Type(std::forward<Arguments>(arguments)...);
        full_ = true;
        return value_;
    }
    Type& operator*() noexcept { return value_; }

private:
    void* address() noexcept { return const_cast<void*>(static_cast<void const*>(&value_)); }

    union {
        Type value_;
    };
    bool full_ = false;
};

template <std::size_t I, class Type>
struct wire_slot_at {
    wire_slot<Type> slot;
};
template <class Indices, class... Types>
struct wire_slots;
template <std::size_t... I, class... Types>
struct wire_slots<std::index_sequence<I...>, Types...> : wire_slot_at<I, Types>... {};

template <std::size_t I, class Type>
wire_slot<Type>& slot_at(wire_slot_at<I, Type>& all) noexcept {
    return all.slot;
}

/// Reads values and believes nothing. Stops at the first error; what was read by then is a value of
/// its type, but of no meaning.
template <codec_limits Limits>
struct wire_reader {
    byte_reader&  from;
    codec_error   error{};
    std::uint32_t depth = 0;

    /// Reads into what exists.
    template <class Type>
    bool value(Type& to) {
        using enum wire_shape;
        constexpr wire_shape is = shape_on_wire<Type>;
        if constexpr (flat_on_wire<Type>) {
            return bytes(&to, sizeof(to));
        } else if constexpr (is == boolean) {
            return flag(to);
        } else if constexpr (is == number) {
            return number_bytes(to);
        } else if constexpr (is == enumeration) {
            std::underlying_type_t<Type> number{};
            if (!value(number)) return false;
            to = static_cast<Type>(number);
            return true;
        } else if constexpr (is == time_span || is == time_reading) {
            typename first_of<parts_of<Type>>::type part{};
            if (!value(part)) return false;
            to = Type{part};
            return true;
        } else if constexpr (is == text) {
            return read_text(to);
        } else if constexpr (is == optional) {
            return nested([&] { return read_optional(to); });
        } else if constexpr (is == variant) {
            return nested(
                [&] { return read_variant(to, std::make_index_sequence<parts_of<Type>::size>{}); });
        } else if constexpr (is == array) {
            for (auto& each : to) {
                if (!value(each)) return false;
            }
            return true;
        } else if constexpr (is == tuple) {
            return tuple_elements(to, std::make_index_sequence<parts_of<Type>::size>{});
        } else if constexpr (is == sequence) {
            return nested([&] { return read_sequence(to); });
        } else if constexpr (is == set || is == map) {
            return nested([&] { return read_keyed(to); });
        } else {
            static_assert(is == fields);
            return visit_fields(to, [this](auto&... all) { return (this->value(all) && ...); });
        }
    }

    /// Makes a value.
    template <class Type>
    bool make(wire_slot<Type>& to) {
        using enum wire_shape;
        if constexpr (is_filled_in_place<Type>()) {
            return value(to.emplace());
        } else if constexpr (std::is_const_v<Type>) {
            wire_slot<std::remove_const_t<Type>> slot;
            if (!make(slot)) return false;
            to.emplace(std::move(*slot));
            return true;
        } else if constexpr (shape_on_wire<Type> == outcome) {
            return nested([&] { return make_outcome(to); });
        } else if constexpr (shape_on_wire<Type> == variant) {
            return nested(
                [&] { return make_variant(to, std::make_index_sequence<parts_of<Type>::size>{}); });
        } else if constexpr (shape_on_wire<Type> == array) {
            using parts = decltype(elements_of_array<typename array_of<Type>::element>(
                std::make_index_sequence<array_of<Type>::size>{}));
            return make_from(to, parts{});
        } else {
            return make_from(to, parts_of<Type>{});
        }
    }

    TROUPE_COLD bool fail(codec_errc code, std::size_t at, std::size_t count = 0) noexcept {
        error.code = code;
        error.at = at;
        error.count = count;
        return false;
    }
    bool missing(std::size_t count) noexcept {
        return fail(codec_errc::missing, from.at(), count - from.left());
    }

private:
    bool bytes(void* to, std::size_t size) noexcept { return from.take(to, size) || missing(size); }

    bool flag(bool& to) noexcept {
        std::uint8_t byte = 0;
        if (!bytes(&byte, 1)) return false;
        if (byte > 1) return fail(codec_errc::invalid_value, from.at() - 1);
        to = byte == 1;
        return true;
    }

    template <class Number>
    bool number_bytes(Number& to) noexcept {
        std::byte read[sizeof(to)];
        std::byte turned[sizeof(to)];
        if (!bytes(read, sizeof(to))) return false;
        for (std::size_t i = 0; i < sizeof(to); ++i) turned[i] = read[sizeof(to) - 1 - i];
        std::memcpy(&to, std::endian::native == std::endian::little ? read : turned, sizeof(to));
        return true;
    }

    /// LEB128, in its shortest form.
    bool length(std::size_t& to, std::size_t most, codec_errc too_long) noexcept {
        std::size_t const begin = from.at();
        std::uint64_t     value = 0;
        for (unsigned shift = 0;; shift += 7) {
            std::uint8_t byte = 0;
            if (!bytes(&byte, 1)) return false;
            if (byte == 0 && shift != 0) return fail(codec_errc::not_canonical, begin);
            // The tenth byte has room for the last bit of 64.
            if (shift == 63 && byte > 1) return fail(codec_errc::invalid_value, begin);
            value |= std::uint64_t{byte & 0x7fu} << shift;
            if (byte < 0x80) break;
        }
        if (value > most) return fail(too_long, begin);
        to = static_cast<std::size_t>(value);
        return true;
    }

    /// How many elements follow; never more than the bytes that are left can be.
    template <std::size_t LeastSize>
    bool count_of_elements(std::size_t& to) noexcept {
        std::size_t const begin = from.at();
        if (!length(to, Limits.elements_max, codec_errc::elements)) return false;
        if constexpr (LeastSize == 0) {
            if (to > Limits.empty_elements_max) return fail(codec_errc::elements, begin);
        } else {
            if (to > from.left() / LeastSize) return missing(to * LeastSize);
        }
        return true;
    }

    template <class Read>
    bool nested(Read read) {
        if (depth == Limits.depth_max) return fail(codec_errc::depth, from.at());
        ++depth;
        bool const good = read();
        --depth;
        return good;
    }

    template <class Text>
    bool read_text(Text& to) {
        std::size_t size = 0;
        if (!length(size, Limits.text_max, codec_errc::size)) return false;
        if (size > from.left()) return missing(size);
        std::size_t const begin = from.at();
        auto const        seen = from.view(size);
        std::size_t const invalid = first_invalid_utf8(seen);
        if (invalid != size) return fail(codec_errc::invalid_utf8, begin + invalid);
        to.assign(reinterpret_cast<typename Text::value_type const*>(seen.data()), size);
        return true;
    }

    template <class Optional>
    bool read_optional(Optional& to) {
        bool there = false;
        to.reset();
        if (!flag(there)) return false;
        if (!there) return true;
        using type = typename Optional::value_type;
        if constexpr (is_filled_in_place<type>()) {
            return value(to.emplace());
        } else {
            wire_slot<type> slot;
            if (!make(slot)) return false;
            to.emplace(std::move(*slot));
            return true;
        }
    }

    bool which(std::size_t& to, std::size_t size) noexcept {
        std::uint8_t index = 0;
        if (!bytes(&index, 1)) return false;
        if (index >= size) return fail(codec_errc::invalid_value, from.at() - 1);
        to = index;
        return true;
    }

    template <class Variant, std::size_t... I>
    bool read_variant(Variant& to, std::index_sequence<I...>) {
        std::size_t index = 0;
        bool        good = which(index, sizeof...(I));
        static_cast<void>(((good && index == I && (good = alternative<I>(to), true)) || ...));
        return good;
    }
    template <std::size_t I, class Variant>
    bool alternative(Variant& to) {
        using type = std::remove_cvref_t<decltype(*get_if<I>(&to))>;
        if constexpr (is_filled_in_place<type>()) {
            return value(to.template emplace<I>());
        } else {
            wire_slot<type> slot;
            if (!make(slot)) return false;
            to.template emplace<I>(std::move(*slot));
            return true;
        }
    }
    template <class Variant, std::size_t... I>
    bool make_variant(wire_slot<Variant>& to, std::index_sequence<I...>) {
        std::size_t index = 0;
        bool        good = which(index, sizeof...(I));
        static_cast<void>(((good && index == I && (good = make_alternative<I>(to), true)) || ...));
        return good;
    }
    template <std::size_t I, class Variant>
    bool make_alternative(wire_slot<Variant>& to) {
        using type = std::remove_cvref_t<decltype(*get_if<I>(&*to))>;
        wire_slot<type> slot;
        if (!make(slot)) return false;
        to.emplace(std::in_place_index<I>, std::move(*slot));
        return true;
    }

    template <class Outcome>
    bool make_outcome(wire_slot<Outcome>& to) {
        using type = typename Outcome::value_type;
        bool there = false;
        if (!flag(there)) return false;
        if (!there) {
            wire_slot<typename Outcome::error_type> slot;
            if (!make(slot)) return false;
            if constexpr (requires { typename Outcome::unexpected_type; })
                to.emplace(typename Outcome::unexpected_type(std::move(*slot)));
            else to.emplace(std::move(*slot));
        } else if constexpr (std::is_void_v<type>) {
            to.emplace();
        } else {
            wire_slot<type> slot;
            if (!make(slot)) return false;
            to.emplace(std::move(*slot));
        }
        return true;
    }

    template <class Tuple, std::size_t... I>
    bool tuple_elements(Tuple& to, std::index_sequence<I...>) {
        return (value(get<I>(to)) && ...);
    }

    template <class Type, class... Parts>
    bool make_from(wire_slot<Type>& to, type_list<Parts...>) {
        return make_from_parts(to, type_list<Parts...>{}, std::index_sequence_for<Parts...>{});
    }
    template <class Type, class... Parts, std::size_t... I>
    bool make_from_parts(wire_slot<Type>& to, type_list<Parts...>, std::index_sequence<I...> at) {
        wire_slots<decltype(at), Parts...> parts;
        if (!(make(slot_at<I>(parts)) && ...)) return false;
        to.emplace(std::move(*slot_at<I>(parts))...);
        return true;
    }

    template <class Sequence>
    bool read_sequence(Sequence& to) {
        using element = typename Sequence::value_type;
        std::size_t size = 0;
        to.clear();
        if (!count_of_elements<least_size<element>>(size)) return false;
        if constexpr (flat_on_wire<element> && requires {
                          to.resize(size);
                          to.data();
                      }) {
            to.resize(size);
            return bytes(to.data(), size * sizeof(element));
        } else {
            // Not more memory at once than bytes are left: what a byte says may be large.
            std::size_t const at_once = from.left() / sizeof(element) + 16;
            if constexpr (requires { to.reserve(size); })
                to.reserve(size < at_once ? size : at_once);
            for (; size != 0; --size) {
                if (!add_element(to)) return false;
            }
            return true;
        }
    }
    template <class Sequence>
    bool add_element(Sequence& to) {
        using element = typename Sequence::value_type;
        if constexpr (is_filled_in_place<element>() && requires {
                          { to.emplace_back() } -> std::same_as<element&>;
                      }) {
            return value(to.emplace_back());
        } else {
            wire_slot<element> slot;
            if (!make(slot)) return false;
            to.push_back(std::move(*slot));
            return true;
        }
    }

    template <class Keyed>
    bool read_keyed(Keyed& to) {
        std::size_t size = 0;
        to.clear();
        if (!count_of_elements<least_sum(parts_of<Keyed>{})>(size)) return false;
        for (; size != 0; --size) {
            std::size_t const                   begin = from.at();
            wire_slot<typename Keyed::key_type> key;
            if (!make(key)) return false;
            if constexpr (std::is_floating_point_v<typename Keyed::key_type>) {
                // No order has a place for what is no number.
                if (*key != *key) return fail(codec_errc::invalid_value, begin);
            }
            if (!comes_next(to, *key)) return fail(codec_errc::not_canonical, begin);
            if constexpr (wire_map<Keyed>) {
                wire_slot<typename Keyed::mapped_type> mapped;
                if (!make(mapped)) return false;
                to.emplace_hint(to.end(), std::move(*key), std::move(*mapped));
            } else {
                to.emplace_hint(to.end(), std::move(*key));
            }
        }
        return true;
    }
    /// Whether a key has its place behind those that are there; where there is no order, whether it
    /// is a new one.
    template <class Keyed, class Key>
    static bool comes_next(Keyed const& all, Key const& key) {
        if constexpr (!wire_ordered<Keyed>) {
            return !wire_unique<Keyed> || all.find(key) == all.end();
        } else {
            if (all.size() == 0) return true;
            auto last = all.end();
            --last;
            auto const& before = [&last]() -> auto const& {
                if constexpr (wire_map<Keyed>) return (*last).first;
                else return *last;
            }();
            auto const less = all.key_comp();
            return wire_unique<Keyed> ? less(before, key) : !less(key, before);
        }
    }
};

}  // namespace detail

/// The codec of troupe. Any thread; `encode` allocates nothing, `decode` what the value needs. Both
/// work on one object without a state. `decode` takes no form but the one that `encode` writes, so
/// encode(decode(bytes)) is bytes again (but for containers without an order). What is not UTF-8 in
/// a string is written, and refused by who reads it.
template <codec_limits Limits>
class basic_binary_codec {
public:
    static constexpr std::string_view name = "troupe-binary-1";
    static constexpr codec_limits     limits = Limits;

    template <class Value>
    void encode(Value const& value, byte_writer& to) const noexcept {
        if constexpr (explain_wire_value<Value>()) detail::wire_writer<>{to}.value(value);
    }

    template <class Value>
    result<Value, codec_error> decode(byte_reader& from) const noexcept {
        if constexpr (explain_wire_value<Value>()) {
            detail::wire_reader<Limits> reader{from};
            reader.error.type = type_name<Value>();
            if (from.left() < detail::least_size<Value>) {
                reader.missing(detail::least_size<Value>);
                return reader.error;
            }
            TROUPE_TRY {
                detail::wire_slot<Value> slot;
                if (reader.make(slot)) return std::move(*slot);
            }
            TROUPE_CATCH_ALL { reader.fail(codec_errc::no_memory, from.at()); }
            return reader.error;
        } else {
            return codec_error{};
        }
    }
};

using binary_codec = basic_binary_codec<codec_limits{}>;

static_assert(codec<binary_codec>);
}  // namespace troupe::inline TROUPE_ABI
