// SPDX-License-Identifier: BSL-1.0
#include "troupe/config/assert.hpp"

#include "support/catch.hpp"
#include "support/last_words.hpp"

#include <string>

namespace test_assert {

using namespace troupe_test;

TEST_CASE("a promise that holds costs nothing but its look, and in a release build not even that") {
    int looks = 0;
    TROUPE_ASSERT(++looks > 0, "never said");
#if defined(NDEBUG)
    CHECK(looks == 0);
#else
    CHECK(looks == 1);
#endif
    // An expression: it fits where a statement does.
    if (looks < 0) TROUPE_ASSERT(false, "never said");
    else CHECK(looks <= 1);
}

#if TROUPE_TEST_HAS_LAST_WORDS

TEST_CASE("a promise that is broken ends the program, and says which and where") {
    std::string const said = last_words(
        [] { troupe::detail::assertion_failed("one == two", "numbers differ", "where.hpp", 17); });
    CHECK_THAT(said,
               contains("where.hpp:17") && contains("numbers differ") && contains("one == two"));
}

#endif

}  // namespace test_assert
