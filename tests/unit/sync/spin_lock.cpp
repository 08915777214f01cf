// SPDX-License-Identifier: BSL-1.0
#include "troupe/sync/spin_lock.hpp"

#include "support/catch.hpp"

#include <thread>
#include <vector>

namespace test_spin_lock {

using namespace troupe::detail;

TEST_CASE("a spin lock fits where a mutex does not") { STATIC_REQUIRE(sizeof(spin_lock) == 4); }

TEST_CASE("a spin lock lets one thread in at a time, and who enters sees what the last one did") {
    constexpr int threads = 4;
    constexpr int rounds = 20'000;
    spin_lock     lock;
    long          sum = 0;  // plain: the lock alone guards it
    bool          inside = false;
    bool          met = false;

    std::vector<std::thread> all;
    for (int i = 0; i < threads; ++i) {
        all.emplace_back([&] {
            for (int k = 0; k < rounds; ++k) {
                spin_guard held{lock};
                met = met || inside;
                inside = true;
                ++sum;
                inside = false;
            }
        });
    }
    for (auto& thread : all) thread.join();
    CHECK(sum == long{threads} * rounds);
    CHECK_FALSE(met);
}

}  // namespace test_spin_lock
