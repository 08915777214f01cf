// SPDX-License-Identifier: BSL-1.0
#include "troupe/os/brief_wait.hpp"

#include "support/catch.hpp"

namespace test_brief_wait {

using namespace troupe::detail;

TEST_CASE("a brief wait ends by itself, and its first part earlier") {
    brief_wait whole, part;
    int        pauses = 0, spins = 0;
    while (whole.pause()) ++pauses;
    while (part.spin()) ++spins;
    CHECK_FALSE(whole.pause());
    CHECK_FALSE(whole.spin());
    CHECK_FALSE(part.spin());
    CHECK(spins <= pauses);
}

TEST_CASE("where there is one processor nobody waits for another thread to run") {
    CHECK(several_processors() == (available_processors() > 1));
    brief_wait wait;
    CHECK(wait.pause() == several_processors());
}

}  // namespace test_brief_wait
