// SPDX-License-Identifier: BSL-1.0
#include "troupe/supervision/strategy.hpp"

#include "support/catch.hpp"

namespace test_strategy {

using namespace std::chrono_literals;
using troupe::counted;
using troupe::mail;

template <class Strategy>
constexpr bool has_the_usual_numbers() {
    Strategy const s{};
    return s.max_restarts == 3 && s.within == 5s && s.backoff.first == 0s &&
           s.mailbox == mail::keep;
}

TEST_CASE("a strategy without words is three restarts in five seconds, at once, mail kept") {
    STATIC_REQUIRE(has_the_usual_numbers<troupe::one_for_one>());
    STATIC_REQUIRE(has_the_usual_numbers<troupe::one_for_all>());
    STATIC_REQUIRE(has_the_usual_numbers<troupe::rest_for_one>());
    STATIC_REQUIRE(has_the_usual_numbers<troupe::chosen>());
}

TEST_CASE("each child has its own budget where it fails alone, else the group has one") {
    STATIC_REQUIRE(troupe::one_for_one{}.budget == counted::per_child);
    STATIC_REQUIRE(troupe::one_for_all{}.budget == counted::per_group);
    STATIC_REQUIRE(troupe::rest_for_one{}.budget == counted::per_group);
    STATIC_REQUIRE(troupe::chosen{}.budget == counted::per_group);
}

// The order of the members is part of the API: these do not compile when it changes.
TEST_CASE("the members of a strategy are named in their order") {
    constexpr troupe::backoff_options wait{
        .first = 100ms, .max = 10s, .factor = 1.5, .jitter = 0.2, .reset_after = 1min};
    constexpr troupe::one_for_one  one{.max_restarts = 5,
                                       .within = 10s,
                                       .backoff = wait,
                                       .budget = counted::per_group,
                                       .mailbox = mail::drop};
    constexpr troupe::one_for_all  all{.max_restarts = 1,
                                       .within = 1ns,
                                       .backoff = {.first = 1s},
                                       .budget = counted::per_child,
                                       .mailbox = mail::keep};
    constexpr troupe::rest_for_one rest{.max_restarts = troupe::unlimited,
                                        .within = 1h,
                                        .backoff = {.first = 1s, .jitter = 1},
                                        .budget = counted::per_group,
                                        .mailbox = mail::drop};
    constexpr troupe::chosen       own{
              .affects = [](troupe::failure const&, troupe::child_info const&) { return true; },
              .max_restarts = 2,
              .within = 2s,
              .backoff = {},
              .budget = counted::per_child,
              .mailbox = mail::drop};
    STATIC_REQUIRE(one.backoff.first + one.within + all.within + rest.within + own.within ==
                   3612s + 100ms + 1ns);
    STATIC_REQUIRE(own.affects != nullptr);
    STATIC_REQUIRE(troupe::chosen{}.affects == nullptr);
}

}  // namespace test_strategy
