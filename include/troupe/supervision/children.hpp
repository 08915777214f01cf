// SPDX-License-Identifier: BSL-1.0
#pragma once

// Children that an actor always has, as a list of types:
//
//     using children = troupe::children<troupe::child<ledger>,
//                                       troupe::child<teller, troupe::transient>>;

#include <cstddef>
#include <type_traits>

#include "troupe/config/abi.hpp"
#include "troupe/supervision/lifetime.hpp"

namespace troupe::inline TROUPE_ABI {

/// A child that an actor always has: `Actor` with the policies that spawn takes. Its lifetime, if
/// none is said, is `permanent`.
template <class Actor, class... Policies>
struct child {
    using type = Actor;
};

/// Started in this order after the constructor and before `started`, stopped in reverse; if one
/// does not start, those before it are stopped and the parent has not started.
template <class... Children>
struct children {};

namespace detail {

template <class Type>
inline constexpr bool is_child = false;
template <class Actor, class... Policies>
inline constexpr bool is_child<child<Actor, Policies...>> = true;

template <class Type>
inline constexpr bool is_list_of_children = false;
template <class... Children>
inline constexpr bool is_list_of_children<children<Children...>> = (is_child<Children> && ...);

template <class Actor>
concept names_children = requires { typename Actor::children; };

/// The children that an actor declares; of one that declares none, or something else: none.
template <class Actor>
struct declared_children {
    using type = children<>;
};
template <class Actor>
    requires is_list_of_children<typename Actor::children>
struct declared_children<Actor> {
    using type = typename Actor::children;
};
template <class Actor>
using children_of = typename declared_children<Actor>::type;

/// The lifetime of a declared child.
template <class Child>
inline constexpr auto lifetime_of_child = lifetime::permanent;
template <class Actor, class... Policies>
inline constexpr auto lifetime_of_child<child<Actor, Policies...>> =
    lifetime_among<lifetime::permanent, Policies...>;

// ---- the list as a whole

template <class Actor, class Declared>
inline constexpr bool actor_lists_its_children = is_list_of_children<Declared>;
/// `Above` are those that declare it, the nearest first.
template <class Actor, class... Above>
inline constexpr bool declared_tree_ends = (!std::is_same_v<Actor, Above> && ...);

/// An actor below `Above`, with all that is declared below it.
template <class Actor, class... Above>
struct declared_below {
    template <class... Children>
    static consteval bool each_ends(children<Children...>) {
        return (declared_below<typename Children::type, Actor, Above...>::ends() && ...);
    }
    static consteval bool ends() {
        if constexpr (!declared_tree_ends<Actor, Above...>) return false;
        else return each_ends(children_of<Actor>{});
    }

    template <class... Children>
    static consteval void explain_each(children<Children...>) {
        (declared_below<typename Children::type, Actor, Above...>::explain(), ...);
    }
    static consteval void explain() {
        static_assert(declared_tree_ends<Actor, Above...>,
                      "troupe: the declared children come back to an actor above them, so that its "
                      "spawn would never end; spawn one of them in `started`, when it is needed");
        if constexpr (declared_tree_ends<Actor, Above...>) explain_each(children_of<Actor>{});
    }
};

template <class Actor>
inline constexpr bool children_are_right = true;
template <names_children Actor>
inline constexpr bool children_are_right<Actor> =
    is_list_of_children<typename Actor::children> && declared_below<Actor>::ends();

/// True when nothing is wrong with the children that an actor declares, if it does; otherwise says
/// what is. What is wrong with a child itself is said where it is spawned.
template <class Actor>
consteval bool check_children() {
    if constexpr (!children_are_right<Actor>) {
        static_assert(actor_lists_its_children<Actor, typename Actor::children>,
                      "troupe: the `children` of an actor are a list of types: `using children = "
                      "troupe::children<troupe::child<Actor, Policies...>, ...>;`");
        if constexpr (is_list_of_children<typename Actor::children>) {
            declared_below<Actor>::explain();
        }
    }
    return children_are_right<Actor>;
}

// ---- one of the list

/// How often an actor stands in the list.
template <class Wanted, class... Children>
consteval std::size_t times_in(children<Children...>) {
    return (std::size_t{0} + ... + std::size_t{std::is_same_v<Wanted, typename Children::type>});
}
template <class Actor, class Wanted, std::size_t Times>
inline constexpr bool actor_declares_the_child = Times > 0;
template <class Actor, class Wanted, std::size_t Times>
inline constexpr bool type_says_which_child = Times < 2;

/// True when `Wanted` is one declared child of `Actor`; otherwise says why not.
template <class Actor, class Wanted>
consteval bool check_child() {
    constexpr std::size_t times = times_in<Wanted>(children_of<Actor>{});
    static_assert(actor_declares_the_child<Actor, Wanted, times>,
                  "troupe: the actor declares no child of this type; add it to `using children = "
                  "troupe::children<...>;`, or keep the reference that its spawn gave");
    static_assert(type_says_which_child<Actor, Wanted, times>,
                  "troupe: the actor declares several children of this type; name one by its "
                  "place, counted from 0: child<0>()");
    return times == 1;
}

/// Where the first of this type stands, from 0; how many there are, when there is none.
template <class Wanted, class... Children>
consteval std::size_t place_in(children<Children...>) {
    std::size_t place = 0;
    bool        found = false;
    ((found = found || std::is_same_v<Wanted, typename Children::type>, place += found ? 0u : 1u),
     ...);
    return place;
}
template <class Actor, class Wanted>
inline constexpr std::size_t place_of_child = place_in<Wanted>(children_of<Actor>{});

template <class... Children>
consteval std::size_t how_many(children<Children...>) {
    return sizeof...(Children);
}
template <class Actor>
inline constexpr std::size_t declared_children_of = how_many(children_of<Actor>{});

template <class Actor, std::size_t Place, std::size_t Declared>
inline constexpr bool a_child_has_this_place = Place < Declared;

/// True when `Actor` declares a child at this place; otherwise says that it does not.
template <class Actor, std::size_t Place, std::size_t Declared = declared_children_of<Actor>>
consteval bool check_child_at() {
    static_assert(a_child_has_this_place<Actor, Place, Declared>,
                  "troupe: the actor declares fewer children than that; their places count from 0");
    return a_child_has_this_place<Actor, Place, Declared>;
}

template <std::size_t Place, class Children>
struct child_in;
template <std::size_t Place, class First, class... Rest>
struct child_in<Place, children<First, Rest...>> : child_in<Place - 1, children<Rest...>> {};
template <class First, class... Rest>
struct child_in<0, children<First, Rest...>> {
    using type = First;
};
/// The `child<...>` at a place that was found right.
template <class Actor, std::size_t Place>
using child_at = typename child_in<Place, children_of<Actor>>::type;

}  // namespace detail
}  // namespace troupe::inline TROUPE_ABI
