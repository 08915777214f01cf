// SPDX-License-Identifier: BSL-1.0
#pragma once

// The one form in which the runtime reads a strategy, whichever it was; whether a type supervises;
// and what is said when it does so wrongly.

#include <cstdint>
#include <type_traits>

#include "troupe/base/time.hpp"
#include "troupe/supervision/children.hpp"
#include "troupe/supervision/fwd.hpp"
#include "troupe/supervision/strategy.hpp"
#include "troupe/supervision/verdict.hpp"

namespace troupe::inline TROUPE_ABI::detail {

struct rules {
    /// Who goes down and comes up together: the failed child, all, the failed one and all that are
    /// younger, or those that `affects` names.
    enum class reach : std::uint8_t { failed, all, rest, chosen };
    reach           group;
    unsigned        max_restarts;
    duration        within;
    backoff_options backoff;
    counted         budget;
    mail            mailbox;
    bool (*affects)(failure const&, child_info const&);  // null, but for reach::chosen
};

template <class Strategy>
inline constexpr bool is_strategy = false;
template <>
inline constexpr bool is_strategy<one_for_one> = true;
template <>
inline constexpr bool is_strategy<one_for_all> = true;
template <>
inline constexpr bool is_strategy<rest_for_one> = true;
template <>
inline constexpr bool is_strategy<chosen> = true;

template <class Strategy>
inline constexpr auto reach_of = rules::reach::failed;
template <>
inline constexpr auto reach_of<one_for_all> = rules::reach::all;
template <>
inline constexpr auto reach_of<rest_for_one> = rules::reach::rest;
template <>
inline constexpr auto reach_of<chosen> = rules::reach::chosen;

template <class Strategy>
    requires is_strategy<Strategy>
constexpr rules rules_of(Strategy const& s) noexcept {
    rules r{reach_of<Strategy>, s.max_restarts, s.within, s.backoff, s.budget, s.mailbox, nullptr};
    if constexpr (std::is_same_v<Strategy, chosen>) r.affects = s.affects;
    return r;
}

// ---- who supervises

/// Something is called so; whether it is right is asked below. An alias counts: it is a mistake,
/// and must not be passed over.
template <class Type>
concept names_a_supervision =
    requires { Type::supervision; } || requires { typename Type::supervision; };

template <class Actor>
concept decides_alone = requires(Actor& a, failure const& f) { a.on_failure(f); };
template <class Actor>
concept decides_in_context =
    requires(Actor& a, failure const& f, context<Actor>& self) { a.on_failure(f, self); };
template <class Actor>
concept names_a_decider =
    decides_alone<Actor> || decides_in_context<Actor> || requires { &Actor::on_failure; };

/// An actor (or, for its root, the configuration of a system) that decides about its children when
/// they fail. One that declares children does so too: they are permanent, which is carried out.
/// What is private is not seen.
template <class Type>
concept supervises = names_a_supervision<Type> || names_a_decider<Type> || names_children<Type>;

// ---- what can be wrong, one predicate each

/// Only a constant can be read where a constant is needed.
template <class Value>
consteval bool readable(Value) {
    return true;
}
template <class Type>
inline constexpr bool supervision_is_a_constant =
    requires { typename std::bool_constant<readable(Type::supervision)>; };
template <class Type, class Strategy>
inline constexpr bool supervision_is_a_strategy = is_strategy<Strategy>;

template <class Type, unsigned MaxRestarts>
inline constexpr bool restarts_fit_a_window = MaxRestarts <= 255 || MaxRestarts == unlimited;
template <class Type, unsigned MaxRestarts, std::int64_t Within>
inline constexpr bool window_has_a_length = Within > 0 ||
                                            (Within == 0 &&
                                             (MaxRestarts == 0 || MaxRestarts == unlimited));
template <class Type, std::int64_t First, std::int64_t Max, std::int64_t ResetAfter>
inline constexpr bool backoff_is_not_negative = First >= 0 && Max >= 0 && ResetAfter >= 0;
// Numbers that are no integers cannot be shown: clang takes them as template arguments from 18 on.
template <class Type>
inline constexpr bool backoff_does_not_shrink = Type::supervision.backoff.factor >= 1;
template <class Type>
inline constexpr bool jitter_is_a_share =
    Type::supervision.backoff.jitter >= 0 && Type::supervision.backoff.jitter <= 1;
template <class Type, rules::reach Reach>
inline constexpr bool strategy_knows_whom_it_affects = true;
template <class Type>
inline constexpr bool strategy_knows_whom_it_affects<Type, rules::reach::chosen> =
    Type::supervision.affects != nullptr;

template <class Actor>
inline constexpr bool decider_gives_a_verdict = false;
template <class Actor>
    requires decides_alone<Actor> || decides_in_context<Actor>
inline constexpr bool decider_gives_a_verdict<Actor> = requires(Actor& a, failure const& f) {
    requires std::is_same_v<decltype(a.on_failure(f)), verdict>;
} || requires(Actor& a, failure const& f, context<Actor>& self) {
    requires std::is_same_v<decltype(a.on_failure(f, self)), verdict>;
};

/// The numbers of a strategy, whose type is known to be right.
template <class Type>
consteval bool numbers_are_right() {
    constexpr rules r = rules_of(Type::supervision);
    return restarts_fit_a_window<Type, r.max_restarts> &&
           window_has_a_length<Type, r.max_restarts, r.within.count()> &&
           backoff_is_not_negative<Type, r.backoff.first.count(), r.backoff.max.count(),
                                   r.backoff.reset_after.count()> &&
           backoff_does_not_shrink<Type> && jitter_is_a_share<Type> &&
           strategy_knows_whom_it_affects<Type, r.group>;
}

template <class Type>
consteval bool strategy_is_right() {
    if constexpr (!names_a_supervision<Type>) return true;
    else if constexpr (!supervision_is_a_constant<Type>) return false;
    else if constexpr (!is_strategy<std::remove_cvref_t<decltype(Type::supervision)>>) return false;
    else return numbers_are_right<Type>();
}

/// Nothing is wrong with how it supervises, if it does.
template <class Type>
inline constexpr bool supervision_is_right =
    strategy_is_right<Type>() && (!names_a_decider<Type> || decider_gives_a_verdict<Type>);

// ---- what is said

// The numbers are arguments, so that clang prints them too.
template <class Type, unsigned MaxRestarts, std::int64_t Within>
consteval void explain_budget() {
    static_assert(restarts_fit_a_window<Type, MaxRestarts>,
                  "troupe: `max_restarts` of a strategy is 0 to 255, each of which is remembered; "
                  "for restarts without a budget write troupe::unlimited");
    static_assert(window_has_a_length<Type, MaxRestarts, Within>,
                  "troupe: `within` of a strategy is the time in which restarts are counted, and "
                  "must be positive; for restarts without a budget write `.max_restarts = "
                  "troupe::unlimited`");
}
template <class Type, std::int64_t First, std::int64_t Max, std::int64_t ResetAfter>
consteval void explain_backoff() {
    static_assert(backoff_is_not_negative<Type, First, Max, ResetAfter>,
                  "troupe: the times of a strategy's `backoff` (first, max, reset_after) must not "
                  "be negative");
    static_assert(backoff_does_not_shrink<Type>,
                  "troupe: `factor` of a strategy's `backoff` must be 1 or more; with 1 all waits "
                  "are equal");
    static_assert(jitter_is_a_share<Type>,
                  "troupe: `jitter` of a strategy's `backoff` is the share of a wait that may be "
                  "taken off: 0 to 1");
}
template <class Type>
consteval void explain_numbers() {
    constexpr rules r = rules_of(Type::supervision);
    explain_budget<Type, r.max_restarts, r.within.count()>();
    explain_backoff<Type, r.backoff.first.count(), r.backoff.max.count(),
                    r.backoff.reset_after.count()>();
    static_assert(strategy_knows_whom_it_affects<Type, r.group>,
                  "troupe: a strategy `chosen` needs `.affects`: a function `bool(failure const&, "
                  "child_info const&)` that names the children to restart");
}

template <class Type>
consteval void explain_strategy() {
    static_assert(supervision_is_a_constant<Type>,
                  "troupe: `supervision` must be a constant of the class: `static constexpr auto "
                  "supervision = troupe::one_for_one{...};`");
    if constexpr (supervision_is_a_constant<Type>) {
        using strategy = std::remove_cvref_t<decltype(Type::supervision)>;
        static_assert(supervision_is_a_strategy<Type, strategy>,
                      "troupe: `supervision` is not a strategy; write one_for_one, one_for_all, "
                      "rest_for_one or chosen");
        if constexpr (is_strategy<strategy>) explain_numbers<Type>();
    }
}

/// True when nothing is wrong with how it supervises, if it does; otherwise says what is.
template <class Type>
consteval bool check_supervision() {
    if constexpr (!supervision_is_right<Type>) {
        if constexpr (names_a_supervision<Type>) explain_strategy<Type>();
        if constexpr (names_a_decider<Type>) {
            static_assert(decider_gives_a_verdict<Type>,
                          "troupe: the decider of an actor is `troupe::verdict "
                          "on_failure(troupe::failure const&)`, perhaps with "
                          "`troupe::context<Actor>&` after it");
        }
    }
    return supervision_is_right<Type>;
}

template <class Type>
consteval rules checked_rules() {
    if constexpr (check_supervision<Type>() && names_a_supervision<Type>) {
        return rules_of(Type::supervision);
    } else {
        return rules_of(one_for_one{});
    }
}

/// The rules of one that supervises: its strategy; if it names none, one_for_one{}.
template <class Type>
inline constexpr rules rules_of_actor = checked_rules<Type>();

}  // namespace troupe::inline TROUPE_ABI::detail
