// SPDX-License-Identifier: BSL-1.0
#include "troupe/os/monotonic_clock.hpp"

#include "support/catch.hpp"

namespace test_monotonic_clock {

TEST_CASE("the clock never goes back") {
    troupe::monotonic_clock const clock;
    troupe::time_point            last = clock.now();
    bool                          went_back = false;
    for (int i = 0; i < 10'000; ++i) {
        troupe::time_point const now = clock.now();
        went_back = went_back || now < last;
        last = now;
    }
    CHECK_FALSE(went_back);
}

TEST_CASE("two clocks of one process show the same time") {
    troupe::monotonic_clock const first;
    troupe::monotonic_clock const second;
    troupe::time_point const      a = first.now();
    troupe::time_point const      b = second.now();
    troupe::time_point const      c = first.now();
    CHECK(a <= b);
    CHECK(b <= c);
}

TEST_CASE("the clock passes by itself, so it tells nobody") {
    STATIC_REQUIRE(troupe::clock<troupe::monotonic_clock>);
    STATIC_REQUIRE_FALSE(troupe::clock_jumps<troupe::monotonic_clock>);
    STATIC_REQUIRE(troupe::explain_clock<troupe::monotonic_clock>());
}

}  // namespace test_monotonic_clock
