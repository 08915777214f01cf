// SPDX-License-Identifier: BSL-1.0
#include "troupe/base/layout.hpp"

#include "support/catch.hpp"

#include <cstddef>

namespace test_layout {

using namespace troupe::detail;

TEST_CASE("blocks fill cache lines, and hold whatever an ordinary allocation holds") {
    STATIC_REQUIRE((cache_line & (cache_line - 1)) == 0);
    STATIC_REQUIRE((block_alignment & (block_alignment - 1)) == 0);
    STATIC_REQUIRE(cache_line % block_alignment == 0);
    STATIC_REQUIRE(block_alignment >= alignof(std::max_align_t));
}

}  // namespace test_layout
