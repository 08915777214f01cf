// SPDX-License-Identifier: BSL-1.0
#include "troupe/schedule/ready_ring.hpp"

#include "support/catch.hpp"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace test_ready_ring {

using namespace troupe::detail;

TEST_CASE("a ring is first in, first out for its owner and full at its capacity") {
    ready_ring<4> ring;
    runnable      r[5];
    CHECK(ring.pop() == nullptr);
    for (int i = 0; i < 4; ++i) CHECK(ring.push(r[i]));
    CHECK_FALSE(ring.push(r[4]));
    CHECK(ring.size() == 4);
    CHECK(ring.pop() == &r[0]);
    CHECK(ring.push(r[4]));
    for (int i = 1; i < 5; ++i) CHECK(ring.pop() == &r[i]);
    CHECK(ring.pop() == nullptr);
    CHECK(ring.empty());
}

TEST_CASE("a thief takes half, rounded up, and gets the last of it to run") {
    for (int count : {1, 2, 3, 4, 7, 8}) {
        ready_ring<8> ring;
        ready_ring<8> mine;
        runnable      r[8];
        for (int i = 0; i < count; ++i) ring.push(r[i]);
        int const stolen = count - count / 2;
        CHECK(ring.steal(mine) == &r[stolen - 1]);
        CHECK(mine.size() == static_cast<std::uint32_t>(stolen - 1));
        CHECK(ring.size() == static_cast<std::uint32_t>(count - stolen));
        for (int i = 0; i < stolen - 1; ++i) CHECK(mine.pop() == &r[i]);
        for (int i = stolen; i < count; ++i) CHECK(ring.pop() == &r[i]);
    }
}

TEST_CASE("a thief finds nothing in an empty ring") {
    ready_ring<4> ring;
    ready_ring<4> mine;
    CHECK(ring.steal(mine) == nullptr);
    CHECK(mine.empty());
}

TEST_CASE("each entry of a ring goes to the owner or to one thief") {
    constexpr std::size_t count = 40'000;
    struct entry : runnable {
        std::atomic<int> taken{0};
    };
    auto const        entries = std::make_unique<entry[]>(count);
    ready_ring<64>    ring;
    std::atomic<bool> done{false};
    auto const        take = [](runnable* r) { ++static_cast<entry*>(r)->taken; };

    std::vector<std::thread> thieves;
    for (int t = 0; t < 2; ++t) {
        thieves.emplace_back([&] {
            ready_ring<64> mine;
            while (!done.load() || !ring.empty()) {
                if (runnable* const r = ring.steal(mine)) take(r);
                else std::this_thread::yield();
                while (runnable* const r = mine.pop()) take(r);
            }
        });
    }
    for (std::size_t i = 0; i < count; ++i) {
        while (!ring.push(entries[i])) {
            if (runnable* const r = ring.pop()) take(r);
        }
    }
    while (runnable* const r = ring.pop()) take(r);
    done.store(true);
    for (auto& thief : thieves) thief.join();
    int wrong = 0;
    for (std::size_t i = 0; i < count; ++i) wrong += entries[i].taken.load() != 1;
    CHECK(wrong == 0);
}

}  // namespace test_ready_ring
