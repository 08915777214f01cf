// SPDX-License-Identifier: BSL-1.0
#include "troupe/config/features.hpp"

#include "support/catch.hpp"

namespace test_features {

// `#if TROUPE_HAS_SOMETHING` must never ask for a word that is not there.
TEST_CASE("every feature is always defined, as 0 or 1") {
#if !defined(TROUPE_HAS_EXCEPTIONS) || !defined(TROUPE_HAS_TSAN) || !defined(TROUPE_HAS_ASAN) || \
    !defined(TROUPE_HAS_FUTEX) || !defined(TROUPE_HAS_MEMBARRIER) || !defined(TROUPE_HAS_POSIX) || \
    !defined(TROUPE_HAS_EXCEPTION_TYPES) || !defined(TROUPE_HAS_AGGREGATE_AWAIT_BUG)
    FAIL("a feature is not defined");
#endif
    for (int const feature :
         {TROUPE_HAS_EXCEPTIONS, TROUPE_HAS_TSAN, TROUPE_HAS_ASAN, TROUPE_HAS_FUTEX,
          TROUPE_HAS_MEMBARRIER, TROUPE_HAS_EXCEPTION_TYPES, TROUPE_HAS_AGGREGATE_AWAIT_BUG}) {
        CHECK((feature == 0 || feature == 1));
    }
}

TEST_CASE("features are what this build has") {
    STATIC_REQUIRE(TROUPE_HAS_EXCEPTIONS == 1);  // these tests throw
#if defined(__GLIBCXX__) && defined(__GXX_RTTI)
    STATIC_REQUIRE(TROUPE_HAS_EXCEPTION_TYPES == 1);
#endif
    STATIC_REQUIRE_FALSE((TROUPE_HAS_TSAN == 1 && TROUPE_HAS_ASAN == 1));
#if defined(__linux__)
    STATIC_REQUIRE(TROUPE_HAS_FUTEX == 1);
    STATIC_REQUIRE(TROUPE_HAS_POSIX == 1);
#endif
#if defined(__clang__)
    STATIC_REQUIRE(TROUPE_HAS_AGGREGATE_AWAIT_BUG == 0);
#endif
}

}  // namespace test_features
