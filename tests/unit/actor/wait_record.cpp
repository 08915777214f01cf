// SPDX-License-Identifier: BSL-1.0
#include "troupe/actor/wait_record.hpp"

#include "support/catch.hpp"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <vector>

namespace test_wait_record {

using namespace troupe::detail;

ranked_mutex<rank::waiting> of_a_system;

struct queue_of_eight {
    wait_record  records[8];
    wait_record* last = nullptr;  // as in a cell
    wait_queue   queue{last};

    void push_all() TROUPE_REQUIRES(rank::waiting::lock) {
        for (wait_record& r : records) queue.push(r);
    }
    std::vector<int> drain() TROUPE_REQUIRES(rank::waiting::lock) {
        std::vector<int> numbers;
        while (wait_record* const r = queue.pop()) {
            numbers.push_back(static_cast<int>(r - records));
        }
        return numbers;
    }
};

TEST_CASE("a queue of waiters is first in, first out, and one pointer long") {
    lock_guard const held{of_a_system, root_token{}};
    queue_of_eight   q;
    CHECK(q.queue.empty());
    CHECK(q.queue.pop() == nullptr);
    q.push_all();
    CHECK_FALSE(q.queue.empty());
    CHECK(q.drain() == std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7});
    CHECK(q.last == nullptr);
    q.queue.push(q.records[3]);  // again, after it was empty
    q.queue.push(q.records[1]);
    CHECK(q.drain() == std::vector<int>{3, 1});
}

TEST_CASE("a waiter leaves the queue wherever it stands; the others keep their order") {
    lock_guard const held{of_a_system, root_token{}};
    for (int left = 0; left < 8; ++left) {
        queue_of_eight q;
        q.push_all();
        q.queue.remove(q.records[left]);
        q.queue.remove(q.records[left]);  // it is not there any more: nothing happens
        std::vector<int> expected{0, 1, 2, 3, 4, 5, 6, 7};
        expected.erase(expected.begin() + left);
        CHECK(q.drain() == expected);
    }
}

TEST_CASE("the last and only waiter leaves an empty queue") {
    lock_guard const held{of_a_system, root_token{}};
    queue_of_eight   q;
    q.queue.remove(q.records[0]);  // nobody is there
    CHECK(q.queue.empty());
    q.queue.push(q.records[0]);
    q.queue.remove(q.records[1]);  // not this one
    CHECK_FALSE(q.queue.empty());
    q.queue.remove(q.records[0]);
    CHECK(q.queue.empty());
    q.queue.push(q.records[2]);
    CHECK(q.drain() == std::vector<int>{2});
}

TEST_CASE("whoever comes after the last one has left stands behind the others") {
    lock_guard const held{of_a_system, root_token{}};
    queue_of_eight   q;
    for (int i = 0; i < 3; ++i) q.queue.push(q.records[i]);
    q.queue.remove(q.records[2]);
    q.queue.push(q.records[5]);
    CHECK(q.drain() == std::vector<int>{0, 1, 5});
}

TEST_CASE("waiters come, leave and are let in as in a list") {
    lock_guard const         held{of_a_system, root_token{}};
    queue_of_eight           q;
    std::deque<wait_record*> expected;
    std::uint32_t            dice = 1;
    for (int step = 0; step < 5000; ++step) {
        dice = dice * 1664525u + 1013904223u;
        wait_record& r = q.records[(dice >> 16) % 8];
        auto const   at = std::find(expected.begin(), expected.end(), &r);
        if ((dice >> 24) % 4 == 0) {
            wait_record* const first = expected.empty() ? nullptr : expected.front();
            if (first != nullptr) expected.pop_front();
            if (q.queue.pop() != first) FAIL("another one was first in step " << step);
        } else if (at != expected.end()) {
            expected.erase(at);
            q.queue.remove(r);
        } else {
            expected.push_back(&r);
            q.queue.push(r);
        }
        if (q.queue.empty() != expected.empty()) FAIL("wrong in step " << step);
    }
    for (wait_record* const r : expected) CHECK(q.queue.pop() == r);
    CHECK(q.queue.empty());
}

TEST_CASE("a new record waits for nobody and holds nothing") {
    wait_record const r;
    CHECK(r.state.load() == wait_record::phase::noted);
    CHECK(r.target == nullptr);
    CHECK(r.waiter == nullptr);
    CHECK(r.thread == nullptr);
    CHECK(r.held == nullptr);
}

}  // namespace test_wait_record
