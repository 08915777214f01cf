// SPDX-License-Identifier: BSL-1.0
#include "troupe/port/pool.hpp"

#include "support/catch.hpp"

namespace test_pool {

struct whole {
    static constexpr std::size_t chains_kept = 4;
    void*                        acquire(std::size_t) noexcept { return nullptr; }
    void                         release(void*, std::size_t) noexcept {}
};
struct no_acquire {
    static constexpr std::size_t chains_kept = 4;
    void                         release(void*, std::size_t) noexcept {}
};
struct throwing_acquire : whole {
    void* acquire(std::size_t) { return nullptr; }
};
struct no_release {
    static constexpr std::size_t chains_kept = 4;
    void*                        acquire(std::size_t) noexcept { return nullptr; }
};
struct no_retention {
    void* acquire(std::size_t) noexcept { return nullptr; }
    void  release(void*, std::size_t) noexcept {}
};
struct needs_argument : whole {
    explicit needs_argument(int) {}
};

TEST_CASE("a pool acquires, releases, says what is kept and is made without arguments") {
    STATIC_REQUIRE(troupe::pool<whole>);
    STATIC_REQUIRE(troupe::explain_pool<whole>());
    STATIC_REQUIRE_FALSE(troupe::pool<no_acquire>);
    STATIC_REQUIRE_FALSE(troupe::pool<throwing_acquire>);
    STATIC_REQUIRE_FALSE(troupe::pool<no_release>);
    STATIC_REQUIRE_FALSE(troupe::pool<no_retention>);
    STATIC_REQUIRE_FALSE(troupe::pool<needs_argument>);
}

}  // namespace test_pool
