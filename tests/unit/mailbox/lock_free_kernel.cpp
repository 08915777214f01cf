// SPDX-License-Identifier: BSL-1.0
#include "troupe/mailbox/lock_free_kernel.hpp"

#include "support/catch.hpp"
#include "support/letters.hpp"
#include "troupe/mailbox/locked_kernel.hpp"

#include <atomic>
#include <thread>

namespace test_lock_free_kernel {

using namespace troupe::detail;
using troupe_test::letter;
using numbers = std::vector<std::uint32_t>;
using letter_box = troupe_test::letter_box<lock_free_kernel>;
using kernel = lock_free_kernel;

TEST_CASE("lock-free: the first push to an idle mailbox gets the run right, the next ones do not") {
    letter_box b;
    CHECK(b.push(1).outcome == push_outcome::started);
    CHECK(b.push(2).outcome == push_outcome::queued);
    CHECK(kernel::depth(b.box) == 2);
    CHECK(b.drain() == numbers{1, 2});
    CHECK(b.push(3).outcome == push_outcome::queued);  // the owner has not gone idle
    CHECK_FALSE(kernel::try_idle(b.box));
    CHECK(b.drain() == numbers{3});
    CHECK(kernel::try_idle(b.box));
    CHECK(b.push(4).outcome == push_outcome::started);
}

TEST_CASE("lock-free: retiring the last message goes idle only if it may") {
    letter_box b;
    b.push(1);
    REQUIRE(b.front()->number == 1);
    CHECK_FALSE(b.retire(false));
    CHECK(b.front() == nullptr);
    b.push(2);
    REQUIRE(b.front()->number == 2);
    CHECK(b.retire(true));
    CHECK(b.head == nullptr);
    CHECK(b.push(3).outcome == push_outcome::started);
}

TEST_CASE("lock-free: front stays the same until it is retired") {
    letter_box b;
    b.push(1);
    b.push(2);
    CHECK(b.front() == b.front());
    CHECK(b.front()->number == 1);
    CHECK_FALSE(b.retire(true));
    CHECK(b.front()->number == 2);
}

TEST_CASE("lock-free: a capacity of one takes one message, and another when the first was begun") {
    letter_box b;
    CHECK(b.push(1, 1, at_capacity::refuse).outcome == push_outcome::started);
    push_result const full = b.push(2, 1, at_capacity::refuse);
    CHECK(full.outcome == push_outcome::full);
    CHECK(full.over);
    CHECK(kernel::depth(b.box) == 1);
    REQUIRE(b.front()->number == 1);
    b.unfolded = 1;
    CHECK(kernel::fold(b.box, b.unfolded) == 0);
    CHECK(b.unfolded == 0);
    CHECK(b.push(3, 1, at_capacity::refuse).outcome == push_outcome::queued);
    CHECK(b.push(4, 1, at_capacity::refuse).outcome == push_outcome::full);
    b.retire();
    CHECK(b.drain() == numbers{3});
}

TEST_CASE("lock-free: a push beyond the capacity is admitted and says so") {
    letter_box b;
    CHECK_FALSE(b.push(1, 2).over);
    CHECK_FALSE(b.push(2, 2).over);
    push_result const over = b.push(3, 2);
    CHECK(over.outcome == push_outcome::queued);
    CHECK(over.over);
    CHECK(over.victim == nullptr);
    CHECK(b.drain() == numbers{1, 2, 3});
}

TEST_CASE("lock-free: nothing folds while nothing was begun") {
    letter_box b;
    b.push(1);
    b.push(2);
    CHECK(kernel::fold(b.box, b.unfolded) == 2);
    b.unfolded = 2;
    CHECK(kernel::fold(b.box, b.unfolded) == 0);
}

TEST_CASE("lock-free: a depth beyond what the word can count is full, loses nothing and is exact") {
    letter_box          b;
    std::uint32_t const many = inbox_word::depth_max + 3;
    for (std::uint32_t i = 0; i < many; ++i) b.push(i);
    CHECK(kernel::depth(b.box) == many);
    CHECK(b.push(many, kernel::capacity_max, at_capacity::refuse).outcome == push_outcome::full);
    bool          in_order = true;
    bool          exact = true;
    std::uint32_t next = 0;
    while (letter* const l = b.front()) {
        in_order = in_order && l->number == next++;
        ++b.unfolded;
        if (next < many - 5 && next % 3 != 0) {
            kernel::fold(b.box, b.unfolded);
            exact = exact && kernel::depth(b.box) == many - next;
        }
        b.retire();
    }
    CHECK(in_order);
    CHECK(exact);
    CHECK(next == many);
    CHECK(kernel::depth(b.box) == 0);
    CHECK(b.unfolded == 0);
    b.push(1);
    CHECK(kernel::depth(b.box) == 1);
}

TEST_CASE("lock-free: while more waits than the word can count, the word says that it is full") {
    letter_box          b;
    std::uint32_t const many = inbox_word::depth_max + 200;
    for (std::uint32_t i = 0; i < many; ++i) b.push(i);
    for (std::uint32_t taken = 1; taken <= 150; ++taken) {
        b.front();
        ++b.unfolded;
        if (kernel::fold(b.box, b.unfolded) != inbox_word::depth_max) FAIL("after " << taken);
        b.retire();
    }
    CHECK(b.push(many, 4, at_capacity::refuse).outcome == push_outcome::full);
    CHECK(kernel::depth(b.box) == many - 150);
    b.drain();
}

TEST_CASE("lock-free: claim takes the run right of an idle mailbox once, of a closed one never") {
    letter_box b;
    CHECK(kernel::claim(b.box));
    CHECK_FALSE(kernel::claim(b.box));
    CHECK(b.push(1).outcome == push_outcome::queued);
    CHECK_FALSE(kernel::claim(b.box));
    b.drain();
    CHECK(kernel::try_idle(b.box));
    CHECK(kernel::claim(b.box));
    kernel::close(b.box, b.head);
    CHECK_FALSE(kernel::claim(b.box));
}

TEST_CASE(
    "lock-free: closing gives back all that waits, the one in hand first, and refuses the rest") {
    letter_box b;
    for (std::uint32_t i = 1; i <= 3; ++i) b.push(i);
    CHECK(b.front()->number == 1);
    CHECK(letter_box::numbers_of(kernel::close(b.box, b.head)) == numbers{1, 2, 3});
    CHECK(b.head == nullptr);
    CHECK(b.push(4).outcome == push_outcome::closed);
    CHECK(kernel::depth(b.box) == 0);
}

TEST_CASE("lock-free: closing an empty mailbox gives back nothing, whether idle or not") {
    letter_box idle;
    CHECK(kernel::close(idle.box, idle.head) == nullptr);
    letter_box held{false};
    CHECK(kernel::close(held.box, held.head) == nullptr);
    letter_box unread;
    unread.push(1);
    CHECK(letter_box::numbers_of(kernel::close(unread.box, unread.head)) == numbers{1});
}

TEST_CASE("lock-free: a reopened mailbox is empty") {
    letter_box b;
    b.push(1);
    kernel::close(b.box, b.head);
    kernel::open(b.box, true);
    CHECK(kernel::depth(b.box) == 0);
    CHECK(b.push(2).outcome == push_outcome::started);
    CHECK(b.drain() == numbers{2});
}

TEST_CASE(
    "lock-free: a push that comes late bounces off a cell whose next actor has a locked mailbox") {
    letter_box b;
    kernel::close(b.box, b.head);
    b.incarnation.store(2, memory_order_relaxed);
    locked_kernel::open(b.box, true);
    CHECK(b.push(1).outcome == push_outcome::closed);
    CHECK(locked_kernel::depth(b.box) == 0);
    locked_kernel::claim(b.box);
    CHECK(b.push(2).outcome == push_outcome::closed);
}

/// The node's place in the queue is announced; its link is not there yet.
struct slow_linker {
    letter_box b;
    letter     slow;

    // What push() does up to the exchange; finish() does the rest.
    node* before = nullptr;
    void  begin() {
        std::uint64_t const old = b.box.word.load(memory_order_relaxed);
        before = inbox_word::last(old);
        b.box.word.store(inbox_word::bits(slow) | inbox_word::open |
                              (std::uint64_t{inbox_word::depth(old) + 1} << inbox_word::depth_at),
                          memory_order_release);
    }
    void finish() {
        if (before != nullptr) before->next.store(&slow, memory_order_release);
        else b.box.first.store(&slow, memory_order_release);
    }
};

/// Runs `waits` here while another thread links only after `waits` has begun.
template <class Waits>
auto with_slow_link(slow_linker& s, Waits waits) {
    std::atomic<bool> begun{false};
    std::thread       linker{[&] {
        while (!begun.load()) std::this_thread::yield();
        s.finish();
    }};
    begun.store(true);
    auto result = waits();
    linker.join();
    return result;
}

TEST_CASE("lock-free: the owner waits for the link of the first message") {
    slow_linker s;
    kernel::claim(s.b.box);
    s.begin();
    CHECK(with_slow_link(s, [&] { return s.b.front(); }) == &s.slow);
}

TEST_CASE(
    "lock-free: the owner does not free a message whose successor is announced but not linked") {
    slow_linker s;
    s.b.push(1);
    s.begin();
    REQUIRE(s.b.front()->number == 1);
    CHECK_FALSE(with_slow_link(s, [&] { return s.b.retire(true); }));
    CHECK(s.b.head == &s.slow);
}

TEST_CASE("lock-free: closing waits for the slowest link") {
    slow_linker s;
    s.slow.number = 9;
    s.b.push(1);
    s.begin();
    node* const chain = with_slow_link(s, [&] { return kernel::close(s.b.box, s.b.head); });
    CHECK(letter_box::numbers_of(chain) == numbers{1, 9});
}

}  // namespace test_lock_free_kernel
