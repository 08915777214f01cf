// SPDX-License-Identifier: BSL-1.0
#include "troupe/schedule/private_slot.hpp"

#include "support/catch.hpp"

#include <atomic>
#include <memory>
#include <thread>

namespace test_private_slot {

using namespace troupe::detail;

TEST_CASE("the slot holds one actor and gives back what it displaces") {
    private_slot slot;
    slot.prepare(register_heavy_barrier());
    runnable a, b;
    CHECK(slot.empty());
    CHECK(slot.exchange(&a) == nullptr);
    CHECK_FALSE(slot.empty());
    CHECK(slot.exchange(&b) == &a);
    CHECK(slot.exchange(nullptr) == &b);
    CHECK(slot.exchange(nullptr) == nullptr);
}

TEST_CASE("a thief empties the slot once") {
    private_slot slot;
    slot.prepare(register_heavy_barrier());
    runnable a;
    CHECK(slot.steal() == nullptr);
    slot.exchange(&a);
    CHECK(slot.steal() == &a);
    CHECK(slot.steal() == nullptr);
    CHECK(slot.exchange(nullptr) == nullptr);
}

void check_owner_and_thief(bool asymmetric) {
    constexpr std::size_t count = 20'000;
    struct entry : runnable {
        std::atomic<int> taken{0};
    };
    auto const   entries = std::make_unique<entry[]>(count);
    private_slot slot;
    slot.prepare(asymmetric);
    std::atomic<bool> done{false};
    std::thread       thief{[&] {
        while (!done.load()) {
            if (runnable* const r = slot.steal()) ++static_cast<entry*>(r)->taken;
            else std::this_thread::yield();
        }
    }};
    for (std::size_t i = 0; i < count; ++i) {
        if (runnable* const r = slot.exchange(&entries[i])) ++static_cast<entry*>(r)->taken;
    }
    if (runnable* const r = slot.exchange(nullptr)) ++static_cast<entry*>(r)->taken;
    done.store(true);
    thief.join();
    int wrong = 0;
    for (std::size_t i = 0; i < count; ++i) wrong += entries[i].taken.load() != 1;
    CHECK(wrong == 0);
}

TEST_CASE("each actor of a slot goes to the owner or to the thief, by the system's barrier") {
    check_owner_and_thief(register_heavy_barrier());
}
TEST_CASE("each actor of a slot goes to the owner or to the thief, by barriers of both sides") {
    check_owner_and_thief(false);
}

}  // namespace test_private_slot
