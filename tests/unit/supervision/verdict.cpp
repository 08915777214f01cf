// SPDX-License-Identifier: BSL-1.0
#include "troupe/supervision/verdict.hpp"

#include "support/catch.hpp"

namespace test_verdict {

using troupe::verdict;

TEST_CASE("a verdict has a word") {
    STATIC_REQUIRE(to_string(verdict::resume) == "resume");
    STATIC_REQUIRE(to_string(verdict::restart) == "restart");
    STATIC_REQUIRE(to_string(verdict::stop) == "stop");
    STATIC_REQUIRE(to_string(verdict::escalate) == "escalate");
    STATIC_REQUIRE(to_string(static_cast<verdict>(99)) == "?");
}

}  // namespace test_verdict
