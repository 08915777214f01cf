// SPDX-License-Identifier: BSL-1.0
#include "troupe/os/wall_clock.hpp"

#include "support/catch.hpp"

#include <chrono>

namespace test_wall_clock {

TEST_CASE("the wall clock shows what the system clock of the library shows") {
    using namespace std::chrono;
    // In the ticks of the library: with libc++ those are microseconds.
    auto const before = system_clock::now().time_since_epoch();
    auto const seen =
        duration_cast<system_clock::duration>(nanoseconds{troupe::wall_now().nanoseconds});
    auto const after = system_clock::now().time_since_epoch();
    // Unless somebody sets it just now.
    if (before <= after) CHECK((seen >= before && seen <= after));
}

}  // namespace test_wall_clock
