// SPDX-License-Identifier: BSL-1.0
#include "troupe/sync/counter.hpp"

#include "support/catch.hpp"

#include <cstdint>
#include <thread>

namespace test_counter {

using namespace troupe::detail;

TEST_CASE("a counter starts at zero and adds") {
    owned_counter counter;
    CHECK(counter.get() == 0);
    counter.add(3);
    counter.add(4);
    CHECK(counter.get() == 7);
    CHECK(counter.seen() == 7);
}

TEST_CASE("readers see a counter grow while its owner adds, and all of it afterwards") {
    constexpr std::uint64_t rounds = 100'000;
    owned_counter           counter;
    std::thread             owner{[&] {
        for (std::uint64_t i = 0; i < rounds; ++i) counter.add(2);
    }};
    std::uint64_t           last = 0;
    bool                    shrank = false;
    while (last < rounds) {
        std::uint64_t const now = counter.get();
        shrank = shrank || now < last || now % 2 != 0;
        last = now;
    }
    owner.join();
    CHECK_FALSE(shrank);
    CHECK(counter.get() == 2 * rounds);
}

}  // namespace test_counter
