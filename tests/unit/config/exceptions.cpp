// SPDX-License-Identifier: BSL-1.0
#include "troupe/config/exceptions.hpp"

#include "support/catch.hpp"

#include <stdexcept>

namespace test_exceptions {

enum class way : int { neither, tried, caught };

template <class Act>
way take(Act act) {
    way went = way::neither;
    TROUPE_TRY {
        act();
        went = way::tried;
    }
    TROUPE_CATCH_ALL { went = way::caught; }
    return went;
}

TEST_CASE("what is tried and throws is caught, whatever it throws") {
    CHECK(take([] {}) == way::tried);
    CHECK(take([] { throw std::runtime_error{"no"}; }) == way::caught);
    CHECK(take([] { throw 42; }) == way::caught);
}

TEST_CASE("a template can ask whether there are exceptions, about any types") {
    STATIC_REQUIRE(troupe::detail::exceptions_are_on<>);
    STATIC_REQUIRE(troupe::detail::exceptions_are_on<int, void>);
}

}  // namespace test_exceptions
