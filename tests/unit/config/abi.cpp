// SPDX-License-Identifier: BSL-1.0
#include "troupe/config/abi.hpp"

#include "support/catch.hpp"

#include <string>

#define TEST_ABI_TEXT_(words) #words
#define TEST_ABI_TEXT(words) TEST_ABI_TEXT_(words)

namespace test_abi {

// What is built differently must not link: the name says everything that changes layout or code.
TEST_CASE("the inline namespace names the version and what the build was made with") {
    std::string expected{"v"};  // not "v" + ...: g++ 12 warns of what it makes of that itself
    expected += std::to_string(TROUPE_VERSION_MAJOR);
    expected += "_";
    expected += std::to_string(TROUPE_VERSION_MINOR);
    if (TROUPE_HAS_EXCEPTIONS == 0) expected += "noexcept_";
    if (TROUPE_HAS_TSAN == 1) expected += "tsan";
    else if (TROUPE_HAS_ASAN == 1) expected += "asan";
    CHECK(std::string{TEST_ABI_TEXT(TROUPE_ABI)} == expected);
}

}  // namespace test_abi

namespace troupe::inline TROUPE_ABI {
struct of_the_test_of_abi {};
}  // namespace troupe::inline TROUPE_ABI

namespace test_abi {

TEST_CASE("what is public is found without the inline namespace, and linked with it") {
    STATIC_REQUIRE(sizeof(troupe::of_the_test_of_abi) == 1);
    STATIC_REQUIRE(sizeof(troupe::TROUPE_ABI::of_the_test_of_abi) == 1);
    STATIC_REQUIRE(sizeof(troupe::version) == sizeof(troupe::TROUPE_ABI::version));
}

}  // namespace test_abi
