// SPDX-License-Identifier: BSL-1.0
#include "troupe/config/version.hpp"

#include "troupe/config/abi.hpp"

#include "support/catch.hpp"

#include <string>

namespace test_version {

TEST_CASE("the version as text, as numbers and as one number is the same") {
    CHECK(std::string{troupe::version} == std::to_string(TROUPE_VERSION_MAJOR) + "." +
                                              std::to_string(TROUPE_VERSION_MINOR) + "." +
                                              std::to_string(TROUPE_VERSION_PATCH));
    STATIC_REQUIRE(TROUPE_VERSION / 10000 == TROUPE_VERSION_MAJOR);
    STATIC_REQUIRE(TROUPE_VERSION / 100 % 100 == TROUPE_VERSION_MINOR);
    STATIC_REQUIRE(TROUPE_VERSION % 100 == TROUPE_VERSION_PATCH);
}

}  // namespace test_version
