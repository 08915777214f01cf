// SPDX-License-Identifier: BSL-1.0
#include "troupe/testing/conformance/crew.hpp"

#include "support/catch.hpp"

#include <atomic>
#include <thread>

namespace test_conformance_crew {

TEST_CASE("a crew is several threads at once, each with its number, and all are back afterwards") {
    std::atomic<unsigned> numbers{0};
    std::atomic<unsigned> inside{0};
    std::thread::id const here = std::this_thread::get_id();
    std::atomic<bool>     elsewhere{true};
    troupe::detail::on_threads(4, [&](unsigned me) noexcept {
        numbers |= 1u << me;
        if (std::this_thread::get_id() == here) elsewhere = false;
        ++inside;
        while (inside < 4) std::this_thread::yield();  // all four are inside together
    });
    CHECK(numbers == 15);
    CHECK(elsewhere);
    CHECK(inside == 4);
    troupe::detail::on_threads(0, [&](unsigned) noexcept { ++inside; });
    CHECK(inside == 4);
}

}  // namespace test_conformance_crew
