// SPDX-License-Identifier: BSL-1.0
// The order of the members is part of the API.
// FLAGS: -Werror
// EXPECT: error: .*declaration order
// EXPECT: max_restarts
#include <troupe/troupe.hpp>

#include <chrono>

constexpr troupe::one_for_one misuse{.within = std::chrono::seconds{1}, .max_restarts = 5};
