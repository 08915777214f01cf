// SPDX-License-Identifier: BSL-1.0
#include "troupe/sync/spin.hpp"

#include "support/catch.hpp"

#include <atomic>
#include <thread>

namespace test_spin {

using namespace troupe::detail;

// Where there are more threads than processors, one that spins must let the other one run.
TEST_CASE("threads that wait for each other with a backoff get on") {
    std::atomic<int> turn{0};
    auto const       play = [&turn](int me) {
        for (int i = 0; i < 200; ++i) {
            backoff wait;
            while (turn.load(std::memory_order_acquire) % 4 != me) wait.pause();
            turn.fetch_add(1, std::memory_order_release);
        }
    };
    std::thread others[3];
    for (int i = 0; i < 3; ++i) others[i] = std::thread{play, i + 1};
    play(0);
    for (std::thread& t : others) t.join();
    CHECK(turn.load() == 4 * 200);
}

TEST_CASE("a backoff may be asked for as often as one likes") {
    backoff wait;
    for (int i = 0; i < 1000; ++i) wait.pause();
    cpu_relax();
    STATIC_REQUIRE(noexcept(wait.pause()));
}

}  // namespace test_spin
