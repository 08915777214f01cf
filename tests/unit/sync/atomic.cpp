// SPDX-License-Identifier: BSL-1.0
#include "troupe/sync/atomic.hpp"

#include "support/catch.hpp"

#include <cstdint>
#include <thread>

namespace test_atomic {

using namespace troupe::detail;

TEST_CASE("plain data holds what was written") {
    plain<int> number;
    CHECK(number.read() == 0);
    number.write(7);
    CHECK(number.read() == 7);
    CHECK(plain<char const*>{"text"}.read()[0] == 't');
}

TEST_CASE("plain data costs what its value costs") {
    STATIC_REQUIRE(sizeof(plain<std::uint32_t>) == sizeof(std::uint32_t));
    STATIC_REQUIRE(sizeof(atomic<std::uint64_t>) == sizeof(std::uint64_t));
    STATIC_REQUIRE(sizeof(atomic<void*>) == sizeof(void*));
}

TEST_CASE("plain data is handed over by an atomic") {
    plain<int>  data;
    atomic<int> ready{0};
    std::thread writer{[&] {
        data.write(42);
        // release: pairs with the acquire below
        ready.store(1, memory_order_release);
    }};
    // acquire: pairs with the release above
    while (ready.load(memory_order_acquire) == 0) std::this_thread::yield();
    CHECK(data.read() == 42);
    writer.join();
}

}  // namespace test_atomic
