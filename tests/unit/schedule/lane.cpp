// SPDX-License-Identifier: BSL-1.0
#include "troupe/schedule/lane.hpp"

#include "support/catch.hpp"

#include <memory>
#include <vector>

namespace test_lane {

using namespace troupe::detail;

TEST_CASE("a new lane has nothing to run, is awake and can begin to steal") {
    auto const fresh = std::make_unique<lane>();
    CHECK(fresh->ring.empty());
    CHECK(fresh->slot.empty());
    CHECK(fresh->ring.pop() == nullptr);
    CHECK_FALSE(fresh->parked.load(memory_order_relaxed));
    CHECK(fresh->slot_streak == 0);
    CHECK(fresh->turns.get() == fresh->turns_seen);  // nothing that the watcher has missed
    CHECK(fresh->dice != 0);                         // a shift register stays zero for ever
}

TEST_CASE("the ring of a lane takes its capacity and no more, and gives everything back") {
    auto const            fresh = std::make_unique<lane>();
    std::vector<runnable> all(lane::ring_capacity + 1);
    for (std::size_t i = 0; i < lane::ring_capacity; ++i) REQUIRE(fresh->ring.push(all[i]));
    CHECK_FALSE(fresh->ring.push(all.back()));
    for (std::size_t i = 0; i < lane::ring_capacity; ++i) REQUIRE(fresh->ring.pop() == &all[i]);
    CHECK(fresh->ring.empty());
    STATIC_REQUIRE((lane::ring_capacity & (lane::ring_capacity - 1)) == 0);
}

}  // namespace test_lane
