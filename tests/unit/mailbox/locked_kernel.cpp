// SPDX-License-Identifier: BSL-1.0
#include "troupe/mailbox/locked_kernel.hpp"

#include "support/catch.hpp"
#include "support/letters.hpp"
#include "troupe/mailbox/lock_free_kernel.hpp"

namespace test_locked_kernel {

using namespace troupe::detail;
using troupe_test::letter;
using numbers = std::vector<std::uint32_t>;
using letter_box = troupe_test::letter_box<locked_kernel>;
using kernel = locked_kernel;

TEST_CASE("locked: the first push to an idle mailbox gets the run right, the next ones do not") {
    letter_box b;
    CHECK(b.push(1).outcome == push_outcome::started);
    CHECK(b.push(2).outcome == push_outcome::queued);
    CHECK(kernel::depth(b.box) == 2);
    CHECK_FALSE(kernel::try_idle(b.box));
    CHECK(b.drain() == numbers{1, 2});
    CHECK(kernel::try_idle(b.box));
    CHECK(b.push(3).outcome == push_outcome::started);
}

TEST_CASE("locked: a message leaves the count when it is begun") {
    letter_box b;
    b.push(1);
    b.push(2);
    REQUIRE(b.front()->number == 1);
    CHECK(kernel::depth(b.box) == 1);
    CHECK(b.front()->number == 1);
    CHECK(kernel::depth(b.box) == 1);
    CHECK_FALSE(b.retire(true));
    CHECK(b.front()->number == 2);
}

TEST_CASE("locked: a full mailbox refuses") {
    letter_box b;
    CHECK(b.push(1, 1, at_capacity::refuse).outcome == push_outcome::started);
    push_result const full = b.push(2, 1, at_capacity::refuse);
    CHECK(full.outcome == push_outcome::full);
    CHECK(full.over);
    CHECK(full.victim == nullptr);
    CHECK(b.drain() == numbers{1});
}

TEST_CASE("locked: a full mailbox admits and says so") {
    letter_box b;
    CHECK_FALSE(b.push(1, 1).over);
    CHECK(b.push(2, 1).over);
    CHECK(b.drain() == numbers{1, 2});
}

TEST_CASE("locked: the oldest message makes room for the newest") {
    letter_box b;
    letter&    first = b.make(1);
    b.push(first, 2, at_capacity::replace_oldest);
    b.push(2, 2, at_capacity::replace_oldest);
    push_result const replaced = b.push(3, 2, at_capacity::replace_oldest);
    CHECK(replaced.outcome == push_outcome::queued);
    CHECK(replaced.over);
    CHECK(replaced.victim == &first);
    CHECK(kernel::depth(b.box) == 2);
    CHECK(b.drain() == numbers{2, 3});
}

TEST_CASE("locked: with a capacity of one the newest message is the one that waits") {
    letter_box b;
    for (std::uint32_t i = 1; i <= 5; ++i) b.push(i, 1, at_capacity::replace_oldest);
    CHECK(kernel::depth(b.box) == 1);
    CHECK(b.drain() == numbers{5});
}

TEST_CASE("locked: the message in the handler is not pushed out") {
    letter_box b;
    b.push(1, 1, at_capacity::replace_oldest);
    REQUIRE(b.front()->number == 1);
    CHECK(b.push(2, 1, at_capacity::replace_oldest).victim == nullptr);
    CHECK(static_cast<letter*>(b.push(3, 1, at_capacity::replace_oldest).victim)->number == 2);
    CHECK(b.front()->number == 1);
    b.retire();
    CHECK(b.drain() == numbers{3});
}

TEST_CASE("locked: claim takes the run right of an idle mailbox once, of a closed one never") {
    letter_box b;
    CHECK(kernel::claim(b.box));
    CHECK_FALSE(kernel::claim(b.box));
    CHECK(kernel::try_idle(b.box));
    CHECK(kernel::claim(b.box));
    kernel::close(b.box, b.head);
    CHECK_FALSE(kernel::claim(b.box));
}

TEST_CASE(
    "locked: closing gives back all that waits, the one in hand first, and refuses the rest") {
    letter_box b;
    for (std::uint32_t i = 1; i <= 3; ++i) b.push(i);
    REQUIRE(b.front()->number == 1);
    CHECK(letter_box::numbers_of(kernel::close(b.box, b.head)) == numbers{1, 2, 3});
    CHECK(b.head == nullptr);
    CHECK(b.push(4).outcome == push_outcome::closed);
    CHECK(kernel::depth(b.box) == 0);
    letter_box empty;
    CHECK(kernel::close(empty.box, empty.head) == nullptr);
}

TEST_CASE("locked: a push that comes late neither enters nor pushes out a message of the cell's "
          "next actor") {
    letter_box b;
    kernel::close(b.box, b.head);
    b.incarnation.store(2, memory_order_relaxed);
    kernel::open(b.box, true);
    b.push(b.make(1, 2), 1, at_capacity::replace_oldest);
    push_result const late = b.push(b.make(2, 1), 1, at_capacity::replace_oldest);
    CHECK(late.outcome == push_outcome::closed);
    CHECK(late.victim == nullptr);
    CHECK(b.drain() == numbers{1});
}

TEST_CASE(
    "locked: a push that comes late bounces off a cell whose next actor has a lock-free mailbox") {
    letter_box b;
    kernel::close(b.box, b.head);
    b.incarnation.store(2, memory_order_relaxed);
    lock_free_kernel::open(b.box, true);
    CHECK(b.push(1).outcome == push_outcome::closed);
    CHECK(lock_free_kernel::depth(b.box) == 0);
    CHECK(lock_free_kernel::push(b.box, b.make(3, 2), 9, at_capacity::refuse, b.incarnation)
              .outcome == push_outcome::started);
    CHECK(b.push(2).outcome == push_outcome::closed);
    CHECK(lock_free_kernel::depth(b.box) == 1);
}

}  // namespace test_locked_kernel
