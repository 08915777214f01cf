// SPDX-License-Identifier: BSL-1.0
#include "troupe/memory/gate.hpp"

#include "support/catch.hpp"

#include <atomic>
#include <thread>
#include <vector>

namespace test_gate {

using namespace troupe::detail;
using namespace std::chrono_literals;

core* some_core(int& place) { return reinterpret_cast<core*>(&place); }

TEST_CASE("a new gate is closed") {
    gate g;
    CHECK_FALSE(g.enter(0));
    CHECK_FALSE(g.enter(1));
}

TEST_CASE("an open gate lets in whoever names its system, and nobody else") {
    int  place = 0;
    gate g;
    g.open(7, some_core(place));
    CHECK_FALSE(g.enter(6));
    CHECK_FALSE(g.enter(8));
    REQUIRE(g.enter(7));
    CHECK(g.inside() == some_core(place));
    g.leave();
    CHECK(g.close(0ns));
    CHECK_FALSE(g.enter(7));
}

TEST_CASE("a gate does not close while somebody is inside, and lets nobody in meanwhile") {
    int  place = 0;
    gate g;
    g.open(7, some_core(place));
    REQUIRE(g.enter(7));
    REQUIRE(g.enter(7));
    CHECK_FALSE(g.close(0ns));
    CHECK_FALSE(g.enter(7));
    g.leave();
    CHECK_FALSE(g.close(0ns));
    g.leave();
    CHECK(g.close(0ns));
}

TEST_CASE("a gate that is used again keeps out who names the system before") {
    int  place = 0;
    gate g;
    g.open(7, some_core(place));
    CHECK(g.close(0ns));
    g.open(8, some_core(place));
    CHECK_FALSE(g.enter(7));
    CHECK(g.enter(8));
    g.leave();
    CHECK(g.close(0ns));
}

TEST_CASE("the largest serial fits beside the count") {
    int  place = 0;
    gate g;
    g.open(serial_max, some_core(place));
    CHECK(g.enter(serial_max));
    CHECK_FALSE(g.enter(serial_max - 1));
    g.leave();
    CHECK(g.close(0ns));
}

TEST_CASE("after a close that succeeded nobody is inside") {
    int              place = 0;
    gate             g;
    std::atomic<int> inside{0};
    std::atomic<int> late{0};
    for (std::uint64_t serial = 1; serial <= 50; ++serial) {
        std::atomic<bool> closed{false};
        g.open(serial, some_core(place));
        std::vector<std::thread> all;
        for (int t = 0; t < 3; ++t) {
            all.emplace_back([&] {
                while (g.enter(serial)) {
                    ++inside;
                    if (closed.load()) ++late;
                    --inside;
                    g.leave();
                }
            });
        }
        bool const did = g.close(troupe::duration::max());
        closed.store(true);
        CHECK(did);
        CHECK(inside.load() == 0);
        for (auto& thread : all) thread.join();
    }
    CHECK(late.load() == 0);
}

TEST_CASE("serials are never given twice, gates are used again") {
    root_token const token;
    gate_registry    registry;
    std::uint64_t    first = 0;
    std::uint64_t    second = 0;
    std::uint64_t    third = 0;
    gate* const      a = registry.take(first, token);
    gate* const      b = registry.take(second, token);
    CHECK(a != b);
    CHECK(first != second);
    registry.give(a, token);
    CHECK(registry.take(third, token) == a);
    CHECK(third != first);
    CHECK(third != second);
    {
        lock_guard const held{registry.mutex, token};
        registry.next_serial = serial_max + 1;
    }
    std::uint64_t none = 0;
    CHECK(registry.take(none, token) == nullptr);
    delete a;
    delete b;
}

}  // namespace test_gate
