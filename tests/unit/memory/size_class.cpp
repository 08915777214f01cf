// SPDX-License-Identifier: BSL-1.0
#include "troupe/memory/size_class.hpp"

#include "support/catch.hpp"

namespace test_size_class {

using namespace troupe::detail;

TEST_CASE("every size up to the largest block has the smallest class that holds it") {
    bool right = true;
    for (std::size_t bytes = 0; bytes <= block_bytes_max; ++bytes) {
        std::uint8_t const c = size_class_of(bytes);
        right = right && c < size_classes && block_sizes[c] >= bytes &&
                (c == 0 || block_sizes[c - 1] < bytes);
    }
    CHECK(right);
}

TEST_CASE("a request beyond the largest block has no class") {
    CHECK(size_class_of(block_bytes_max) == size_classes - 1);
    CHECK(size_class_of(block_bytes_max + 1) == no_size_class);
    CHECK(size_class_of(SIZE_MAX) == no_size_class);
}

TEST_CASE("blocks are aligned multiples and grow") {
    for (std::size_t i = 0; i < size_classes; ++i) {
        CHECK(block_sizes[i] % block_alignment == 0);
        if (i > 0) CHECK(block_sizes[i - 1] < block_sizes[i]);
    }
}

TEST_CASE("a chain has 32 small blocks, fewer large ones, and never none") {
    CHECK(chain_length(size_class_of(32)) == 32);
    CHECK(chain_length(size_class_of(512)) == 32);
    CHECK(chain_length(size_class_of(1024)) == 16);
    CHECK(chain_length(size_class_of(16384)) == 1);
    CHECK(chain_length(size_class_of(32768)) == 1);
}

}  // namespace test_size_class
