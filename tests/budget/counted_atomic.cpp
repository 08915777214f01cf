// SPDX-License-Identifier: BSL-1.0
// The counting form of the atomics: what other budgets count with must count right.

#define TROUPE_COUNT_RMW 1
#include "troupe/sync/atomic.hpp"

#include "support/catch.hpp"

#include <cstdint>
#include <thread>

namespace test_counted_atomic {

using namespace troupe::detail;

template <class Operation>
std::uint64_t cost(Operation operation) {
    std::uint64_t const before = rmw_count;
    operation();
    return rmw_count - before;
}

// relaxed throughout: only the counting is looked at, and one thread uses the word.
TEST_CASE("loads and stores are not counted") {
    atomic<std::uint32_t> word{1};
    CHECK(cost([&] { word.store(2, memory_order_relaxed); }) == 0);
    CHECK(cost([&] { CHECK(word.load(memory_order_relaxed) == 2); }) == 0);
}

TEST_CASE("every read-modify-write is counted once and does what it says") {
    atomic<std::uint32_t> word{6};
    std::uint32_t         seen = 0;
    CHECK(cost([&] { seen = word.exchange(7, memory_order_relaxed); }) == 1);
    CHECK(seen == 6);
    CHECK(cost([&] { seen = word.fetch_add(3, memory_order_relaxed); }) == 1);
    CHECK(seen == 7);
    CHECK(cost([&] { seen = word.fetch_sub(2, memory_order_relaxed); }) == 1);
    CHECK(seen == 10);
    CHECK(cost([&] { seen = word.fetch_or(7, memory_order_relaxed); }) == 1);
    CHECK(seen == 8);
    CHECK(cost([&] { seen = word.fetch_and(3, memory_order_relaxed); }) == 1);
    CHECK(seen == 15);
    CHECK(word.load(memory_order_relaxed) == 3);
}

TEST_CASE("a compare-exchange is counted whether it succeeds or not") {
    atomic<std::uint32_t> word{1};
    std::uint32_t         expected = 5;
    CHECK(cost([&] {
              CHECK_FALSE(word.compare_exchange_strong(expected, 9, memory_order_relaxed,
                                                       memory_order_relaxed));
          }) == 1);
    CHECK(expected == 1);
    CHECK(cost([&] {
              CHECK(word.compare_exchange_strong(expected, 9, memory_order_relaxed,
                                                 memory_order_relaxed));
          }) == 1);
    CHECK(word.load(memory_order_relaxed) == 9);
    expected = 0;
    CHECK(cost([&] {
              CHECK_FALSE(word.compare_exchange_weak(expected, 2, memory_order_relaxed,
                                                     memory_order_relaxed));
          }) == 1);
}

TEST_CASE("each thread counts its own") {
    atomic<std::uint32_t> word{0};
    std::uint64_t         of_the_other = 0;
    std::uint64_t const   mine = cost([&] {
        std::thread other{[&] {
            of_the_other = cost([&] {
                for (int i = 0; i < 5; ++i) word.fetch_add(1, memory_order_relaxed);
            });
        }};
        other.join();
    });
    CHECK(mine == 0);
    CHECK(of_the_other == 5);
}

TEST_CASE("pointers are counted too and nothing grows") {
    STATIC_REQUIRE(sizeof(atomic<void*>) == sizeof(void*));
    int          a = 0;
    atomic<int*> word{nullptr};
    CHECK(cost([&] { CHECK(word.exchange(&a, memory_order_relaxed) == nullptr); }) == 1);
    CHECK(word.load(memory_order_relaxed) == &a);
}

}  // namespace test_counted_atomic
