// SPDX-License-Identifier: BSL-1.0
#include "troupe/mailbox/policies.hpp"

#include "support/catch.hpp"

#include <type_traits>

namespace test_policies {

using namespace troupe::detail;
using troupe::bounded_mailbox;
using troupe::unbounded_mailbox;
namespace overflow = troupe::overflow;

TEST_CASE("a bounded mailbox blocks unless another overflow is named") {
    STATIC_REQUIRE(std::is_same_v<bounded_mailbox<8>, bounded_mailbox<8, overflow::block>>);
    STATIC_REQUIRE(mailbox_blocks<bounded_mailbox<8>>);
    STATIC_REQUIRE_FALSE(mailbox_blocks<bounded_mailbox<8, overflow::fail>>);
    STATIC_REQUIRE_FALSE(mailbox_blocks<unbounded_mailbox>);
}

TEST_CASE("only fail refuses") {
    STATIC_REQUIRE(mailbox_refuses<bounded_mailbox<8, overflow::fail>>);
    STATIC_REQUIRE_FALSE(mailbox_refuses<bounded_mailbox<8>>);
    STATIC_REQUIRE_FALSE(mailbox_refuses<bounded_mailbox<8, overflow::drop_newest>>);
    STATIC_REQUIRE_FALSE(mailbox_refuses<bounded_mailbox<8, overflow::drop_oldest>>);
    STATIC_REQUIRE_FALSE(mailbox_refuses<unbounded_mailbox>);
}

TEST_CASE("the low-water mark is half the capacity, and zero for a capacity of one") {
    STATIC_REQUIRE(bounded_mailbox<1>::low_water == 0);
    STATIC_REQUIRE(bounded_mailbox<2>::low_water == 1);
    STATIC_REQUIRE(bounded_mailbox<3>::low_water == 1);
    STATIC_REQUIRE(bounded_mailbox<1024>::low_water == 512);
}

TEST_CASE(
    "a bound that the word cannot count, or a policy that takes messages out, means the lock") {
    constexpr std::size_t most = lock_free_kernel::capacity_max;
    STATIC_REQUIRE(std::is_same_v<kernel_of<bounded_mailbox<most>>, lock_free_kernel>);
    STATIC_REQUIRE(std::is_same_v<kernel_of<bounded_mailbox<most + 1>>, locked_kernel>);
    STATIC_REQUIRE(
        std::is_same_v<kernel_of<bounded_mailbox<8, overflow::drop_oldest>>, locked_kernel>);
    STATIC_REQUIRE(
        std::is_same_v<kernel_of<bounded_mailbox<8, overflow::drop_newest>>, lock_free_kernel>);
    STATIC_REQUIRE(std::is_same_v<kernel_of<unbounded_mailbox>, lock_free_kernel>);
}

TEST_CASE("a small mailbox is folded at every message, a large one every 64") {
    STATIC_REQUIRE(fold_interval<bounded_mailbox<1>> == 1);
    STATIC_REQUIRE(fold_interval<bounded_mailbox<8>> == 1);
    STATIC_REQUIRE(fold_interval<bounded_mailbox<64>> == 8);
    STATIC_REQUIRE(fold_interval<bounded_mailbox<1024>> == 64);
    STATIC_REQUIRE(fold_interval<unbounded_mailbox> == 64);
}

}  // namespace test_policies
