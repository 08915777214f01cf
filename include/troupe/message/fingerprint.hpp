// SPDX-License-Identifier: BSL-1.0
#pragma once

// What two sides must agree on before they talk: a protocol as text, with the names and types of
// all fields and the replies, and a number of 64 bits for it. Both are constants, and the same
// whatever compiler and standard library made them. More: docs/reference/codec.md

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "troupe/base/utf8.hpp"
#include "troupe/config/hints.hpp"
#include "troupe/message/protocol.hpp"
#include "troupe/message/wire_name.hpp"

namespace troupe::inline TROUPE_ABI {
namespace detail {

// ---- one type: "point{x:f64,y:f64}", "colour:u8", "i64" ----

template <class Type, class Out, std::size_t... I, class... Fields>
constexpr void put_fields(Out& out, std::index_sequence<I...>, type_list<Fields...>) {
    ((out.put(I == 0 ? "" : ","), out.put(field_name<Type, I>()), out.put(":"),
      out.put(word_of<Fields>)),
     ...);
}

template <class Type, class Out>
constexpr void put_definition(Out& out) {
    out.put(word_of<Type>);
    if constexpr (std::is_void_v<Type>) {
    } else if constexpr (shape_on_wire<Type> == wire_shape::fields) {
        out.put("{");
        put_fields<Type>(out, std::make_index_sequence<field_count<Type>>{}, parts_of<Type>{});
        out.put("}");
    } else if constexpr (shape_on_wire<Type> == wire_shape::enumeration && word_of<Type> != "u8") {
        out.put(":");
        out.put(word_of<std::underlying_type_t<Type>>);
    }
}

template <class Type>
struct compose_definition {
    template <class Out>
    constexpr void operator()(Out& out) const {
        put_definition<Type>(out);
    }
};
template <class Type>
inline constexpr auto definition_storage = composed(compose_definition<Type>{});

// ---- all types of a protocol ----

/// A line of the schema.
struct schema_line {
    std::string_view word{};
    std::string_view definition{};
    std::string_view reply{};         ///< of a message
    std::uint32_t    type = 0;        ///< tells types apart that have the same word
    bool             inside = false;  ///< its word stands in other lines, or as an answer
};

inline constexpr std::size_t schema_lines_max = 512;

struct schema_lines {
    schema_line all[schema_lines_max] = {};
    std::size_t count = 0;
    /// Words of types without a line: "text", "list<i64>". A class may have the name of one.
    std::string_view known[schema_lines_max] = {};
    std::size_t      known_count = 0;
    bool             same_name = false;
    bool             too_many = false;

    /// False when it is there already.
    constexpr bool add(schema_line const& line) {
        for (std::size_t i = 0; i < count; ++i) {
            if (all[i].word != line.word) continue;
            same_name = same_name || all[i].type != line.type;
            all[i].inside = all[i].inside || line.inside;
            return false;
        }
        if (count == schema_lines_max) {
            too_many = true;
            return false;
        }
        all[count++] = line;
        return true;
    }
    constexpr void know(std::string_view word) {
        for (std::size_t i = 0; i < known_count; ++i) {
            if (known[i] == word) return;
        }
        if (known_count == schema_lines_max) too_many = true;
        else known[known_count++] = word;
    }
    constexpr void compare_with_known() {
        for (std::size_t i = 0; i < count; ++i) {
            if (!all[i].inside) continue;  // a message alone is called by its line
            for (std::size_t k = 0; k < known_count; ++k) {
                same_name = same_name || all[i].word == known[k];
            }
        }
    }
    constexpr void sort(std::size_t begin) {
        for (std::size_t i = begin + 1; i < count; ++i) {
            schema_line const moved = all[i];
            std::size_t       to = i;
            for (; to > begin && moved.word < all[to - 1].word; --to) all[to] = all[to - 1];
            all[to] = moved;
        }
    }
};

template <class Type>
constexpr void add_types(schema_lines& lines);

template <class... Types>
constexpr void add_all_types(schema_lines& lines, type_list<Types...>) {
    (add_types<std::remove_cv_t<Types>>(lines), ...);
}

/// The classes and enumerations in a type, and itself where it is one.
template <class Type>
constexpr void add_types(schema_lines& lines) {
    if constexpr (std::is_void_v<Type>) {
    } else if constexpr (shape_on_wire<Type> == wire_shape::fields) {
        if (lines.add({word_of<Type>, definition_storage<Type>.view(), {}, type_hash<Type>, true}))
            add_all_types(lines, parts_of<Type>{});
    } else if constexpr (shape_on_wire<Type> == wire_shape::enumeration) {
        if constexpr (word_of<Type> != "u8")
            lines.add({word_of<Type>, definition_storage<Type>.view(), {}, type_hash<Type>, true});
    } else {
        lines.know(word_of<Type>);
        add_all_types(lines, parts_of<Type>{});
    }
}

template <class Type>
constexpr void add_types_inside(schema_lines& lines) {
    if constexpr (!std::is_void_v<Type>) add_all_types(lines, parts_of<Type>{});
}

template <class Signature>
struct schema_of_signature;
template <class Reply, class Message>
struct schema_of_signature<Reply(Message)> {
    using message = Message;

    static constexpr void add_message(schema_lines& lines) {
        lines.add({word_of<Message>, definition_storage<Message>.view(), word_of<Reply>,
                   type_hash<Message>});
    }
    static constexpr void add_rest(schema_lines& lines) {
        add_types_inside<Message>(lines);
        add_types<Reply>(lines);
    }
    static consteval bool explain() {
        if constexpr (!explain_wire_value<Message>()) return false;
        else if constexpr (std::is_void_v<Reply>) return true;
        else return explain_wire_value<Reply>();
    }
};

template <class... Messages>
consteval bool all_wire_ids_differ() {
    std::uint32_t const ids[] = {wire_id<Messages>..., 0};
    for (std::size_t i = 0; i < sizeof...(Messages); ++i) {
        for (std::size_t k = i + 1; k < sizeof...(Messages); ++k) {
            if (ids[i] == ids[k]) return false;
        }
    }
    return true;
}

template <class Message, std::size_t Times>
inline constexpr bool wire_id_stands_once = Times == 1;

template <class Message, class... Messages>
consteval void check_wire_id() {
    constexpr std::size_t times =
        (std::size_t{0} + ... + std::size_t{wire_id<Message> == wire_id<Messages>});
    static_assert(
        wire_id_stands_once<Message, times>,
        "troupe: two messages of the protocol have the same name on the wire, which has no "
        "namespaces: give one `static constexpr std::string_view wire_name = \"...\";`");
}

template <class Protocol>
inline constexpr bool types_have_different_names = true;
template <class Protocol>
inline constexpr bool types_are_few_enough = true;

template <class Protocol>
struct schema_of;

template <class... Signatures>
struct schema_of<protocol<Signatures...>> {
    static consteval bool explain() {
        constexpr bool good = (schema_of_signature<Signatures>::explain() && ... && true);
        if constexpr (!good) return false;
        else {
            constexpr bool differ =
                all_wire_ids_differ<typename schema_of_signature<Signatures>::message...>();
            if constexpr (!differ) {
                (check_wire_id<typename schema_of_signature<Signatures>::message,
                               typename schema_of_signature<Signatures>::message...>(),
                 ...);
            }
            return differ;
        }
    }

    template <class Out>
    constexpr void operator()(Out& out) const {
        schema_lines const lines = all();
        for (std::size_t i = 0; i < lines.count; ++i) {
            schema_line const& line = lines.all[i];
            if (i == sizeof...(Signatures)) out.put("|");
            out.put(line.definition);
            if (!line.reply.empty()) {
                out.put("->");
                out.put(line.reply);
            }
            out.put(";");
        }
    }

    static constexpr schema_lines all() {
        schema_lines lines;
        (schema_of_signature<Signatures>::add_message(lines), ...);
        lines.sort(0);
        (schema_of_signature<Signatures>::add_rest(lines), ...);
        lines.compare_with_known();
        lines.sort(sizeof...(Signatures));
        return lines;
    }
};

template <class Protocol>
consteval auto make_schema() {
    if constexpr (schema_of<Protocol>::explain()) {
        constexpr bool same_name = schema_of<Protocol>::all().same_name;
        constexpr bool too_many = schema_of<Protocol>::all().too_many;
        static_assert(
            types_have_different_names<Protocol> && !same_name,
            "troupe: two types in this protocol have the same name on the wire, which has "
            "no namespaces: give one `static constexpr std::string_view wire_name = "
            "\"...\";`");
        static_assert(types_are_few_enough<Protocol> && !too_many,
                      "troupe: a protocol on the wire has at most 512 messages and types");
        return composed(schema_of<Protocol>{});
    } else {
        return fixed_text<0>{};
    }
}

template <class Protocol>
inline constexpr auto schema_storage = make_schema<Protocol>();

/// FNV-1a, 64 bits.
constexpr std::uint64_t long_hash_of(std::string_view text) noexcept {
    std::uint64_t hash = 14695981039346656037u;
    for (char const c : text) { hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u; }
    return hash;
}

}  // namespace detail

/// A protocol as text, that of an actor type too: its messages with their fields and replies, then
/// `|` and the other types in them, each sorted by name, so that the order in the source means
/// nothing: `deposit{cents:i64,at:place}->void;withdraw{cents:i64}->bool;|place{shop:u32};`.
template <class Target>
constexpr std::string_view protocol_schema() noexcept {
    return detail::schema_storage<detail::protocol_of<Target>>.view();
}

/// The text in 64 bits. Two protocols with the same are taken for the same.
template <class Target>
inline constexpr std::uint64_t protocol_fingerprint =
    detail::long_hash_of(protocol_schema<Target>());

/// What differs between two texts of protocol_schema, in words; empty when nothing does. `theirs`
/// may be any bytes; what is printed of them is text. At most a thousand bytes or so. Any thread;
/// allocates, and takes time like the product of both sizes.
std::string explain_schema_difference(std::string_view ours, std::string_view theirs);

namespace detail {

/// Takes the text up to `end`, which is in no brackets, and `end` itself; all of it when it is not
/// there. It may be any text: a bracket that is closed and was not opened counts as nothing.
inline std::string_view cut_schema(std::string_view& from, std::string_view end) noexcept {
    int open = 0;
    for (std::size_t i = 0; i < from.size(); ++i) {
        if (open == 0 && from.substr(i, end.size()) == end) {
            std::string_view const head = from.substr(0, i);
            from.remove_prefix(i + end.size());
            return head;
        }
        if (from[i] == '<' || from[i] == '{') ++open;
        else if ((from[i] == '>' || from[i] == '}') && open > 0) --open;
    }
    return std::exchange(from, {});
}

/// A line of a schema that was read: "withdraw{cents:i64}->bool", "colour:u8".
struct schema_reading {
    std::string_view name{};
    std::string_view fields{};
    std::string_view number{};  ///< of an enumeration
    std::string_view reply{};

    explicit schema_reading(std::string_view line) noexcept {
        reply = line;
        line = cut_schema(reply, "->");
        std::size_t const brace = line.find('{');
        fields = brace < line.size() ? line.substr(brace + 1) : std::string_view{};
        if (fields.ends_with('}')) fields.remove_suffix(1);
        number = line.substr(0, brace);
        name = cut_schema(number, ":");
    }
};

/// Finds what differs, and stops to write when enough is said.
class schema_difference {
public:
    explicit schema_difference(bool utf8) noexcept : utf8_(utf8) {}

    void lines(std::string_view kind, std::string_view ours, std::string_view theirs) {
        compare(ours, theirs, ";",
                [&](std::string_view name, std::string_view our, std::string_view their) {
                    std::string_view const missing = our.empty()     ? "missing here"
                                                     : their.empty() ? "missing there"
                                                                     : std::string_view{};
                    if (!missing.empty()) return say({kind, " ", name, ": ", missing});
                    schema_reading const here{our};
                    schema_reading const there{their};
                    fields(kind, here, there);
                    if (here.number != there.number)
                        say({kind, " ", name, " is ", here.number, " here and ", there.number,
                             " there"});
                    if (here.reply != there.reply)
                        say({name, " answers ", here.reply, " here and ", there.reply, " there"});
                });
    }
    std::string text() && {
        if (all_.empty()) all_ = "the texts differ";
        if (left_out_) all_ += "; and more";
        return std::move(all_);
    }

private:
    static constexpr std::size_t text_max = 1000;

    void fields(std::string_view kind, schema_reading const& here, schema_reading const& there) {
        std::size_t const said = all_.size();
        compare(here.fields, there.fields, ",",
                [&](std::string_view name, std::string_view our, std::string_view their) {
                    if (our.empty())
                        return say({kind, " ", here.name, ": field ", name, " is missing here"});
                    if (their.empty())
                        return say({kind, " ", here.name, ": field ", name, " is missing there"});
                    cut_schema(our, ":");
                    cut_schema(their, ":");
                    if (our != their)
                        say({kind, " ", here.name, ": field ", name, " is ", our, " here and ",
                             their, " there"});
                });
        if (all_.size() == said && !left_out_ && here.fields != there.fields)
            say({kind, " ", here.name, ": the fields come in another order there"});
    }

    /// Calls `tell(name, our, their)` for each name in one of the lists; what is missing is empty.
    template <class Tell>
    void compare(std::string_view ours, std::string_view theirs, std::string_view end,
                 Tell const& tell) const {
        for (std::string_view rest = ours; !rest.empty() && !left_out_;) {
            std::string_view const our = cut_schema(rest, end);
            tell(name_of(our), our, find(theirs, end, name_of(our)));
        }
        for (std::string_view rest = theirs; !rest.empty() && !left_out_;) {
            std::string_view const their = cut_schema(rest, end);
            if (find(ours, end, name_of(their)).empty()) tell(name_of(their), {}, their);
        }
    }
    static std::string_view find(std::string_view list, std::string_view end,
                                 std::string_view name) noexcept {
        while (!list.empty()) {
            std::string_view const one = cut_schema(list, end);
            if (name_of(one) == name) return one;
        }
        return {};
    }
    static std::string_view name_of(std::string_view line) noexcept {
        line = cut_schema(line, "->");
        line = cut_schema(line, ":");
        return line.substr(0, line.find('{'));
    }

    void say(std::initializer_list<std::string_view> parts) {
        std::size_t size = 0;
        for (std::string_view const part : parts) size += part.size();
        if (left_out_ || all_.size() + size > text_max) {
            left_out_ = true;
            return;
        }
        if (!all_.empty()) all_ += "; ";
        for (std::string_view const part : parts) {
            for (char const c : part) {
                auto const byte = static_cast<unsigned char>(c);
                all_ += byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !utf8_) ? '?' : c;
            }
        }
    }

    std::string all_;
    bool        utf8_;
    bool        left_out_ = false;
};

}  // namespace detail

TROUPE_COLD inline std::string explain_schema_difference(std::string_view ours,
                                                         std::string_view theirs) {
    if (ours == theirs) return {};
    auto const                bytes = std::as_bytes(std::span{theirs});
    detail::schema_difference difference{detail::first_invalid_utf8(bytes) == bytes.size()};
    std::string_view          our_types = ours;
    std::string_view          their_types = theirs;
    std::string_view const    our_messages = detail::cut_schema(our_types, "|");
    std::string_view const    their_messages = detail::cut_schema(their_types, "|");
    difference.lines("message", our_messages, their_messages);
    difference.lines("type", our_types, their_types);
    return std::move(difference).text();
}

}  // namespace troupe::inline TROUPE_ABI
