// SPDX-License-Identifier: BSL-1.0
#include "troupe/os/wall_clock.hpp"

#include "support/catch.hpp"

#include <chrono>

namespace test_wall_clock {

TEST_CASE("the wall clock shows what the system clock of the library shows") {
    using namespace std::chrono;
    auto const in_nanoseconds = [] {
        return duration_cast<nanoseconds>(system_clock::now().time_since_epoch()).count();
    };
    auto const before = in_nanoseconds();
    auto const seen = troupe::wall_now().nanoseconds;
    auto const after = in_nanoseconds();
    // Unless somebody sets it just now.
    if (before <= after) CHECK((seen >= before && seen <= after));
}

}  // namespace test_wall_clock
