// SPDX-License-Identifier: BSL-1.0
#include "troupe/meta/initialization.hpp"

#include "support/catch.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace test_initialization {

using troupe::detail::destroyed_without_throwing;
using troupe::detail::arguments_narrow;
using troupe::detail::initializable_from;
using troupe::detail::twice_destroyed_when_awaited;
using troupe::detail::unsafe_in_place_argument;

struct deposit {
    std::int64_t cents;
};
struct small {
    std::uint8_t value;
};
struct named {
    std::string name;
    int         age;
};
class account {
public:
    explicit account(int) {}
    account(char const*, double) {}

private:
    explicit account(void*) {}
};
struct many {
    std::vector<int> values;
};

TEST_CASE("aggregates and classes are built with parentheses") {
    STATIC_REQUIRE(initializable_from<deposit, int>);
    STATIC_REQUIRE(initializable_from<deposit>);
    STATIC_REQUIRE(initializable_from<named, char const*, int>);
    STATIC_REQUIRE(initializable_from<named, char const*>);
    STATIC_REQUIRE(initializable_from<account, int>);
    STATIC_REQUIRE(initializable_from<account, char const*, double>);
    STATIC_REQUIRE(initializable_from<many, std::vector<int>>);
    STATIC_REQUIRE_FALSE(initializable_from<account>);
    STATIC_REQUIRE_FALSE(initializable_from<account, std::string>);
    STATIC_REQUIRE_FALSE(initializable_from<deposit, int, int>);
}

TEST_CASE("building is never a cast") {
    STATIC_REQUIRE_FALSE(initializable_from<long, char const*>);
    STATIC_REQUIRE_FALSE(initializable_from<int*, long>);
    STATIC_REQUIRE_FALSE(initializable_from<char*, char const*>);
    STATIC_REQUIRE_FALSE(initializable_from<account, void*>);
}

TEST_CASE("an argument that loses information narrows") {
    STATIC_REQUIRE(arguments_narrow<small, int>);
    STATIC_REQUIRE(arguments_narrow<deposit, double>);
    STATIC_REQUIRE(arguments_narrow<named, char const*, long>);
    STATIC_REQUIRE(arguments_narrow<int, long>);
}

TEST_CASE("an argument that fits does not narrow") {
    STATIC_REQUIRE_FALSE(arguments_narrow<deposit, int>);
    STATIC_REQUIRE_FALSE(arguments_narrow<deposit, std::int64_t const&>);
    STATIC_REQUIRE_FALSE(arguments_narrow<small, std::uint8_t>);
    STATIC_REQUIRE_FALSE(arguments_narrow<named, char const*, int>);
    STATIC_REQUIRE_FALSE(arguments_narrow<account, std::string>);  // not buildable at all
}

TEST_CASE("what GCC 12 destroys twice is known by its type") {
    constexpr bool broken = TROUPE_HAS_AGGREGATE_AWAIT_BUG == 1;
    STATIC_REQUIRE(twice_destroyed_when_awaited<named> == broken);
    STATIC_REQUIRE(unsafe_in_place_argument<named> == broken);
    STATIC_REQUIRE(unsafe_in_place_argument<named&&> == broken);
    STATIC_REQUIRE_FALSE(unsafe_in_place_argument<named const&>);
    STATIC_REQUIRE_FALSE(unsafe_in_place_argument<deposit>);
    STATIC_REQUIRE_FALSE(unsafe_in_place_argument<std::string>);
}

struct loud {
    ~loud() noexcept(false) {}
};
class hidden {
    ~hidden() = default;
};

TEST_CASE("a destructor that may throw, or may not be called, is known") {
    STATIC_REQUIRE(destroyed_without_throwing<deposit>);
    STATIC_REQUIRE(destroyed_without_throwing<std::string>);
    STATIC_REQUIRE(destroyed_without_throwing<int>);
    STATIC_REQUIRE_FALSE(destroyed_without_throwing<loud>);
    STATIC_REQUIRE_FALSE(destroyed_without_throwing<hidden>);
}

}  // namespace test_initialization
