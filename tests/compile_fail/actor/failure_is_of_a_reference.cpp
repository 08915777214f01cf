// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: ask for the type that is thrown, without const and reference: is<std::runtime_error>\(\)
// EXPECT: overdrawn
#include <troupe/troupe.hpp>

struct overdrawn {};

bool misuse(troupe::failure const& why) { return why.is<overdrawn const&>(); }
