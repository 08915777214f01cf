// SPDX-License-Identifier: BSL-1.0
#pragma once

// The fields of a class: how many, each of them, and their names, at compile time. An aggregate of
// at most 32 fields is read as it stands; any other class says what its fields are:
//
//     class account {
//         long        cents_ = 0;
//         std::string owner_;
//     public:
//         static constexpr auto wire_fields = troupe::fields<&account::cents_, &account::owner_>;
//     };
//
// Such a list may name the fields anew, `fields<...>.named("cents", "owner")`, and may stand
// outside of a class that is not yours: `template <> inline constexpr auto
// troupe::fields_of<vendor::point> = troupe::fields<&vendor::point::x, &vendor::point::y>;`.

#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

#include "troupe/config/abi.hpp"

namespace troupe::inline TROUPE_ABI {
namespace detail {

/// The text that follows the last `::`, `.` or `&` of a signature, up to its brackets: the name of
/// what a pointer in it points to.
constexpr std::string_view last_name_of(std::string_view signature) noexcept {
    auto const in_a_name = [](char c) {
        return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
               (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
    };
    std::size_t end = signature.size();
    while (end != 0 && !in_a_name(signature[end - 1])) --end;
    std::size_t begin = end;
    while (begin != 0 && in_a_name(signature[begin - 1])) --begin;
    return signature.substr(begin, end - begin);
}

/// Empty, too: then the name of the member is the name.
constexpr bool is_field_name(std::string_view name) noexcept {
    for (char const c : name) {
        bool const good = c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                          (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
        if (!good) return false;
    }
    return true;
}
// The compiler prints the name of what cannot be called in a constant.
inline void a_name_of_a_field_is_made_of_letters_digits_and_underscores() {}

// Not std::string_view: g++ explains that alias behind the pointer, and the name would not be last.
template <auto Pointer>
constexpr char const* signature_with() noexcept {
    return __PRETTY_FUNCTION__;
}

template <class... Types>
struct type_list {
    static constexpr std::size_t size = sizeof...(Types);
};

template <class Type, std::size_t>
using repeated = Type;

}  // namespace detail

/// A list of fields that a class declares, where it is no aggregate, or has bases, or too many.
template <auto... Members>
struct field_list {
    static_assert((std::is_member_object_pointer_v<decltype(Members)> && ...),
                  "troupe: list the fields as pointers to data members, fields<&T::a, &T::b>");
    static constexpr std::size_t size = sizeof...(Members);

    /// Empty where the name of the member is the name.
    std::string_view names[size == 0 ? 1 : size] = {};

    /// The same fields under these names. A pointer to a member that it inherits works, too.
    template <class... Names>
    consteval field_list named(Names... all) const {
        static_assert(sizeof...(Names) == size,
                      "troupe: name each field of the list, in its order");
        if (!(detail::is_field_name(all) && ...)) {
            detail::a_name_of_a_field_is_made_of_letters_digits_and_underscores();
        }
        return {{std::string_view{all}...}};
    }
};

template <auto... Members>
inline constexpr field_list<Members...> fields{};

namespace detail {

struct no_fields_declared {};

template <class Type>
concept declares_fields_inside = requires { Type::wire_fields; };

template <class Type>
consteval auto fields_declared_by() {
    if constexpr (declares_fields_inside<Type>) return Type::wire_fields;
    else return no_fields_declared{};
}

}  // namespace detail

/// What a class declares about its fields. Specialise it for a class that is not yours.
template <class Type>
inline constexpr auto fields_of = detail::fields_declared_by<Type>();

namespace detail {

template <class Type>
inline constexpr bool declares_fields =
    !std::is_same_v<std::remove_const_t<decltype(fields_of<Type>)>, no_fields_declared>;

template <class Type, auto Member>
inline constexpr bool has_its_list_from = false;
template <class Type, class Class, class Field, Field Class::* Member>
    requires(!std::is_same_v<Type, Class> && declares_fields_inside<Class> &&
             requires { &Type::wire_fields == &Class::wire_fields; })
inline constexpr bool has_its_list_from<Type, Member> = &Type::wire_fields == &Class::wire_fields;

template <class Type, auto... Members>
consteval bool inherits_list(field_list<Members...> const&) {
    return (has_its_list_from<Type, Members> || ...);
}

/// The list was declared in a base, and knows nothing of what this class adds.
template <class Type>
consteval bool inherits_its_list() {
    if constexpr (!declares_fields_inside<Type>) return false;
    else if constexpr (!std::is_same_v<std::remove_cvref_t<decltype(fields_of<Type>)>,
                                       std::remove_cvref_t<decltype(Type::wire_fields)>>)
        return false;  // fields_of says something else
    else return inherits_list<Type>(Type::wire_fields);
}

// ---- counting: an aggregate is built from as many values as it has fields, and not from more ----

/// Becomes whatever a field is. Never the class itself: that would be a copy.
template <class Owner>
struct any_field {
    template <class Field>
        requires(!std::is_same_v<Field, Owner>)
    operator Field() const noexcept;
};

/// Becomes what `Owner` is derived from, and nothing else.
template <class Owner>
struct any_base {
    template <class Base>
        requires(std::is_base_of_v<Base, Owner> && !std::is_same_v<Base, Owner>)
    operator Base() const noexcept;
};

/// Becomes nothing: what is built from it takes anything.
struct no_field {};

/// Becomes a reference, and by it a copy of whatever a field is.
template <class Owner>
struct any_referred {
    template <class Field>
        requires(!std::is_same_v<Field, Owner>)
    operator Field&() const noexcept;
};

template <class Type, class Value, std::size_t... I>
consteval bool builds_from(std::index_sequence<I...>) {
    return requires { Type{repeated<Value, I>{}...}; };
}
template <class Type, class Value, std::size_t Count>
concept built_from = builds_from<Type, Value>(std::make_index_sequence<Count>{});

/// `Before` values, then `Inside` in braces of their own, then `After`.
template <class Type, std::size_t... Before, std::size_t... Inside, std::size_t... After>
consteval bool builds_nested(std::index_sequence<Before...>, std::index_sequence<Inside...>,
                             std::index_sequence<After...>) {
    using value = any_field<Type>;
    return requires {
        Type{repeated<value, Before>{}...,
             {repeated<value, Inside>{}...},
             repeated<value, After>{}...};
    };
}
template <class Type, std::size_t Before, std::size_t Inside, std::size_t After>
concept built_nested =
    builds_nested<Type>(std::make_index_sequence<Before>{}, std::make_index_sequence<Inside>{},
                        std::make_index_sequence<After>{});

inline constexpr std::size_t fields_max = 32;
// More than fields: an array in C's way is many values.
inline constexpr std::size_t values_limit = 128;
inline constexpr std::size_t fields_unreadable = static_cast<std::size_t>(-1);

/// The most values it is built from. What has no default needs some at least: first it is found
/// from how many it can be built, then from how many it still can.
template <class Type, class Value, std::size_t Count = 0, bool Begun = false>
consteval std::size_t values_max() {
    if constexpr (Count > values_limit || (Count > fields_max && !Begun)) return fields_unreadable;
    else if constexpr (built_from<Type, Value, Count>)
        return values_max<Type, Value, Count + 1, true>();
    else if constexpr (Begun) return Count - 1;
    else return values_max<Type, Value, Count + 1, false>();
}

// An array in C's way takes a value for each element when its braces are left out. Braces at one
// place tell: with them it takes one place, and then there are too many values behind it.
template <class Type, std::size_t Values, std::size_t At, std::size_t Width = 2>
consteval std::size_t values_of_field_at() {
    if constexpr (Width == 2 && built_nested<Type, At, 0, Values - At - 1>) return 1;
    else if constexpr (At + Width > Values) return 1;
    else if constexpr (built_nested<Type, At, Width, Values - At - Width> &&
                       !built_nested<Type, At, Width, Values - At - Width + 1>)
        return Width;
    else return values_of_field_at<Type, Values, At, Width + 1>();
}

template <class Type, std::size_t Values, std::size_t At = 0>
consteval std::size_t fields_among() {
    if constexpr (At >= Values) return 0;
    else return 1 + fields_among<Type, Values, At + values_of_field_at<Type, Values, At>()>();
}

template <class Type>
consteval std::size_t count_fields() {
    if constexpr (declares_fields<Type>) {
        return std::remove_const_t<decltype(fields_of<Type>)>::size;
    } else if constexpr (!std::is_aggregate_v<Type> || std::is_array_v<Type> ||
                         std::is_union_v<Type>) {
        return fields_unreadable;
    } else {
        constexpr std::size_t values = values_max<Type, any_field<Type>>();
        if constexpr (values == fields_unreadable) return fields_unreadable;
        else {
            constexpr std::size_t count = fields_among<Type, values>();
            return count > fields_max ? fields_unreadable : count;
        }
    }
}

template <class Type>
inline constexpr std::size_t field_count_of = count_fields<Type>();

template <class Type, std::size_t... I>
consteval bool begins_with_a_base(std::index_sequence<I...>) {
    return requires { Type{any_base<Type>{}, repeated<any_field<Type>, I>{}...}; } &&
           !requires { Type{no_field{}, repeated<any_field<Type>, I>{}...}; };
}

/// An aggregate with a base: its fields cannot be bound to names.
template <class Type>
consteval bool is_derived_aggregate() {
    if constexpr (!std::is_aggregate_v<Type> || std::is_array_v<Type>) return false;
    else {
        constexpr std::size_t values = values_max<Type, any_field<Type>>();
        if constexpr (values == fields_unreadable || values == 0) {
            return begins_with_a_base<Type>(std::index_sequence<>{});
        } else {
            return begins_with_a_base<Type>(std::make_index_sequence<values - 1>{});
        }
    }
}

/// An aggregate that is refused because a field of it is a reference.
template <class Type>
concept has_a_reference_inside = values_max<Type, any_field<Type>>() == fields_unreadable &&
                                 values_max<Type, any_referred<Type>>() != fields_unreadable;

}  // namespace detail

/// The fields of this class can be visited.
template <class Type>
concept has_readable_fields =
    detail::declares_fields<Type> ||
    (std::is_aggregate_v<Type> && detail::field_count_of<Type> != detail::fields_unreadable &&
     !detail::is_derived_aggregate<Type>());

/// How many fields a class has.
template <has_readable_fields Type>
inline constexpr std::size_t field_count = detail::field_count_of<Type>;

namespace detail {

template <class Object, class Visitor, auto... Members>
constexpr decltype(auto) visit_members(field_list<Members...>, Object& object, Visitor&& visit) {
    return visit(object.*Members...);
}

// A table; C++26 will have `auto& [... all]`.
// clang-format off
template <std::size_t count, class Object, class Visitor>
constexpr decltype(auto) visit_bound([[maybe_unused]] Object& object, Visitor&& visit) {
    if constexpr (count == 0) { return visit(); }
    else if constexpr (count == 1) { auto& [a] = object; return visit(a); }
    else if constexpr (count == 2) { auto& [a, b] = object; return visit(a, b); }
    else if constexpr (count == 3) { auto& [a, b, c] = object; return visit(a, b, c); }
    else if constexpr (count == 4) { auto& [a, b, c, d] = object; return visit(a, b, c, d); }
    else if constexpr (count == 5) { auto& [a, b, c, d, e] = object; return visit(a, b, c, d, e); }
    else if constexpr (count == 6) {
        auto& [a, b, c, d, e, f] = object;
        return visit(a, b, c, d, e, f);
    }
    else if constexpr (count == 7) {
        auto& [a, b, c, d, e, f, g] = object;
        return visit(a, b, c, d, e, f, g);
    }
    else if constexpr (count == 8) {
        auto& [a, b, c, d, e, f, g, h] = object;
        return visit(a, b, c, d, e, f, g, h);
    }
    else if constexpr (count == 9) {
        auto& [a, b, c, d, e, f, g, h, i] = object;
        return visit(a, b, c, d, e, f, g, h, i);
    }
    else if constexpr (count == 10) {
        auto& [a, b, c, d, e, f, g, h, i, j] = object;
        return visit(a, b, c, d, e, f, g, h, i, j);
    }
    else if constexpr (count == 11) {
        auto& [a, b, c, d, e, f, g, h, i, j, k] = object;
        return visit(a, b, c, d, e, f, g, h, i, j, k);
    }
    else if constexpr (count == 12) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l] = object;
        return visit(a, b, c, d, e, f, g, h, i, j, k, l);
    }
    else if constexpr (count == 13) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m] = object;
        return visit(a, b, c, d, e, f, g, h, i, j, k, l, m);
    }
    else if constexpr (count == 14) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n] = object;
        return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n);
    }
    else if constexpr (count == 15) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o] = object;
        return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o);
    }
    else if constexpr (count == 16) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = object;
        return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p);
    }
    else if constexpr (count == 17) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q] = object;
        return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q);
    }
    else if constexpr (count == 18) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r] = object;
        return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r);
    }
    else if constexpr (count == 19) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s] = object;
        return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s);
    }
    else if constexpr (count == 20) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t] = object;
        return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t);
    }
    else if constexpr (count == 21) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u] = object;
        return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u);
    }
    else if constexpr (count == 22) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v] = object;
        return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v);
    }
    else if constexpr (count == 23) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w] = object;
        return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w);
    }
    else if constexpr (count == 24) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x] = object;
        return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x);
    }
    else if constexpr (count == 25) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y] = object;
        return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y);
    }
    else if constexpr (count == 26) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y,
            z] = object;
        return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z);
    }
    else if constexpr (count == 27) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z,
            aa] = object;
        return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z,
            aa);
    }
    else if constexpr (count == 28) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, aa,
            ab] = object;
        return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z,
            aa, ab);
    }
    else if constexpr (count == 29) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, aa, ab,
            ac] = object;
        return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z,
            aa, ab, ac);
    }
    else if constexpr (count == 30) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, aa, ab,
            ac, ad] = object;
        return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z,
            aa, ab, ac, ad);
    }
    else if constexpr (count == 31) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, aa, ab,
            ac, ad, ae] = object;
        return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z,
            aa, ab, ac, ad, ae);
    }
    else if constexpr (count == 32) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, aa, ab,
            ac, ad, ae, af] = object;
        return visit(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z,
            aa, ab, ac, ad, ae, af);
    }
}
// clang-format on

}  // namespace detail

/// Calls `visit(a, b, ...)` once, with all fields of the object as lvalues, in their order, and
/// returns what it returns. A field that is an array is one field.
template <class Object, class Visitor>
    requires has_readable_fields<std::remove_const_t<Object>>
constexpr decltype(auto) visit_fields(Object& object, Visitor&& visit) {
    using type = std::remove_const_t<Object>;
    if constexpr (detail::declares_fields<type>) {
        return detail::visit_members(fields_of<type>, object, std::forward<Visitor>(visit));
    } else {
        return detail::visit_bound<field_count<type>>(object, std::forward<Visitor>(visit));
    }
}

namespace detail {

struct list_types {
    template <class... Fields>
    constexpr type_list<Fields...> operator()(Fields&...) const noexcept {
        return {};
    }
};

/// The types of the fields, const where they are.
template <class Type>
using field_types = decltype(visit_fields(std::declval<Type&>(), list_types{}));

// An object that is declared and never defined: only the addresses of its fields are looked at.
#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wundefined-var-template"
#pragma clang diagnostic ignored "-Wundefined-internal"
#endif

template <class Type>
struct imagined {
    Type value;

    static imagined const object;
};

// In a class: older Clang takes no bare pointer into an object as a template argument.
template <class Field>
struct field_pointer {
    Field const* to;
};

template <std::size_t At>
struct point_to {
    template <class First, class... Rest>
    constexpr auto operator()([[maybe_unused]] First& first, [[maybe_unused]] Rest&... rest) const {
        if constexpr (At == 0) return field_pointer<First const>{&first};
        else return point_to<At - 1>{}(rest...);
    }
};

template <class Type, std::size_t At>
consteval auto pointer_to_field() {
    return visit_bound<field_count<Type>>(imagined<Type>::object.value, point_to<At>{});
}

template <class Type, std::size_t At>
constexpr std::string_view name_of_bound_field() noexcept {
    return last_name_of(signature_with<pointer_to_field<Type, At>()>());
}

#if defined(__clang__)
#pragma clang diagnostic pop
#endif

template <auto... Members>
constexpr std::string_view name_of_member(field_list<Members...> const& list,
                                          std::size_t                   at) noexcept {
    if (!list.names[at].empty()) return list.names[at];
    char const* const signatures[] = {signature_with<Members>()...};
    return last_name_of(signatures[at]);
}

}  // namespace detail

/// The name of a field as it stands in the source, or as the class has named it; `At` counts from 0
/// on.
template <class Type, std::size_t At>
    requires has_readable_fields<Type> && (At < detail::field_count_of<Type>)
constexpr std::string_view field_name() noexcept {
    if constexpr (detail::declares_fields<Type>) return detail::name_of_member(fields_of<Type>, At);
    else return detail::name_of_bound_field<Type, At>();
}

}  // namespace troupe::inline TROUPE_ABI
