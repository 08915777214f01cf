// SPDX-License-Identifier: BSL-1.0
#include "troupe/os/thread.hpp"

#include "support/catch.hpp"

#include <atomic>
#include <latch>
#include <set>
#include <thread>
#include <type_traits>
#include <utility>

namespace test_thread {

using namespace troupe::detail;

TEST_CASE("a thread runs its function with its argument, and join waits for it") {
    int       plain = 0;  // ordered by start and join alone
    os_thread t;
    CHECK_FALSE(t.running());
    REQUIRE(t.start([](void* p) noexcept { *static_cast<int*>(p) += 5; }, &plain));
    CHECK(t.running());
    t.join();
    CHECK_FALSE(t.running());
    CHECK(plain == 5);
    // The same object may start another.
    REQUIRE(t.start([](void* p) noexcept { *static_cast<int*>(p) *= 2; }, &plain));
    t.join();
    CHECK(plain == 10);
}

TEST_CASE("a thread that was moved is joined where it is now") {
    int       plain = 0;
    os_thread first;
    REQUIRE(first.start([](void* p) noexcept { *static_cast<int*>(p) = 1; }, &plain));
    os_thread second{std::move(first)};
    CHECK_FALSE(first.running());  // NOLINT: what is left of it is said
    CHECK(second.running());
    second.join();
    CHECK(plain == 1);
    STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<os_thread>);
    STATIC_REQUIRE_FALSE(std::is_move_assignable_v<os_thread>);
}

TEST_CASE("a thread that was let go goes on without its object") {
    // Shared with a thread that nobody joins: static.
    static std::latch       open{1};
    static std::atomic<int> ended{0};
    {
        os_thread t;
        REQUIRE(t.start(
            [](void*) noexcept {
                open.wait();
                ended.store(1);
            },
            nullptr));
        t.let_go();
        CHECK_FALSE(t.running());
    }
    open.count_down();
    while (ended.load() == 0) std::this_thread::yield();
}

TEST_CASE("a thread has one number, and no other living thread has it") {
    constexpr int  count = 8;
    std::latch     all_are_there{count};
    std::uintptr_t first[count] = {};
    std::uintptr_t again[count] = {};
    {
        std::thread threads[count];
        for (int i = 0; i < count; ++i) {
            threads[i] = std::thread{[&, i] {
                first[i] = this_thread_number();
                all_are_there.arrive_and_wait();
                again[i] = this_thread_number();
            }};
        }
        for (std::thread& t : threads) t.join();
    }
    std::set<std::uintptr_t> different{this_thread_number()};
    for (int i = 0; i < count; ++i) {
        CHECK(first[i] == again[i]);
        different.insert(first[i]);
    }
    CHECK(different.size() == count + 1);
    CHECK(different.count(0) == 0);
}

}  // namespace test_thread
