// SPDX-License-Identifier: BSL-1.0
#include "troupe/schedule/ring_delay.hpp"

#include "support/catch.hpp"

namespace test_ring_delay {

using namespace std::chrono_literals;
using troupe::detail::ring_delay;
using time = std::chrono::steady_clock::time_point;

constexpr time start{100h};

TEST_CASE("what stands in a ring longer than patience allows is too much") {
    ring_delay d;
    CHECK_FALSE(d.look_at(0, 3, start));
    CHECK_FALSE(d.look_at(1, 4, start + 100us));
    // Entry 2 stood there at the first look.
    CHECK(d.look_at(2, 5, start + ring_delay::patience));
}

TEST_CASE("a ring that is never empty is fine while its entries go on") {
    ring_delay d;
    time       now = start;
    for (std::uint32_t head = 0; head < 1000; ++head, now += 100us) {
        CHECK_FALSE(d.look_at(head, head + 1, now));
    }
}

TEST_CASE("after a pause the wait is counted anew") {
    ring_delay d;
    CHECK_FALSE(d.look_at(0, 2, start));
    CHECK_FALSE(d.look_at(2, 4, start + 10s));
    CHECK_FALSE(d.look_at(3, 5, start + 10s + 199us));
    CHECK(d.look_at(3, 5, start + 10s + 200us));
}

TEST_CASE("indices that run round are compared all the same") {
    ring_delay d;
    CHECK_FALSE(d.look_at(0x7000'0000, 0x7000'0001, start - 1h));
    CHECK_FALSE(d.look_at(0xffff'fffe - 0x1000'0000, 0xffff'fffe, start - 1s));
    CHECK_FALSE(d.look_at(0xffff'fffe, 1, start));
    CHECK(d.look_at(0xffff'ffff, 2, start + 1ms));
    CHECK_FALSE(d.look_at(1, 3, start + 2ms));
    CHECK(d.look_at(2, 4, start + 3ms));
}

TEST_CASE("with short turns the clock is asked at every sixteenth, with long ones at each") {
    ring_delay     d;
    constexpr time boot{1us};  // the real clock stands later than that
    CHECK_FALSE(d.look_at(0, 1, boot));
    CHECK_FALSE(d.look_at(1, 2, boot + 1us));
    // Fifteen turns without a look, whatever has happened in between.
    for (int i = 0; i < 15; ++i) CHECK_FALSE(d.look(1, 2));
    // The sixteenth looks: the entry has stood there since the machine was started.
    CHECK(d.look(1, 2));
    // Those were long turns: the next one looks.
    CHECK(d.look(1, 2));
}

}  // namespace test_ring_delay
