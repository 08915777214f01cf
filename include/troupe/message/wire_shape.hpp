// SPDX-License-Identifier: BSL-1.0
#pragma once

// Which shape a type has on the wire, and why another has none. Library types are known by what
// they can do, so that none of their headers is needed here, and yours are taken like theirs.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

#include "troupe/meta/fields.hpp"

namespace troupe::inline TROUPE_ABI {
namespace detail {

enum class wire_shape : std::uint8_t {
    boolean,       ///< a byte, 0 or 1
    number,        ///< its bytes, the lowest first
    enumeration,   ///< as its underlying type
    time_span,     ///< as its count
    time_reading,  ///< as the time since its clock's zero
    text,          ///< a length and UTF-8
    optional,      ///< a byte, 0 or 1, and the value
    outcome,       ///< a byte, 1 and the value or 0 and the error
    variant,       ///< a byte, which alternative, and that
    array,         ///< its elements
    tuple,         ///< its elements
    sequence,      ///< a length and the elements
    set,           ///< the same, each once; in order, where it has one
    map,           ///< a length, and key and value in turn
    fields,        ///< its fields
    // And what has none.
    pointer,
    view,
    reference_to_an_actor,
    too_wide,
    closed,
};

template <class Type>
concept wire_counts = requires(Type const& t) {
    typename Type::rep;
    typename Type::period;
    t.count();
};
template <class Type>
concept wire_tells_time = requires(Type const& t) {
    typename Type::clock;
    typename Type::duration;
    t.time_since_epoch();
};
template <class Type>
concept wire_points = std::is_pointer_v<Type> || std::is_member_pointer_v<Type> ||
                      std::is_null_pointer_v<Type> || requires(Type const& t) {
                          typename Type::element_type;
                          t.get();
                          *t;
                      };
template <class Type>
concept wire_views = requires(Type const& t) {
    t.data();
    t.size();
} && (requires(Type& t) { t.remove_prefix(1); } || requires(Type& t) { t.subspan(0); });
template <class Type>
concept wire_has_an_identity = requires(Type const& t) { t.identity(); };
template <class Type>
concept wire_text = requires(Type& t, typename Type::value_type const* from) {
    typename Type::traits_type;
    t.assign(from, std::size_t{});
    t.data();
    t.size();
    requires sizeof(typename Type::value_type) == 1;
};
template <class Type>
concept wire_optional = requires(Type& t) {
    typename Type::value_type;
    t.has_value();
    t.reset();
    *t;
};
template <class Type>
concept wire_outcome = requires(Type const& t) {
    typename Type::value_type;
    typename Type::error_type;
    t.has_value();
    t.error();
};
template <class Type>
concept wire_variant = requires(Type const& t) {
    t.valueless_by_exception();
    t.index();
};
template <class Type>
concept wire_tuple = requires {
    { std::tuple_size<Type>::value } -> std::convertible_to<std::size_t>;
};
template <class Type>
concept wire_array = std::is_bounded_array_v<Type> || (wire_tuple<Type> && requires(Type& t) {
                         typename Type::value_type;
                         t.data();
                     });
template <class Type>
concept wire_container = requires(Type& t, Type const& c) {
    typename Type::value_type;
    t.clear();
    c.size();
    c.begin() != c.end();
};
template <class Type>
concept wire_set = wire_container<Type> && requires(Type& t, typename Type::value_type v) {
    typename Type::key_type;
    t.insert(std::move(v));
};
template <class Type>
concept wire_map = wire_set<Type> && requires { typename Type::mapped_type; };
template <class Type>
concept wire_sequence = wire_container<Type> && requires(Type& t, typename Type::value_type v) {
    t.push_back(std::move(v));
};
/// Keys in an order of their own: then there is one right order on the wire.
template <class Type>
concept wire_ordered = requires(Type const& t) { t.key_comp(); };
/// Each key once.
template <class Type>
concept wire_unique =
    requires(Type& t, typename Type::value_type v) { t.insert(std::move(v)).second; };

// The order matters: a class that lists its fields is what it says, a string is a container, too.
template <class Type>
consteval wire_shape shape_of() {
    using enum wire_shape;
    if constexpr (std::is_same_v<Type, bool>) return boolean;
    else if constexpr (std::is_arithmetic_v<Type>) return sizeof(Type) <= 8 ? number : too_wide;
    else if constexpr (std::is_enum_v<Type>) return enumeration;
    else if constexpr (wire_points<Type>) return pointer;
    else if constexpr (std::is_bounded_array_v<Type>) return array;
    else if constexpr (!std::is_class_v<Type>) return closed;
    else if constexpr (declares_fields<Type>) return fields;
    else if constexpr (wire_counts<Type>) return time_span;
    else if constexpr (wire_tells_time<Type>) return time_reading;
    else if constexpr (wire_text<Type>) return text;
    else if constexpr (wire_views<Type>) return view;
    else if constexpr (wire_has_an_identity<Type>) return reference_to_an_actor;
    else if constexpr (wire_outcome<Type>) return outcome;
    else if constexpr (wire_optional<Type>) return optional;
    else if constexpr (wire_variant<Type>) return variant;
    else if constexpr (wire_array<Type>) return array;
    else if constexpr (wire_tuple<Type>) return tuple;
    else if constexpr (wire_map<Type>) return map;
    else if constexpr (wire_set<Type>) return set;
    else if constexpr (wire_sequence<Type>) return sequence;
    else if constexpr (has_readable_fields<Type>) return fields;
    else return closed;
}

template <class Type>
inline constexpr wire_shape shape_on_wire = shape_of<std::remove_cv_t<Type>>();

// ---- the types inside a type ----

template <class Type>
struct alternatives_of;
template <template <class...> class Variant, class... Alternatives>
struct alternatives_of<Variant<Alternatives...>> {
    using type = type_list<Alternatives...>;
};

template <class Type, std::size_t... I>
auto elements_of_tuple(std::index_sequence<I...>) -> type_list<std::tuple_element_t<I, Type>...>;

template <class Element, std::size_t... I>
auto elements_of_array(std::index_sequence<I...>) -> type_list<repeated<Element, I>...>;

template <class Type>
struct array_of
    : array_of<typename Type::value_type
                   [std::tuple_size<Type>::value == 0 ? 1 : std::tuple_size<Type>::value]> {
    static constexpr std::size_t size = std::tuple_size<Type>::value;
};
template <class Element, std::size_t Size>
struct array_of<Element[Size]> {
    using element = Element;
    static constexpr std::size_t size = Size;
};

template <class Type>
consteval auto parts_of_shape() {
    using enum wire_shape;
    constexpr wire_shape is = shape_on_wire<Type>;
    if constexpr (is == enumeration) return type_list<std::underlying_type_t<Type>>{};
    else if constexpr (is == time_span) return type_list<typename Type::rep>{};
    else if constexpr (is == time_reading) return type_list<typename Type::duration>{};
    else if constexpr (is == outcome)
        return type_list<typename Type::value_type, typename Type::error_type>{};
    else if constexpr (is == variant) return typename alternatives_of<Type>::type{};
    else if constexpr (is == array) return type_list<typename array_of<Type>::element>{};
    else if constexpr (is == tuple)
        return decltype(elements_of_tuple<Type>(
            std::make_index_sequence<std::tuple_size<Type>::value>{})){};
    else if constexpr (is == map)
        return type_list<typename Type::key_type, typename Type::mapped_type>{};
    else if constexpr (is == optional || is == sequence || is == set)
        return type_list<typename Type::value_type>{};
    else if constexpr (is == fields) return field_types<Type>{};
    else return type_list<>{};
}

template <class List>
struct first_of;
template <class First, class... Rest>
struct first_of<type_list<First, Rest...>> {
    using type = First;
};

/// The types that a value of this type is made of.
template <class Type>
using parts_of = decltype(parts_of_shape<std::remove_cv_t<Type>>());

// ---- sizes ----

template <class Type>
consteval std::size_t least_size_of();

template <class... Parts>
consteval std::size_t least_sum(type_list<Parts...>) {
    return (std::size_t{0} + ... + (std::is_void_v<Parts> ? 0 : least_size_of<Parts>()));
}
template <class... Parts>
consteval std::size_t least_of(type_list<Parts...>) {
    std::size_t const all[] = {least_size_of<Parts>()...};
    std::size_t       least = all[0];
    for (std::size_t const one : all) least = one < least ? one : least;
    return least;
}

/// How many bytes a value takes at least. It bounds how many values some bytes can be.
template <class Type>
consteval std::size_t least_size_of() {
    using enum wire_shape;
    if constexpr (std::is_void_v<Type>) return 0;
    else {
        constexpr wire_shape is = shape_on_wire<Type>;
        if constexpr (is == boolean) return 1;
        else if constexpr (is == number) return sizeof(Type);
        else if constexpr (is == text || is == optional || is == sequence || is == set || is == map)
            return 1;
        else if constexpr (is == variant || is == outcome) return 1 + least_of(parts_of<Type>{});
        else if constexpr (is == array)
            return array_of<std::remove_cv_t<Type>>::size * least_sum(parts_of<Type>{});
        else return least_sum(parts_of<Type>{});
    }
}
template <class Type>
inline constexpr std::size_t least_size = least_size_of<Type>();

template <class Type>
consteval bool is_flat();

template <class... Parts>
consteval bool all_flat(type_list<Parts...>) {
    return (is_flat<Parts>() && ...);
}

/// The bytes of the object are those on the wire, and whatever bytes stand there are a value:
/// numbers, and arrays and aggregates of nothing else without a gap. Then it is copied as a whole.
template <class Type>
consteval bool is_flat() {
    using enum wire_shape;
    constexpr wire_shape is = shape_on_wire<Type>;
    if constexpr (std::endian::native != std::endian::little || std::is_const_v<Type> ||
                  !std::is_trivially_copyable_v<Type>) {
        return false;
    } else if constexpr (is == number) {
        return true;
    } else if constexpr (is == enumeration || is == time_span || is == array ||
                         (is == fields && !declares_fields<Type>)) {
        // Listed fields may stand in another order than in memory.
        return all_flat(parts_of<Type>{}) && least_size<Type> == sizeof(Type);
    } else {
        return false;
    }
}
template <class Type>
inline constexpr bool flat_on_wire = is_flat<Type>();

/// It is built first and read into; otherwise its parts are read and it is built from them.
template <class Type>
consteval bool is_filled_in_place();

template <class... Parts>
consteval bool all_filled_in_place(type_list<Parts...>) {
    return (is_filled_in_place<Parts>() && ...);
}
template <class Type>
consteval bool is_filled_in_place() {
    using enum wire_shape;
    if constexpr (std::is_const_v<Type> || !std::is_default_constructible_v<Type>) return false;
    else if constexpr (shape_on_wire<Type> == fields || shape_on_wire<Type> == array ||
                       shape_on_wire<Type> == tuple)
        return all_filled_in_place(parts_of<Type>{});
    else return shape_on_wire<Type> != outcome;
}

// ---- why a type cannot go over the wire: asked once, and said once ----

enum class wire_refusal : std::uint8_t {
    none,
    open_enumeration,
    inherited_list,
    pointer,
    reference,
    view,
    actor,
    too_wide,
    base,
    closed,
    array_without_default,
    listed_without_default,
};

/// What was found, and where: it is the field `At` of `Owner`, or lies in it.
template <wire_refusal Why, class Type, class Owner, std::size_t At>
struct wire_refused {
    static constexpr wire_refusal why = Why;
};
using wire_not_refused = wire_refused<wire_refusal::none, void, void, 0>;

/// An array in C's way, which nothing can be built from.
template <class... Parts>
consteval bool has_an_array(type_list<Parts...>) {
    return (std::is_array_v<Parts> || ...);
}

/// An enumeration of which every number of its underlying type is a value. Where none is named,
/// other numbers than those of the enumerators mean nothing, and each compiler takes a type of its
/// own.
template <class Type>
concept names_its_type = requires { Type{std::underlying_type_t<Type>{}}; };

template <class Type>
consteval wire_refusal own_refusal() {
    using enum wire_refusal;
    constexpr wire_shape is = shape_on_wire<Type>;
    if constexpr (is == wire_shape::pointer) return pointer;
    else if constexpr (is == wire_shape::enumeration)
        return names_its_type<Type> ? none : open_enumeration;
    else if constexpr (is == wire_shape::view) return view;
    else if constexpr (is == wire_shape::reference_to_an_actor) return actor;
    else if constexpr (is == wire_shape::too_wide) return too_wide;
    else if constexpr (is == wire_shape::closed) {
        if constexpr (!std::is_class_v<Type>) return closed;
        else if constexpr (is_derived_aggregate<Type>()) return base;
        else if constexpr (std::is_aggregate_v<Type> && has_a_reference_inside<Type>)
            return reference;
        else return closed;
    } else if constexpr (is == wire_shape::fields && inherits_its_list<Type>()) {
        return inherited_list;
    } else if constexpr (is == wire_shape::fields && declares_fields<Type> &&
                         !std::is_default_constructible_v<Type>) {
        return listed_without_default;
    } else if constexpr (is == wire_shape::fields && !is_filled_in_place<Type>()) {
        return has_an_array(parts_of<Type>{}) ? array_without_default : none;
    } else return none;
}

// Classes that are being looked at stand in `Open`: a class may lie in itself, inside of a
// container.
template <class Type, class Owner, std::size_t At, class... Open>
consteval auto find_refusal();

/// The first of these that is refused, all of them in the same field.
template <class Owner, std::size_t At, class... Open>
struct parts_search {
    static consteval auto among(type_list<>) { return wire_not_refused{}; }
    template <class First, class... Rest>
    static consteval auto among(type_list<First, Rest...>) {
        if constexpr (std::is_void_v<First>) return among(type_list<Rest...>{});
        else {
            using found = decltype(find_refusal<std::remove_cv_t<First>, Owner, At, Open...>());
            if constexpr (found::why != wire_refusal::none) return found{};
            else return among(type_list<Rest...>{});
        }
    }
};

/// The first field that is refused.
template <class Owner, class... Open>
struct fields_search {
    template <std::size_t At>
    static consteval auto among(type_list<>) {
        return wire_not_refused{};
    }
    template <std::size_t At, class First, class... Rest>
    static consteval auto among(type_list<First, Rest...>) {
        using found = decltype(find_refusal<std::remove_cv_t<First>, Owner, At, Open...>());
        if constexpr (found::why != wire_refusal::none) return found{};
        else return among<At + 1>(type_list<Rest...>{});
    }
};

template <class Type, class Owner, std::size_t At, class... Open>
consteval auto find_refusal() {
    constexpr wire_refusal own = own_refusal<Type>();
    if constexpr (own != wire_refusal::none) return wire_refused<own, Type, Owner, At>{};
    else if constexpr ((std::is_same_v<Type, Open> || ...)) return wire_not_refused{};
    else if constexpr (shape_on_wire<Type> == wire_shape::fields)
        return fields_search<Type, Open..., Type>::template among<0>(parts_of<Type>{});
    else return parts_search<Owner, At, Open...>::among(parts_of<Type>{});
}

template <class Type>
using refusal_of = decltype(find_refusal<Type, void, 0>());

/// The field of a class, for the compiler to print.
template <class Owner, std::size_t At>
consteval auto member_at() {
    if constexpr (std::is_void_v<Owner>) return nullptr;
    else if constexpr (declares_fields<Owner>) return At;
    else return pointer_to_field<Owner, At>();
}

/// False for every type: it stands where one was refused, and is printed with its name and member.
template <class Type, class Owner, auto Member>
inline constexpr bool has_a_form_on_the_wire = false;

template <wire_refusal Why, class Type, class Owner, auto Member>
consteval bool explain_refusal_of() {
    using enum wire_refusal;
    if constexpr (Why == pointer)
        static_assert(
            has_a_form_on_the_wire<Type, Owner, Member>,
            "troupe: a pointer means nothing on the other side: send what it points to, in "
            "a std::optional where there may be nothing");
    else if constexpr (Why == reference)
        static_assert(
            has_a_form_on_the_wire<Type, Owner, Member>,
            "troupe: a reference means nothing on the other side: make the fields of this "
            "class values");
    else if constexpr (Why == view)
        static_assert(has_a_form_on_the_wire<Type, Owner, Member>,
                      "troupe: a view owns nothing, and on the other side nobody would: use "
                      "std::string, or std::vector");
    else if constexpr (Why == actor)
        static_assert(has_a_form_on_the_wire<Type, Owner, Member>,
                      "troupe: a reference to an actor is one of this process: send the key under "
                      "which it is exposed, and resolve that on the other side");
    else if constexpr (Why == too_wide)
        static_assert(has_a_form_on_the_wire<Type, Owner, Member>,
                      "troupe: this number differs between platforms: use double");
    else if constexpr (Why == base)
        static_assert(has_a_form_on_the_wire<Type, Owner, Member>,
                      "troupe: the fields of a class with a base cannot be read: make the base a "
                      "field, or add `static constexpr auto wire_fields = troupe::fields<&T::a, "
                      "&T::b>;` to it");
    else if constexpr (Why == open_enumeration)
        static_assert(has_a_form_on_the_wire<Type, Owner, Member>,
                      "troupe: an enumeration that names no underlying type has no size of its own "
                      "and does not take every number: write `enum class colour : std::uint8_t`");
    else if constexpr (Why == inherited_list)
        static_assert(has_a_form_on_the_wire<Type, Owner, Member>,
                      "troupe: this class has the `wire_fields` of its base, and fields of its own "
                      "would not be sent: declare `static constexpr auto wire_fields` in it, too");
    else if constexpr (Why == array_without_default)
        static_assert(has_a_form_on_the_wire<Type, Owner, Member>,
                      "troupe: this class is built from its fields, because not all of them have a "
                      "constructor without arguments: use std::array for its arrays");
    else if constexpr (Why == listed_without_default)
        static_assert(
            has_a_form_on_the_wire<Type, Owner, Member>,
            "troupe: a class that declares its fields is built first and read into: give it "
            "a constructor without arguments");
    else if constexpr (Why == closed)
        static_assert(has_a_form_on_the_wire<Type, Owner, Member>,
                      "troupe: the fields of this class cannot be read: make it an aggregate of at "
                      "most 32 fields (a C array counts with each element: use std::array), or add "
                      "`static constexpr auto wire_fields = troupe::fields<&T::a, &T::b>;` to it");
    return Why == none;
}
template <wire_refusal Why, class Type, class Owner, std::size_t At>
consteval bool explain_refusal(wire_refused<Why, Type, Owner, At>) {
    return explain_refusal_of<Why, Type, Owner, member_at<Owner, At>()>();
}

}  // namespace detail

/// True for what has a form on the wire.
template <class Type>
concept wire_value = detail::refusal_of<Type>::why == detail::wire_refusal::none;

/// Says why a type has no form on the wire, where it has none: which one, in which field, and what
/// to do.
template <class Type>
consteval bool explain_wire_value() {
    return detail::explain_refusal(detail::refusal_of<Type>{});
}

}  // namespace troupe::inline TROUPE_ABI
