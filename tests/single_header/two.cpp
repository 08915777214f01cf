// SPDX-License-Identifier: BSL-1.0

#include <troupe/troupe.hpp>

#if __has_include(<troupe/testing.hpp>)
#include <troupe/testing.hpp>
#endif

char const* version_of_the_other_unit();
char const* version_of_the_other_unit() { return &troupe::version[0]; }
