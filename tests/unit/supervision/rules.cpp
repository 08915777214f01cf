// SPDX-License-Identifier: BSL-1.0
#include "troupe/supervision/rules.hpp"

#include "support/catch.hpp"

#include <troupe/troupe.hpp>

#include <cstdint>
#include <cstdlib>
#include <limits>

namespace test_rules {

using namespace std::chrono_literals;
using namespace troupe::detail;
using troupe::counted;
using troupe::failure;
using troupe::mail;
using troupe::verdict;

bool everybody(failure const&, troupe::child_info const&) { return true; }

TEST_CASE("the rules of a strategy say all that it says") {
    constexpr troupe::backoff_options wait{.first = 100ms, .max = 10s, .jitter = 0.2};
    constexpr rules                   r = rules_of(troupe::one_for_one{.max_restarts = 7,
                                                                       .within = 9s,
                                                                       .backoff = wait,
                                                                       .budget = counted::per_group,
                                                                       .mailbox = mail::drop});
    STATIC_REQUIRE(r.group == rules::reach::failed);
    STATIC_REQUIRE(r.max_restarts == 7);
    STATIC_REQUIRE(r.within == 9s);
    STATIC_REQUIRE(r.backoff.first == 100ms);
    STATIC_REQUIRE(r.backoff.max == 10s);
    CHECK(r.backoff.jitter == 0.2);
    STATIC_REQUIRE(r.budget == counted::per_group);
    STATIC_REQUIRE(r.mailbox == mail::drop);
    STATIC_REQUIRE(r.affects == nullptr);
}

TEST_CASE("the strategies differ in who goes down together") {
    STATIC_REQUIRE(rules_of(troupe::one_for_one{}).group == rules::reach::failed);
    STATIC_REQUIRE(rules_of(troupe::one_for_all{}).group == rules::reach::all);
    STATIC_REQUIRE(rules_of(troupe::rest_for_one{}).group == rules::reach::rest);
    constexpr rules own = rules_of(troupe::chosen{.affects = &everybody});
    STATIC_REQUIRE(own.group == rules::reach::chosen);
    STATIC_REQUIRE(own.affects == &everybody);
}

struct silent {};
struct with_a_strategy {
    static constexpr auto supervision = troupe::rest_for_one{.max_restarts = 1};
};
struct inherits : with_a_strategy {};
struct decides {
    verdict on_failure(failure const&) { return verdict::stop; }
};
struct decides_constantly {
    verdict on_failure(failure const&) const noexcept { return verdict::stop; }
};
struct decides_with_context {
    verdict on_failure(failure const&, troupe::context<decides_with_context>&) {
        return verdict::stop;
    }
};
struct decides_for_any_context {
    template <class Context>
    verdict on_failure(failure const&, Context&) {
        return verdict::stop;
    }
};
struct declares_children {
    using children = troupe::children<troupe::child<silent>>;
};
struct says_both {
    static constexpr auto supervision = troupe::one_for_all{.within = 1s};
    verdict               on_failure(failure const&) { return verdict::resume; }
};
struct configured : troupe::defaults {
    static constexpr auto supervision = troupe::one_for_one{.max_restarts = 9};
};

TEST_CASE("who has a strategy, a decider or declared children supervises") {
    STATIC_REQUIRE_FALSE(supervises<silent>);
    STATIC_REQUIRE_FALSE(supervises<troupe::defaults>);
    STATIC_REQUIRE(supervises<with_a_strategy>);
    STATIC_REQUIRE(supervises<inherits>);
    STATIC_REQUIRE(supervises<decides>);
    STATIC_REQUIRE(supervises<decides_constantly>);
    STATIC_REQUIRE(supervises<decides_with_context>);
    STATIC_REQUIRE(supervises<decides_for_any_context>);
    STATIC_REQUIRE(supervises<declares_children>);
    STATIC_REQUIRE(supervises<says_both>);
    STATIC_REQUIRE(supervises<configured>);
}

TEST_CASE("the forms of a decider are told apart") {
    STATIC_REQUIRE(decides_alone<decides>);
    STATIC_REQUIRE_FALSE(decides_in_context<decides>);
    STATIC_REQUIRE(decides_alone<decides_constantly>);
    STATIC_REQUIRE(decides_in_context<decides_with_context>);
    STATIC_REQUIRE_FALSE(decides_alone<decides_with_context>);
    STATIC_REQUIRE(decides_in_context<decides_for_any_context>);
}

TEST_CASE("an actor has the rules that it names; if it names none, those of one_for_one") {
    STATIC_REQUIRE(rules_of_actor<with_a_strategy>.group == rules::reach::rest);
    STATIC_REQUIRE(rules_of_actor<with_a_strategy>.max_restarts == 1);
    STATIC_REQUIRE(rules_of_actor<inherits>.group == rules::reach::rest);
    STATIC_REQUIRE(rules_of_actor<says_both>.group == rules::reach::all);
    STATIC_REQUIRE(rules_of_actor<configured>.max_restarts == 9);
    STATIC_REQUIRE(rules_of_actor<decides>.group == rules::reach::failed);
    STATIC_REQUIRE(rules_of_actor<decides>.max_restarts == 3);
    STATIC_REQUIRE(rules_of_actor<decides>.within == 5s);
    STATIC_REQUIRE(rules_of_actor<declares_children>.group == rules::reach::failed);
}

// ---- what is right can be asked without an error

template <unsigned MaxRestarts, std::int64_t Within>
struct counts {
    static constexpr auto supervision = troupe::one_for_one{
        .max_restarts = MaxRestarts, .within = std::chrono::nanoseconds{Within}};
};
template <std::int64_t First, std::int64_t Max = 0, std::int64_t ResetAfter = 0>
struct waits {
    static constexpr auto supervision =
        troupe::one_for_one{.backoff = {.first = std::chrono::nanoseconds{First},
                                        .max = std::chrono::nanoseconds{Max},
                                        .reset_after = std::chrono::nanoseconds{ResetAfter}}};
};

TEST_CASE("a budget is 0 to 255 restarts in a positive time, or unlimited") {
    STATIC_REQUIRE(supervision_is_right<counts<1, 1>>);
    STATIC_REQUIRE(supervision_is_right<counts<255, 1>>);
    STATIC_REQUIRE(supervision_is_right<counts<troupe::unlimited, 0>>);
    STATIC_REQUIRE(supervision_is_right<counts<0, 0>>);
    STATIC_REQUIRE_FALSE(supervision_is_right<counts<256, 1>>);
    STATIC_REQUIRE_FALSE(supervision_is_right<counts<troupe::unlimited - 1, 1>>);
    STATIC_REQUIRE_FALSE(supervision_is_right<counts<1, 0>>);
    STATIC_REQUIRE_FALSE(supervision_is_right<counts<1, -1>>);
    STATIC_REQUIRE_FALSE(supervision_is_right<counts<0, -1>>);
    STATIC_REQUIRE_FALSE(supervision_is_right<counts<troupe::unlimited, -1>>);
}

TEST_CASE("the times of a backoff are not negative") {
    STATIC_REQUIRE(supervision_is_right<waits<0>>);
    STATIC_REQUIRE(supervision_is_right<waits<2, 1>>);  // it is a bound all the same
    STATIC_REQUIRE_FALSE(supervision_is_right<waits<-1>>);
    STATIC_REQUIRE_FALSE(supervision_is_right<waits<0, -1>>);
    STATIC_REQUIRE_FALSE(supervision_is_right<waits<0, 0, -1>>);
}

struct equal_waits {
    static constexpr auto supervision = troupe::one_for_one{.backoff = {.factor = 1}};
};
struct endless_growth {
    static constexpr auto supervision =
        troupe::one_for_one{.backoff = {.factor = std::numeric_limits<double>::infinity()}};
};
struct shrinks {
    static constexpr auto supervision = troupe::one_for_one{.backoff = {.factor = 0.99}};
};
struct factor_is_no_number {
    static constexpr auto supervision =
        troupe::one_for_one{.backoff = {.factor = std::numeric_limits<double>::quiet_NaN()}};
};
struct all_by_chance {
    static constexpr auto supervision = troupe::one_for_one{.backoff = {.jitter = 1}};
};
struct too_much_chance {
    static constexpr auto supervision = troupe::one_for_one{.backoff = {.jitter = 1.01}};
};
struct negative_chance {
    static constexpr auto supervision = troupe::one_for_one{.backoff = {.jitter = -0.01}};
};
struct chance_is_no_number {
    static constexpr auto supervision =
        troupe::one_for_one{.backoff = {.jitter = std::numeric_limits<double>::quiet_NaN()}};
};

TEST_CASE("a factor is at least 1, a jitter a share") {
    STATIC_REQUIRE(supervision_is_right<equal_waits>);
    STATIC_REQUIRE(supervision_is_right<endless_growth>);
    STATIC_REQUIRE(supervision_is_right<all_by_chance>);
    STATIC_REQUIRE_FALSE(supervision_is_right<shrinks>);
    STATIC_REQUIRE_FALSE(supervision_is_right<factor_is_no_number>);
    STATIC_REQUIRE_FALSE(supervision_is_right<too_much_chance>);
    STATIC_REQUIRE_FALSE(supervision_is_right<negative_chance>);
    STATIC_REQUIRE_FALSE(supervision_is_right<chance_is_no_number>);
}

struct chooses {
    static constexpr auto supervision = troupe::chosen{.affects = &everybody};
};
struct chooses_nobody {
    static constexpr auto supervision = troupe::chosen{};
};
struct is_a_number {
    static constexpr int supervision = 3;
};
struct is_a_member {
    troupe::one_for_one supervision{};
};
struct is_a_variable {
    static inline troupe::one_for_one supervision{};
};
struct is_constant_at_run_time {
    static inline troupe::one_for_one const supervision{std::rand() > 0 ? 1u : 2u};
};
struct is_a_type {
    using supervision = troupe::one_for_one;
};
struct is_a_function {
    static constexpr auto supervision() { return troupe::one_for_one{}; }
};

TEST_CASE("a supervision is a constant, and one of the strategies") {
    STATIC_REQUIRE(supervision_is_right<silent>);
    STATIC_REQUIRE(supervision_is_right<chooses>);
    STATIC_REQUIRE_FALSE(supervision_is_right<chooses_nobody>);
    STATIC_REQUIRE_FALSE(supervision_is_right<is_a_number>);
    STATIC_REQUIRE_FALSE(supervision_is_right<is_a_member>);
    STATIC_REQUIRE_FALSE(supervision_is_right<is_a_variable>);
    STATIC_REQUIRE_FALSE(supervision_is_right<is_constant_at_run_time>);
    STATIC_REQUIRE_FALSE(supervision_is_right<is_a_type>);
    STATIC_REQUIRE_FALSE(supervision_is_right<is_a_function>);
}

struct gives_nothing {
    void on_failure(failure const&) {}
};
struct gives_a_number {
    int on_failure(failure const&) { return 1; }
};
struct takes_nothing {
    verdict on_failure() { return verdict::stop; }
};
struct takes_the_context_of_another {
    verdict on_failure(failure const&, troupe::context<silent>&) { return verdict::stop; }
};
struct is_no_function {
    int on_failure = 0;
};
struct right_and_wrong {
    static constexpr auto supervision = troupe::one_for_one{};
    void                  on_failure(failure const&) {}
};

TEST_CASE("a decider that cannot be asked is not passed over") {
    STATIC_REQUIRE(supervision_is_right<decides>);
    STATIC_REQUIRE(supervision_is_right<decides_constantly>);
    STATIC_REQUIRE(supervision_is_right<decides_with_context>);
    STATIC_REQUIRE(supervision_is_right<decides_for_any_context>);
    STATIC_REQUIRE(supervises<takes_nothing>);
    STATIC_REQUIRE_FALSE(supervision_is_right<gives_nothing>);
    STATIC_REQUIRE_FALSE(supervision_is_right<gives_a_number>);
    STATIC_REQUIRE_FALSE(supervision_is_right<takes_nothing>);
    STATIC_REQUIRE_FALSE(supervision_is_right<takes_the_context_of_another>);
    STATIC_REQUIRE_FALSE(supervision_is_right<is_no_function>);
    STATIC_REQUIRE_FALSE(supervision_is_right<right_and_wrong>);
}

struct ping {};
struct whole : says_both {
    using protocol = troupe::protocol<void(ping)>;
    void on(ping) {}
};
struct half : gives_nothing {
    using protocol = troupe::protocol<void(ping)>;
    void on(ping) {}
};

TEST_CASE("an actor that supervises wrongly cannot be spawned, and that can be asked") {
    STATIC_REQUIRE(troupe::spawnable<whole>);
    STATIC_REQUIRE_FALSE(troupe::spawnable<half>);
}

}  // namespace test_rules
