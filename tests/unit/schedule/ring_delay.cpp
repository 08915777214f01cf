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
    time       now = start;
    // Short turns: sixteen of them between looks, in 100 us.
    CHECK_FALSE(d.look_at(0, 3, now));
    CHECK_FALSE(d.look_at(1, 4, now += 1us));
    CHECK_FALSE(d.look_at(1, 4, now += 100us));
    // Entry 2 stood there at the first look.
    CHECK(d.look_at(2, 5, now += 100us));
}

TEST_CASE("a ring that is never empty is fine while its entries go on") {
    ring_delay d;
    time       now = start;
    for (std::uint32_t head = 0; head < 1000; ++head, now += 10us) {
        CHECK_FALSE(d.look_at(head, head + 1, now));
    }
}

TEST_CASE("where turns take long nothing waits for patience") {
    ring_delay d;
    CHECK_FALSE(d.look_at(0, 2, start));
    CHECK(d.look_at(1, 2, start + 5ms));
    // Known until turns are short again.
    d.pause();
    CHECK(d.look_at(3, 4, start + 1s));
    CHECK_FALSE(d.look_at(4, 5, start + 1s + 1us));
}

TEST_CASE("the time that the owner has slept is no turn") {
    ring_delay d;
    CHECK_FALSE(d.look_at(0, 2, start));
    d.pause();
    CHECK_FALSE(d.look_at(2, 4, start + 10s));
}

TEST_CASE("indices that run round are compared all the same, and old marks do not count") {
    ring_delay d;
    time       now = start;
    CHECK_FALSE(d.look_at(0, 1, now));
    CHECK_FALSE(d.look_at(0xffff'fffe, 1, now += 1us));  // ages after the mark
    CHECK_FALSE(d.look_at(0xffff'ffff, 2, now += 150us));
    CHECK(d.look_at(0xffff'ffff, 2, now += 50us));
    CHECK_FALSE(d.look_at(1, 3, now += 10us));
}

TEST_CASE("with short turns the clock is asked at every sixteenth") {
    ring_delay     d;
    constexpr time boot{1us};  // the real clock stands later than that
    CHECK_FALSE(d.look_at(0, 1, boot));
    CHECK_FALSE(d.look_at(1, 2, boot + 1us));
    // Fifteen turns without a look, whatever has happened in between.
    for (int i = 0; i < 15; ++i) CHECK_FALSE(d.look(1, 2));
    // The sixteenth looks: the entry has stood there since the machine was started.
    CHECK(d.look(1, 2));
}

}  // namespace test_ring_delay
