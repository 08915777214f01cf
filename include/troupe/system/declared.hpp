// SPDX-License-Identifier: BSL-1.0
#pragma once

// The children that an actor declares: started with its object, all or none, and found again by
// type or by place.

#include <cstddef>
#include <type_traits>
#include <utility>

#include "troupe/system/spawn.hpp"

namespace troupe::inline TROUPE_ABI {
namespace detail {

template <class Actor, class Child>
concept gives_arguments_in_context =
    requires(Actor& a, context<Actor>& self) { a.arguments(Child{}, self); };
template <class Actor, class Child>
concept gives_arguments = requires(Actor& a) { a.arguments(Child{}); };

/// A mailbox as at any spawn; the lifetime is that of a declared child.
template <class Child>
struct declared_policies;
template <class Actor, class... Policies>
struct declared_policies<child<Actor, Policies...>>
    : resolved_policies<Actor, bounded_mailbox<1024>, Policies...> {
    static_assert(check_policies<Actor, Policies...>());
    static constexpr auto lifetime = lifetime_of_child<child<Actor, Policies...>>;
};

/// False: it was not born, and there are no exceptions to say so.
template <class Parent, class Child, class... Arguments>
bool begin_declared(cell& parent, std::size_t place, Arguments&&... arguments) {
    using actor = typename Child::type;
    using policies = declared_policies<Child>;
    if constexpr (check_actor<actor, Arguments...>() &&
                  check_kept<Parent, actor, policies::lifetime, Arguments...>()) {
        core&       home = *parent.door.load(memory_order_relaxed)->inside();  // relaxed: our own
        birth const made = spawn_child<actor, policies, true>(
            &bring_to_life, home, &parent, std::forward<Arguments>(arguments)...);
        made.throw_unless_born();
        family_of(parent)->declared[place] = {made.born, made.incarnation};
        if (made.born == nullptr) this_thread.fail("a declared child has not started");
        return made.born != nullptr;
    } else {
        return false;
    }
}
template <class Parent, class Child, class Given, std::size_t... Index>
bool begin_declared_with(cell& parent, std::size_t place, Given&& given,
                         std::index_sequence<Index...>) {
    return begin_declared<Parent, Child>(parent, place, get<Index>(std::move(given))...);
}

template <class Given>
inline constexpr bool arguments_are_a_tuple = requires { std::tuple_size<Given>::value; };
/// Not another child of the same type, with other policies: that one would not be asked.
template <class Actor, class Declared, class Plain = child<typename Declared::type>>
inline constexpr bool arguments_name_the_child =
    !gives_arguments<Actor, Plain> && !gives_arguments_in_context<Actor, Plain>;
/// Without an `arguments` of its parent.
template <class Parent, class Child>
inline constexpr bool declared_child_needs_no_arguments = actor_is_built_from<typename Child::type>;

template <class Actor, std::size_t Place>
bool begin_declared_child(cell& c) {
    using declared = child_at<Actor, Place>;
    auto begin = [&](auto&& given) {
        using tuple = std::remove_cvref_t<decltype(given)>;
        static_assert(arguments_are_a_tuple<tuple>,
                      "troupe: `arguments` gives the arguments of a declared child as a tuple: "
                      "`return std::tuple{...};`");
        if constexpr (arguments_are_a_tuple<tuple>) {
            return begin_declared_with<Actor, declared>(
                c, Place, std::move(given),
                std::make_index_sequence<std::tuple_size<tuple>::value>{});
        } else {
            return false;
        }
    };
    Actor& object = object_of<Actor>(c);
    if constexpr (gives_arguments_in_context<Actor, declared>) {
        return begin(object.arguments(declared{}, context_access::as<context<Actor>>(c)));
    } else if constexpr (gives_arguments<Actor, declared>) {
        return begin(object.arguments(declared{}));
    } else if constexpr (!arguments_name_the_child<Actor, declared>) {
        static_assert(arguments_name_the_child<Actor, declared>,
                      "troupe: `arguments` is for a child without policies, and the one in "
                      "`children` has some: let it take the child exactly as it stands there");
        return false;
    } else {
        static_assert(declared_child_needs_no_arguments<Actor, declared>,
                      "troupe: a declared child has no public constructor without arguments; add "
                      "`auto arguments(troupe::child<Child>) const { return std::tuple{...}; }` to "
                      "the actor that declares it, public and with the child exactly as it stands "
                      "in `children`");
        if constexpr (declared_child_needs_no_arguments<Actor, declared>) {
            return begin_declared<Actor, declared>(c, Place);
        } else {
            return false;
        }
    }
}

template <class Actor>
void begin_declared_children(cell& c) {
    [&]<std::size_t... Place>(std::index_sequence<Place...>) {
        static_cast<void>((begin_declared_child<Actor, Place>(c) && ...));
    }(std::make_index_sequence<declared_children_of<Actor>>{});
}

/// The reference to a declared child, of the kind that its spawn would give; null: it has not
/// started yet.
template <class Child>
auto ref_to_declared(cell& parent, std::size_t place) noexcept {
    using reference = typename declared_policies<Child>::ref_type;
    declared_child const& found = family_of(parent)->declared[place];
    return found.at == nullptr ? reference{}
                               : ref_access::make<reference>(*found.at, found.incarnation);
}

}  // namespace detail

template <class Actor>
template <class Child>
auto context<Actor>::child() const noexcept {
    using namespace detail;
    if constexpr (check_child<Actor, Child>()) {
        constexpr std::size_t place = place_of_child<Actor, Child>;
        return ref_to_declared<child_at<Actor, place>>(*cell_, place);
    } else {
        return troupe::ref<Child>{};
    }
}
template <class Actor>
template <std::size_t Place>
auto context<Actor>::child() const noexcept {
    using namespace detail;
    if constexpr (check_child_at<Actor, Place>()) {
        return ref_to_declared<child_at<Actor, Place>>(*cell_, Place);
    } else {
        return any_ref{};
    }
}

}  // namespace troupe::inline TROUPE_ABI
