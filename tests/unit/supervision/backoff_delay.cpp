// SPDX-License-Identifier: BSL-1.0
#include "troupe/supervision/backoff_delay.hpp"

#include "support/catch.hpp"

#include <cstdint>
#include <limits>

namespace test_backoff_delay {

using namespace std::chrono_literals;
using troupe::backoff_options;
using troupe::duration;
using troupe::detail::delay_of;
using troupe::detail::ends_a_row;

constexpr std::uint64_t least = 0;          // nothing is taken off
constexpr std::uint64_t most = UINT64_MAX;  // all that may be
constexpr duration      for_ever{INT64_MAX};

TEST_CASE("without a first wait there is none") {
    STATIC_REQUIRE(delay_of({}, 0, most) == 0s);
    STATIC_REQUIRE(delay_of({}, 1000, most) == 0s);
    STATIC_REQUIRE(delay_of({.max = 10s}, 5, least) == 0s);
}

TEST_CASE("waits grow by the factor up to the bound") {
    constexpr backoff_options doubling{.first = 100ms, .max = 1s};
    STATIC_REQUIRE(delay_of(doubling, 0, least) == 100ms);
    STATIC_REQUIRE(delay_of(doubling, 1, least) == 200ms);
    STATIC_REQUIRE(delay_of(doubling, 2, least) == 400ms);
    STATIC_REQUIRE(delay_of(doubling, 3, least) == 800ms);
    STATIC_REQUIRE(delay_of(doubling, 4, least) == 1s);
    STATIC_REQUIRE(delay_of(doubling, 5, least) == 1s);
    STATIC_REQUIRE(delay_of(doubling, UINT32_MAX, least) == 1s);
    constexpr backoff_options by_half{.first = 8s, .max = 1h, .factor = 1.5};
    STATIC_REQUIRE(delay_of(by_half, 1, least) == 12s);
    STATIC_REQUIRE(delay_of(by_half, 2, least) == 18s);
    STATIC_REQUIRE(delay_of(by_half, 3, least) == 27s);
}

TEST_CASE("without a bound all waits are the first") {
    STATIC_REQUIRE(delay_of({.first = 3s}, 0, least) == 3s);
    STATIC_REQUIRE(delay_of({.first = 3s}, 77, least) == 3s);
}

TEST_CASE("with a factor of 1 all waits are the first, whatever the bound") {
    constexpr backoff_options even{.first = 3s, .max = 1h, .factor = 1};
    STATIC_REQUIRE(delay_of(even, 0, least) == 3s);
    STATIC_REQUIRE(delay_of(even, UINT32_MAX, least) == 3s);
}

TEST_CASE("the bound is a bound for the first wait too") {
    STATIC_REQUIRE(delay_of({.first = 10s, .max = 1s}, 0, least) == 1s);
    STATIC_REQUIRE(delay_of({.first = 10s, .max = 1s}, 3, least) == 1s);
}

TEST_CASE("a factor just above 1 grows as slowly as it says") {
    constexpr backoff_options slow{.first = 1s, .max = 1h, .factor = 1.0001};
    STATIC_REQUIRE(delay_of(slow, 1, least) == 1'000'100us);
    STATIC_REQUIRE(delay_of(slow, 10'000, least) > 2718ms);
    STATIC_REQUIRE(delay_of(slow, 10'000, least) < 2719ms);
    STATIC_REQUIRE(delay_of(slow, UINT32_MAX, least) == 1h);
}

TEST_CASE("nothing overflows") {
    constexpr backoff_options widest{.first = 1ns, .max = for_ever};
    STATIC_REQUIRE(delay_of(widest, 62, least) == duration{std::int64_t{1} << 62});
    STATIC_REQUIRE(delay_of(widest, 63, least) == for_ever);
    STATIC_REQUIRE(delay_of(widest, UINT32_MAX, least) == for_ever);
    STATIC_REQUIRE(delay_of({.first = for_ever, .max = for_ever}, 9, least) == for_ever);
    STATIC_REQUIRE(delay_of({.first = for_ever - 1ns, .max = for_ever}, 0, least) ==
                   for_ever - 1ns);
    constexpr double huge = std::numeric_limits<double>::max();
    STATIC_REQUIRE(delay_of({.first = 1ns, .max = 1h, .factor = huge}, 2, least) == 1h);
    constexpr double infinite = std::numeric_limits<double>::infinity();
    STATIC_REQUIRE(delay_of({.first = 1ns, .max = 1h, .factor = infinite}, 0, least) == 1ns);
    STATIC_REQUIRE(delay_of({.first = 1ns, .max = 1h, .factor = infinite}, 1, least) == 1h);
    STATIC_REQUIRE(delay_of({.first = for_ever, .jitter = 1}, 0, most) >= 0ns);
    STATIC_REQUIRE(delay_of({.first = 1ns, .jitter = 1}, 0, most) >= 0ns);
}

TEST_CASE("jitter takes off at most its share, and never adds") {
    constexpr backoff_options fifth{.first = 100ms, .max = 10s, .jitter = 0.2};
    STATIC_REQUIRE(delay_of(fifth, 0, least) == 100ms);
    STATIC_REQUIRE(delay_of(fifth, 0, std::uint64_t{1} << 63) == 90ms);
    STATIC_REQUIRE(delay_of(fifth, 0, most) >= 80ms);
    STATIC_REQUIRE(delay_of(fifth, 0, most) < 80ms + 1us);
    STATIC_REQUIRE(delay_of(fifth, 100, least) == 10s);
    STATIC_REQUIRE(delay_of(fifth, 100, most) >= 8s);
    constexpr backoff_options all{.first = 1s, .jitter = 1};
    STATIC_REQUIRE(delay_of(all, 0, most) >= 0s);
    STATIC_REQUIRE(delay_of(all, 0, most) < 1us);
    // Without jitter chance has no part in it.
    STATIC_REQUIRE(delay_of({.first = 1s}, 0, most) == 1s);
}

TEST_CASE("by chance, every part of the share is taken off about equally often") {
    constexpr backoff_options half{.first = 1000ns, .jitter = 0.5};
    std::uint64_t             random = 88172645463325252u;
    int                       quarter[4] = {};
    for (int i = 0; i < 4000; ++i) {
        random ^= random << 13, random ^= random >> 7, random ^= random << 17;
        auto const wait = delay_of(half, 0, random);
        REQUIRE(wait > 499ns);
        REQUIRE(wait <= 1000ns);
        auto const off = (1000ns - wait).count();
        ++quarter[off / 125 > 3 ? 3 : off / 125];
    }
    for (int const n : quarter) {
        CHECK(n > 800);
        CHECK(n < 1200);
    }
}

TEST_CASE("a row ends when the child has run for `reset_after`, or for the window") {
    constexpr backoff_options own{.first = 1s, .reset_after = 30s};
    STATIC_REQUIRE_FALSE(ends_a_row(own, 5s, 30s - 1ns));
    STATIC_REQUIRE(ends_a_row(own, 5s, 30s));
    constexpr backoff_options silent{.first = 1s};
    STATIC_REQUIRE_FALSE(ends_a_row(silent, 5s, 5s - 1ns));
    STATIC_REQUIRE(ends_a_row(silent, 5s, 5s));
}

}  // namespace test_backoff_delay
