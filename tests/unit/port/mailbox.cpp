// SPDX-License-Identifier: BSL-1.0
#include "troupe/port/mailbox.hpp"

#include "support/catch.hpp"

#include <cstddef>

namespace test_port_mailbox {

using troupe::mailbox;

struct whole {
    static constexpr std::uint32_t capacity = 8;
    static constexpr std::uint32_t low_water = 2;
    using overflow_type = troupe::overflow::drop_oldest;
};
struct of_other_numbers : whole {
    static constexpr std::size_t capacity = 8;
    static constexpr int         low_water = 0;
};
struct endless : whole {
    static constexpr std::uint32_t capacity = troupe::detail::no_capacity;
};
struct takes_nothing : whole {
    static constexpr std::uint32_t capacity = 0;
};
struct too_large : whole {
    static constexpr std::uint64_t capacity = std::uint64_t{1} << 32;
};
struct never_lets_go : whole {
    static constexpr std::uint32_t low_water = 8;
};
struct negative : whole {
    static constexpr int low_water = -1;
};
struct another_overflow : whole {
    struct overflow_type {};
};
struct no_overflow {
    static constexpr std::uint32_t capacity = 8;
    static constexpr std::uint32_t low_water = 2;
};

TEST_CASE("a mailbox has a capacity, a low water below it, and one of four overflows") {
    STATIC_REQUIRE(mailbox<whole>);
    STATIC_REQUIRE(mailbox<of_other_numbers>);
    STATIC_REQUIRE(mailbox<endless>);
    STATIC_REQUIRE(troupe::explain_mailbox<whole>());
    STATIC_REQUIRE_FALSE(mailbox<int>);
    STATIC_REQUIRE_FALSE(mailbox<takes_nothing>);
    STATIC_REQUIRE_FALSE(mailbox<too_large>);
    STATIC_REQUIRE_FALSE(mailbox<never_lets_go>);
    STATIC_REQUIRE_FALSE(mailbox<negative>);
    STATIC_REQUIRE_FALSE(mailbox<another_overflow>);
    STATIC_REQUIRE_FALSE(mailbox<no_overflow>);
}

}  // namespace test_port_mailbox
