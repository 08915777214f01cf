// SPDX-License-Identifier: BSL-1.0

// One of two translation units with the single headers: links only if all functions are inline.

#include <troupe/troupe.hpp>

#if __has_include(<troupe/testing.hpp>)
#include <troupe/testing.hpp>
#endif

#if !defined(TROUPE_SINGLE_HEADER)
#error "this test is about the single header"
#endif

char const* version_of_the_other_unit();

int main() { return version_of_the_other_unit() == &troupe::version[0] ? 0 : 1; }
