// SPDX-License-Identifier: BSL-1.0
#pragma once

// The names of types as two programs agree on them, whatever compiler and library made them:
// numbers by their width, library types by what they are, classes by their name without namespaces
// (inline and unnamed ones are spelled differently by each compiler). More: docs/reference/codec.md

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "troupe/message/wire_shape.hpp"
#include "troupe/meta/type_name.hpp"

namespace troupe::inline TROUPE_ABI {
namespace detail {

/// Text of a size that is known at compile time.
template <std::size_t Size>
struct fixed_text {
    char text[Size + 1] = {};

    constexpr std::string_view view() const noexcept { return {text, Size}; }
};

struct text_counter {
    std::size_t size = 0;

    constexpr void put(std::string_view part) noexcept { size += part.size(); }
};

template <std::size_t Size>
struct text_filler {
    fixed_text<Size> all{};
    std::size_t      size = 0;

    constexpr void put(std::string_view part) noexcept {
        for (char const c : part) all.text[size++] = c;
    }
};

/// What `Compose` puts, as a constant: it runs twice, to learn the size and to write.
template <class Compose>
consteval auto composed(Compose compose) {
    constexpr std::size_t size = [] {
        text_counter counter;
        Compose{}(counter);
        return counter.size;
    }();
    text_filler<size> filler;
    compose(filler);
    return filler.all;
}

template <class Out>
constexpr void put_number(Out& out, std::uintmax_t number) {
    char        digits[20] = {};
    std::size_t first = sizeof(digits);
    do digits[--first] = static_cast<char>('0' + number % 10);
    while ((number /= 10) != 0);
    out.put({digits + first, sizeof(digits) - first});
}

/// The last name of a qualified one: after the `::` that is in no brackets.
constexpr std::string_view without_namespaces(std::string_view name) noexcept {
    std::size_t begin = 0;
    int         open = 0;
    for (std::size_t i = 0; i < name.size(); ++i) {
        char const c = name[i];
        if (c == '<' || c == '(' || c == '{') ++open;
        else if (c == '>' || c == ')' || c == '}') --open;
        else if (c == ':' && open == 0) begin = i + 1;
    }
    return name.substr(begin);
}

constexpr bool is_wire_name(std::string_view name) noexcept {
    for (char const c : name) {
        bool const good = c == '_' || c == '.' || (c >= '0' && c <= '9') ||
                          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          static_cast<unsigned char>(c) >= 0x80;
        if (!good) return false;
    }
    return !name.empty();
}

template <class Type>
consteval std::string_view declared_wire_name() {
    if constexpr (requires { Type::wire_name; }) return Type::wire_name;
    else return {};
}

}  // namespace detail

/// The name of a class on the wire, where its own will not do: a member `static constexpr
/// std::string_view wire_name`, or a specialisation of this. Letters, digits, `_` and `.`.
template <class Type>
inline constexpr std::string_view wire_name_of = detail::declared_wire_name<Type>();

namespace detail {

template <class Type>
consteval std::string_view own_name() {
    std::string_view const name = without_namespaces(type_name<Type>());
    return name.substr(0, name.find('<'));
}

/// Two compilers spell the name of this type in the same way.
template <class Type>
inline constexpr bool has_a_name_for_the_wire = is_wire_name(without_namespaces(type_name<Type>()));
template <template <class...> class Template, class... Arguments>
inline constexpr bool has_a_name_for_the_wire<Template<Arguments...>> =
    is_wire_name(own_name<Template<Arguments...>>());

template <class Type>
inline constexpr bool wire_name_is_a_name = is_wire_name(wire_name_of<Type>);

template <class Type, class Out>
constexpr void put_word(Out& out);

template <class First, class... Rest, class Out>
constexpr void put_words(Out& out, type_list<First, Rest...>) {
    put_word<std::remove_cv_t<First>>(out);
    ((out.put(","), put_word<std::remove_cv_t<Rest>>(out)), ...);
}
template <class Out>
constexpr void put_words(Out&, type_list<>) {}

template <class Type>
struct template_arguments {
    using type = type_list<>;
};
template <template <class...> class Template, class... Arguments>
struct template_arguments<Template<Arguments...>> {
    using type = type_list<Arguments...>;
};

/// Says what is wrong with a name, once for each type.
template <class Type>
consteval bool explain_name() {
    if constexpr (wire_name_of<Type>.empty()) {
        static_assert(has_a_name_for_the_wire<Type>,
                      "troupe: compilers spell the name of this type differently: add `static "
                      "constexpr std::string_view wire_name = \"...\";` to it, or specialise "
                      "troupe::wire_name_of for it");
        return has_a_name_for_the_wire<Type>;
    } else {
        static_assert(wire_name_is_a_name<Type>,
                      "troupe: a `wire_name` is made of letters, digits, `_` and `.`");
        return wire_name_is_a_name<Type>;
    }
}

template <class Type, class Out>
constexpr void put_class_name(Out& out) {
    if constexpr (!explain_name<Type>()) {
        out.put("?");
    } else if constexpr (!wire_name_of<Type>.empty()) {
        out.put(wire_name_of<Type>);
    } else {
        out.put(own_name<Type>());
        using arguments = typename template_arguments<Type>::type;
        if constexpr (arguments::size != 0) {
            out.put("<");
            put_words(out, arguments{});
            out.put(">");
        }
    }
}

template <class Out, class... Parts>
constexpr void put_brackets(Out& out, std::string_view name, type_list<Parts...> parts) {
    out.put(name);
    out.put("<");
    put_words(out, parts);
    out.put(">");
}

template <class Type>
consteval std::string_view number_word() {
    if constexpr (std::is_same_v<Type, char>) return "char";
    else if constexpr (std::is_floating_point_v<Type>) return sizeof(Type) == 4 ? "f32" : "f64";
    else {
        constexpr std::string_view signed_words[] = {"i8", "i16", "i32", "i64"};
        constexpr std::string_view unsigned_words[] = {"u8", "u16", "u32", "u64"};
        std::size_t const          at = sizeof(Type) == 1   ? 0
                                        : sizeof(Type) == 2 ? 1
                                        : sizeof(Type) == 4 ? 2
                                                            : 3;
        return std::is_signed_v<Type> ? signed_words[at] : unsigned_words[at];
    }
}

template <class Type>
inline constexpr bool is_a_byte =
    std::is_same_v<Type, std::byte> || std::is_same_v<Type, unsigned char>;

/// Bytes that come in another order than the usual one are not what the other side waits for.
template <class Type, class Out>
constexpr void put_keyed_word(Out& out, std::string_view plain) {
    if constexpr (!wire_ordered<Type>) out.put("unordered_");
    if constexpr (!wire_unique<Type>) out.put("multi");
    out.put(plain);
    out.put("<");
    put_words(out, parts_of<Type>{});
    if constexpr (wire_ordered<Type>) {
        using comparison = typename Type::key_compare;
        if constexpr (own_name<comparison>() != "less") {
            out.put(",");
            put_class_name<comparison>(out);
        }
    }
    out.put(">");
}

template <class Type, class Out>
constexpr void put_word(Out& out) {
    using enum wire_shape;
    if constexpr (std::is_void_v<Type>) {
        out.put("void");
    } else {
        constexpr wire_shape is = shape_on_wire<Type>;
        if constexpr (is == boolean) out.put("bool");
        else if constexpr (is == number) out.put(number_word<Type>());
        else if constexpr (std::is_same_v<Type, std::byte>) out.put("u8");
        else if constexpr (is == time_span) {
            out.put("duration<");
            put_words(out, parts_of<Type>{});
            out.put(",");
            put_number(out, static_cast<std::uintmax_t>(Type::period::num));
            out.put("/");
            put_number(out, static_cast<std::uintmax_t>(Type::period::den));
            out.put(">");
        } else if constexpr (is == time_reading) {
            out.put("time<");
            put_class_name<typename Type::clock>(out);
            out.put(",");
            put_words(out, parts_of<Type>{});
            out.put(">");
        } else if constexpr (is == text) out.put("text");
        else if constexpr (is == optional) put_brackets(out, "optional", parts_of<Type>{});
        else if constexpr (is == outcome) put_brackets(out, "result", parts_of<Type>{});
        else if constexpr (is == variant) put_brackets(out, "variant", parts_of<Type>{});
        else if constexpr (is == array) {
            out.put("array<");
            put_words(out, parts_of<Type>{});
            out.put(",");
            put_number(out, array_of<Type>::size);
            out.put(">");
        } else if constexpr (is == tuple) put_brackets(out, "tuple", parts_of<Type>{});
        else if constexpr (is == sequence) {
            if constexpr (is_a_byte<typename Type::value_type>) out.put("bytes");
            else put_brackets(out, "list", parts_of<Type>{});
        } else if constexpr (is == set) put_keyed_word<Type>(out, "set");
        else if constexpr (is == map) put_keyed_word<Type>(out, "map");
        else put_class_name<Type>(out);
    }
}

template <class Type>
struct compose_word {
    template <class Out>
    constexpr void operator()(Out& out) const {
        put_word<Type>(out);
    }
};

template <class Type>
inline constexpr auto word_storage = composed(compose_word<Type>{});

/// A type in one word: "i64", "list<text>", "withdraw".
template <class Type>
inline constexpr std::string_view word_of = word_storage<std::remove_cv_t<Type>>.view();

}  // namespace detail

/// Which message bytes are: a hash of its name, the same in every program, never 0. Within a
/// protocol no two messages have the same (protocol_schema sees to that).
template <class Message>
inline constexpr std::uint32_t wire_id = detail::hash_of(detail::word_of<Message>);

}  // namespace troupe::inline TROUPE_ABI
