// SPDX-License-Identifier: BSL-1.0
#pragma once

// What an actor declares about its children, as text that the compiler makes: for people, for tests
// of a structure, for the first lines of a log.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "troupe/base/time.hpp"
#include "troupe/meta/type_name.hpp"
#include "troupe/supervision/children.hpp"
#include "troupe/supervision/lifetime.hpp"
#include "troupe/supervision/rules.hpp"
#include "troupe/supervision/strategy.hpp"

namespace troupe::inline TROUPE_ABI {
namespace detail {

constexpr std::string_view to_string(rules::reach reach) noexcept {
    switch (reach) {
        case rules::reach::failed: return "one_for_one";
        case rules::reach::all: return "one_for_all";
        case rules::reach::rest: return "rest_for_one";
        case rules::reach::chosen: return "chosen";
    }
    return "?";
}

/// Puts text behind text. Without a place to write to it only counts.
class plan_writer {
public:
    constexpr explicit plan_writer(char* to = nullptr) noexcept : to_(to) {}

    constexpr plan_writer& operator<<(std::string_view text) noexcept {
        for (char const c : text) {
            if (to_ != nullptr) to_[size_] = c;
            ++size_;
        }
        return *this;
    }
    constexpr plan_writer& operator<<(std::uint64_t number) noexcept {
        if (number > 9) *this << number / 10;
        char const digit = static_cast<char>('0' + number % 10);
        return *this << std::string_view{&digit, 1};
    }
    /// In the largest unit that needs no fraction.
    constexpr plan_writer& operator<<(duration span) noexcept {
        struct unit {
            std::int64_t     nanoseconds;
            std::string_view name;
        };
        constexpr unit units[] = {
            {3'600'000'000'000, " h"}, {60'000'000'000, " min"}, {1'000'000'000, " s"},
            {1'000'000, " ms"},        {1'000, " us"},           {1, " ns"}};
        std::int64_t const count = span.count();
        for (unit const& u : units) {
            if (count != 0 && count % u.nanoseconds == 0) {
                return *this << static_cast<std::uint64_t>(count / u.nanoseconds) << u.name;
            }
        }
        return *this << "0 s";
    }
    constexpr std::size_t size() const noexcept { return size_; }

private:
    char*       to_;
    std::size_t size_ = 0;
};

/// "rest_for_one, 5 in 10 s", and what is not as usual.
constexpr void write_rules(plan_writer& out, rules const& r) noexcept {
    out << to_string(r.group) << ", ";
    if (r.max_restarts == unlimited) out << "unlimited";
    else if (r.max_restarts == 0) out << "no restarts";
    else out << std::uint64_t{r.max_restarts} << " in " << r.within;
    if (r.backoff.first.count() != 0) {
        out << ", backoff " << r.backoff.first;
        if (r.backoff.max > r.backoff.first) out << " to " << r.backoff.max;
    }
    auto const usual = r.group == rules::reach::failed ? counted::per_child : counted::per_group;
    if (r.budget != usual) {
        out << (r.budget == counted::per_child ? ", counted per child" : ", counted per group");
    }
    if (r.mailbox == mail::drop) out << ", drops mail";
}

template <class... Children>
constexpr void write_below(plan_writer& out, std::size_t depth, children<Children...>) noexcept;

/// An actor that supervises, and its children, each on its line.
template <class Actor>
constexpr void write_actor(plan_writer& out, std::size_t depth) noexcept {
    if constexpr (supervises<Actor>) {
        out << ": ";
        write_rules(out, rules_of_actor<Actor>);
    }
    write_below(out, depth + 1, children_of<Actor>{});
}

template <class Child>
constexpr void write_child(plan_writer& out, std::size_t depth, std::uint64_t number) noexcept {
    using actor = typename Child::type;
    out << "\n";
    for (std::size_t i = 0; i < depth; ++i) out << "  ";
    out << number << " " << type_name<actor>() << ", " << to_string(lifetime_of_child<Child>);
    write_actor<actor>(out, depth);
}

template <class... Children>
constexpr void write_below(plan_writer& out, std::size_t depth, children<Children...>) noexcept {
    if constexpr (sizeof...(Children) != 0) {
        std::uint64_t number = 0;
        (write_child<Children>(out, depth, ++number), ...);
    }
}

template <class Actor>
constexpr std::size_t write_plan(char* to) noexcept {
    plan_writer out{to};
    out << type_name<Actor>();
    write_actor<Actor>(out, 0);
    return out.size();
}

template <class Actor>
struct plan_text {
    static constexpr std::size_t size = write_plan<Actor>(nullptr);

    consteval plan_text() noexcept { write_plan<Actor>(text); }
    char text[size] = {};
};
template <class Actor>
inline constexpr plan_text<Actor> plan_text_of{};

/// Of an actor and all that it declares: nothing is wrong. Otherwise says what is.
template <class Actor>
consteval bool check_plan();
template <class... Children>
consteval bool check_plans(children<Children...>) {
    return (check_plan<typename Children::type>() && ...);
}
template <class Actor>
consteval bool check_plan() {
    if constexpr (!check_supervision<Actor>() || !check_children<Actor>()) return false;
    else return check_plans(children_of<Actor>{});
}

template <class Actor>
consteval std::string_view plan_of() {
    if constexpr (check_plan<Actor>()) return {plan_text_of<Actor>.text, plan_text<Actor>::size};
    else return {};
}

}  // namespace detail

/// What an actor declares: its strategy, its children, theirs, and so on down, a line for each. An
/// actor that supervises nobody is its name alone; what is spawned by hand is not known here. The
/// text lives as long as the program; the names are as the compiler spells them.
///
///     bank: rest_for_one, 5 in 10 s
///       1 ledger, permanent
///       2 teller, transient
template <class Actor>
inline constexpr std::string_view plan = detail::plan_of<Actor>();

}  // namespace troupe::inline TROUPE_ABI
