// SPDX-License-Identifier: BSL-1.0
#include "troupe/supervision/restart_window.hpp"

#include "support/catch.hpp"

#include <cstdint>
#include <vector>

namespace test_restart_window {

using namespace std::chrono_literals;
using troupe::duration;
using troupe::time_point;
using troupe::unlimited;
using troupe::detail::restart_window;
using troupe::detail::window_place;

/// A window with its ring, as a seat has it.
class budget {
public:
    budget(unsigned max_restarts, duration within)
        : ring_(restart_window::ring_size(max_restarts)),
          window_(ring_.data(), place_, max_restarts, within) {}
    bool restarts(time_point now) {
        if (!window_.allows(now)) return false;
        window_.record(now);
        return true;
    }
    bool allows(time_point now) const { return window_.allows(now); }
    void forget() { place_ = {}; }

private:
    std::vector<time_point> ring_;
    window_place            place_;
    restart_window          window_;
};

constexpr time_point at(duration since) { return time_point{} + since; }

TEST_CASE("as many restarts as the budget has, then none in the window") {
    budget three{3, 5s};
    CHECK(three.restarts(at(0s)));
    CHECK(three.restarts(at(1s)));
    CHECK(three.restarts(at(2s)));
    CHECK_FALSE(three.restarts(at(2s)));
    CHECK_FALSE(three.restarts(at(5s - 1ns)));
    CHECK(three.restarts(at(5s)));
}

TEST_CASE("the window slides: each restart counts until it is `within` old, to the nanosecond") {
    budget two{2, 10s};
    CHECK(two.restarts(at(0s)));
    CHECK(two.restarts(at(9s)));
    CHECK(two.restarts(at(10s)));            // for the one at 0
    CHECK_FALSE(two.allows(at(19s - 1ns)));  // 9 and 10 are still there
    CHECK(two.restarts(at(19s)));            // for the one at 9
    CHECK_FALSE(two.allows(at(20s - 1ns)));
    CHECK(two.restarts(at(20s)));
}

TEST_CASE("what is not allowed is not counted") {
    budget one{1, 1s};
    CHECK(one.restarts(at(0s)));
    for (auto late = 0ms; late < 1s; late += 100ms) CHECK_FALSE(one.restarts(at(late)));
    CHECK(one.restarts(at(1s)));
}

TEST_CASE("a budget of none allows nothing, one without limit everything") {
    budget none{0, 1s};
    CHECK_FALSE(none.allows(at(0s)));
    CHECK_FALSE(none.allows(at(1000h)));
    budget no_limit{unlimited, 1s};
    for (int i = 0; i < 1000; ++i) CHECK(no_limit.restarts(at(0s)));
    STATIC_REQUIRE(restart_window::ring_size(unlimited) == 0);
    STATIC_REQUIRE(restart_window::ring_size(0) == 0);
    STATIC_REQUIRE(restart_window::ring_size(255) == 255);
}

TEST_CASE("a place that is set to zero has forgotten") {
    budget one{1, 1s};
    CHECK(one.restarts(at(0s)));
    one.forget();
    CHECK(one.restarts(at(0s)));
    CHECK_FALSE(one.restarts(at(0s)));
}

TEST_CASE("the largest ring is used to its end and again from the front") {
    budget all{255, 1000ns};
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 255; ++i) CHECK(all.restarts(at(round * 1000ns + i * 1ns)));
        CHECK_FALSE(all.allows(at(round * 1000ns + 999ns)));
    }
}

TEST_CASE("times at the ends of the clock do not overflow") {
    budget one{1, duration{INT64_MAX}};
    CHECK(one.restarts(time_point{INT64_MIN}));
    CHECK_FALSE(one.allows(time_point{INT64_MIN + 1}));
    CHECK(one.allows(time_point{INT64_MAX}));
    budget early{1, 1s};
    CHECK(early.restarts(time_point{-1}));
    CHECK(early.allows(time_point{INT64_MAX}));
}

/// All that were allowed, kept for ever.
class reference {
public:
    reference(unsigned max_restarts, std::int64_t within)
        : max_restarts_(max_restarts), within_(within) {}
    bool restarts(std::int64_t now) {
        unsigned in_window = 0;
        for (std::int64_t const t : all_) in_window += now - t < within_ ? 1u : 0u;
        if (in_window >= max_restarts_) return false;
        all_.push_back(now);
        return true;
    }

private:
    std::vector<std::int64_t> all_;
    unsigned                  max_restarts_;
    std::int64_t              within_;
};

TEST_CASE("a ring decides as a list of all restarts does") {
    std::uint32_t random = 2463534242u;
    for (unsigned max_restarts = 1; max_restarts <= 8; ++max_restarts) {
        budget       ring{max_restarts, duration{50}};
        reference    list{max_restarts, 50};
        std::int64_t now = 0;
        int          differ = 0;
        for (int i = 0; i < 2000; ++i) {
            random ^= random << 13, random ^= random >> 17, random ^= random << 5;
            now += random % 20;
            differ += ring.restarts(time_point{now}) != list.restarts(now) ? 1 : 0;
        }
        CHECK(differ == 0);
    }
}

constexpr bool works_for_the_compiler() {
    time_point     ring[2];
    window_place   place;
    restart_window two{ring, place, 2, 1s};
    two.record(at(0s));
    two.record(at(0s));
    return !two.allows(at(999ms)) && two.allows(at(1s));
}
static_assert(works_for_the_compiler());
static_assert(sizeof(window_place) == 2);

}  // namespace test_restart_window
