// SPDX-License-Identifier: BSL-1.0
#include "troupe/port/clock.hpp"

#include "support/catch.hpp"

namespace test_clock {

struct plain {
    troupe::time_point now() const noexcept { return {}; }
};
struct moved_by_hand : plain {
    void attach(troupe::clock_listener&) noexcept {}
    void detach(troupe::clock_listener&) noexcept {}
};
struct may_throw {
    troupe::time_point now() const { return {}; }
};
struct not_const {
    troupe::time_point now() noexcept { return {}; }
};
struct other_type {
    int now() const noexcept { return 0; }
};

TEST_CASE("a clock reads its time, const and without throwing") {
    STATIC_REQUIRE(troupe::clock<plain>);
    STATIC_REQUIRE(troupe::explain_clock<plain>());
    STATIC_REQUIRE_FALSE(troupe::clock<may_throw>);
    STATIC_REQUIRE_FALSE(troupe::clock<not_const>);
    STATIC_REQUIRE_FALSE(troupe::clock<other_type>);
    STATIC_REQUIRE_FALSE(troupe::clock<int>);
}

TEST_CASE("a clock that jumps is one that takes listeners") {
    STATIC_REQUIRE(troupe::clock<moved_by_hand>);
    STATIC_REQUIRE(troupe::clock_jumps<moved_by_hand>);
    STATIC_REQUIRE_FALSE(troupe::clock_jumps<plain>);
}

}  // namespace test_clock
