// SPDX-License-Identifier: BSL-1.0
#include "troupe/mailbox/inbox.hpp"

#include "support/catch.hpp"

namespace test_inbox {

using namespace troupe::detail;

TEST_CASE("the shared half of a mailbox is half a cache line and all zero is closed") {
    STATIC_REQUIRE(sizeof(inbox) == 32);
    inbox const box;
    CHECK(box.word.load(memory_order_relaxed) == 0);
    CHECK((box.word.load(memory_order_relaxed) & inbox_word::open) == 0);
}

TEST_CASE("the word keeps address, depth and flags apart") {
    alignas(16) node    n;
    std::uint64_t const word = inbox_word::bits(n) | inbox_word::open | inbox_word::idle |
                               (std::uint64_t{inbox_word::depth_max} << inbox_word::depth_at);
    CHECK(inbox_word::last(word) == &n);
    CHECK(inbox_word::depth(word) == inbox_word::depth_max);
    CHECK(inbox_word::last(inbox_word::open | inbox_word::idle) == nullptr);
    CHECK(inbox_word::depth(inbox_word::open | inbox_word::idle) == 0);
    CHECK(inbox_word::depth(word - inbox_word::one) == inbox_word::depth_max - 1);
}

TEST_CASE("the largest depth does not touch the flags") {
    std::uint64_t const depth = std::uint64_t{inbox_word::depth_max} << inbox_word::depth_at;
    CHECK((depth & (inbox_word::open | inbox_word::idle | inbox_word::address)) == 0);
}

}  // namespace test_inbox
