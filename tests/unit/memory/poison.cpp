// SPDX-License-Identifier: BSL-1.0
#include "troupe/memory/poison.hpp"

#include "support/catch.hpp"

#include <algorithm>

namespace test_poison {

using namespace troupe::detail;

TEST_CASE("what was poisoned and unpoisoned holds what it held") {
    alignas(16) unsigned char block[64];
    std::fill(std::begin(block), std::end(block), static_cast<unsigned char>(7));
    poison(block, sizeof block);
    unpoison(block, sizeof block);
    CHECK(std::all_of(std::begin(block), std::end(block), [](unsigned char c) { return c == 7; }));
}

#if TROUPE_HAS_ASAN

TEST_CASE("what is poisoned looks freed to AddressSanitizer, and nothing beside it does") {
    alignas(16) unsigned char block[64] = {};
    poison(block + 16, 32);
    CHECK(__asan_address_is_poisoned(block + 16) != 0);
    CHECK(__asan_address_is_poisoned(block + 47) != 0);
    CHECK(__asan_address_is_poisoned(block + 15) == 0);
    CHECK(__asan_address_is_poisoned(block + 48) == 0);
    unpoison(block + 16, 16);
    CHECK(__asan_address_is_poisoned(block + 16) == 0);
    CHECK(__asan_address_is_poisoned(block + 32) != 0);
    unpoison(block, sizeof block);
    CHECK(__asan_address_is_poisoned(block + 32) == 0);
}

#endif

}  // namespace test_poison
