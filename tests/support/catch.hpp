// SPDX-License-Identifier: BSL-1.0
#pragma once

// One name for Catch2 2.13 and 3, evening out what differs. Tests include this and no Catch header.
//
//   Approx(x)       the floating-point comparison            contains("text")   the string matcher
//   SKIP("why")     ends the test case as skipped            in `using namespace troupe_test`
//
// Assertions are not thread-safe in either version: check on the test's own thread only.
// No `;` in the name of a test: Catch 2's discovery cuts it in two there.

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#define TROUPE_TEST_CATCH 3
#else
#include <catch2/catch.hpp>
#define TROUPE_TEST_CATCH 2
#endif

#include <string>

namespace troupe_test {

#if TROUPE_TEST_CATCH == 3
using Catch::Approx;
inline auto contains(std::string const& text) { return Catch::Matchers::ContainsSubstring(text); }
#else
using Approx = Catch::Detail::Approx;
inline auto contains(std::string const& text) { return Catch::Matchers::Contains(text); }

void skip(char const* why);  // catch_main.cpp: remembers it; the process then ends with 4

#define SKIP(why) \
    do { \
        ::troupe_test::skip(why); \
        return; \
    } while (false)
#endif

}  // namespace troupe_test
