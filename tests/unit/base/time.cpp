// SPDX-License-Identifier: BSL-1.0
#include "troupe/base/time.hpp"

#include "support/catch.hpp"

namespace test_time {

using namespace troupe;
using namespace std::chrono_literals;
using troupe::detail::never;

TEST_CASE("times are compared and subtracted") {
    time_point const t{100};
    CHECK(t + 5ns == time_point{105});
    CHECK(t + -5ns == time_point{95});
    CHECK(t < t + 1ns);
    CHECK((t + 2s) - t == 2s);
    CHECK(t - (t + 2s) == -2s);
    CHECK(time_point{-100} - time_point{-50} == -50ns);
    CHECK(t + 3h < never);
}

TEST_CASE("for ever may be added to any time") {
    CHECK(time_point{0} + duration::max() == never);
    CHECK(time_point{1} + duration::max() == never);
    CHECK(time_point{-1} + duration::max() == never);
    CHECK(time_point{INT64_MIN} + duration::max() == never);
    CHECK(never + 1ns == never);
    CHECK(time_point{INT64_MAX - 5} + 5ns == never);
    CHECK(time_point{INT64_MAX - 5} + 4ns < never);
}

TEST_CASE("sums and differences beyond the range end at its border") {
    CHECK(time_point{INT64_MIN} + -1ns == time_point{INT64_MIN});
    CHECK(time_point{-2} + duration::min() == time_point{INT64_MIN});
    CHECK(time_point{0} + duration::min() == time_point{INT64_MIN});
    CHECK(never - time_point{-1} == duration::max());
    CHECK(never - time_point{INT64_MIN} == duration::max());
    CHECK(time_point{INT64_MIN} - time_point{1} == duration::min());
    CHECK(time_point{INT64_MIN} - never == duration::min());
    CHECK(never - time_point{1} == duration{INT64_MAX - 1});
    CHECK(time_point{-1} - time_point{INT64_MIN} == duration::max());
    CHECK(time_point{INT64_MIN} - time_point{INT64_MIN} == 0ns);
    CHECK(never - never == 0ns);
}

TEST_CASE("time is reckoned at compile time too") {
    STATIC_REQUIRE(time_point{1} + duration{2} == time_point{3});
    STATIC_REQUIRE(never - time_point{-1} == duration::max());
}

}  // namespace test_time
