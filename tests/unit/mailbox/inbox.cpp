// SPDX-License-Identifier: BSL-1.0
#include "troupe/mailbox/inbox.hpp"

#include "support/catch.hpp"
#include "troupe/mailbox/lock_free_kernel.hpp"
#include "troupe/mailbox/locked_kernel.hpp"

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

template <class Kernel>
void check_idleness() {
    inbox box;
    CHECK_FALSE(seems_idle(box));  // closed
    Kernel::open(box, false);
    CHECK_FALSE(seems_idle(box));  // somebody has the right to run it
    CHECK(Kernel::try_idle(box));
    CHECK(seems_idle(box));
    CHECK(Kernel::claim(box));
    CHECK_FALSE(seems_idle(box));
    CHECK(Kernel::try_idle(box));
    alignas(16) node      n;
    atomic<std::uint64_t> incarnation{0};
    CHECK(Kernel::push(box, n, 4, at_capacity::admit, incarnation).outcome ==
          push_outcome::started);
    CHECK_FALSE(seems_idle(box));
    node* head = nullptr;
    static_cast<void>(Kernel::close(box, head));
    CHECK_FALSE(seems_idle(box));
}
TEST_CASE("from outside an idle mailbox looks idle, and no other does, of either kind") {
    check_idleness<lock_free_kernel>();
    check_idleness<locked_kernel>();
}

TEST_CASE("the largest depth does not touch the flags") {
    std::uint64_t const depth = std::uint64_t{inbox_word::depth_max} << inbox_word::depth_at;
    CHECK((depth & (inbox_word::open | inbox_word::idle | inbox_word::address)) == 0);
}

}  // namespace test_inbox
