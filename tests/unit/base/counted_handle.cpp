// SPDX-License-Identifier: BSL-1.0
#include "troupe/base/counted_handle.hpp"

#include "support/catch.hpp"

#include <type_traits>
#include <utility>

namespace test_counted_handle {

using troupe::detail::counted_handle;

struct thing {
    int holders = 0;
};
constexpr counted_handle::operations counted = {
    [](void* t) noexcept { ++static_cast<thing*>(t)->holders; },
    [](void* t) noexcept { --static_cast<thing*>(t)->holders; }};

/// A template: clang 16 gets some assignments wrong there.
template <class Handle>
void forget(Handle& h) {
    h = {};
}

TEST_CASE("each copy of a handle counts once, and nothing is counted of nothing") {
    thing a;
    thing b;
    {
        counted_handle first{&a, counted};
        CHECK(first.get() == &a);
        CHECK(a.holders == 1);
        counted_handle copy = first;
        CHECK(a.holders == 2);
        counted_handle const moved = std::move(copy);
        CHECK(moved.get() == &a);
        CHECK(copy.get() == nullptr);
        CHECK(a.holders == 2);
        counted_handle other{&b, counted};
        other = first;
        CHECK(a.holders == 3);
        CHECK(b.holders == 0);
        counted_handle& same = first;
        first = same;
        CHECK(a.holders == 3);
        forget(first);
        CHECK(a.holders == 2);
        counted_handle const nothing{nullptr, counted};
        CHECK(counted_handle{nothing}.get() == nullptr);
    }
    CHECK(a.holders == 0);
    STATIC_REQUIRE(std::is_nothrow_copy_constructible_v<counted_handle>);
    STATIC_REQUIRE(std::is_nothrow_copy_assignable_v<counted_handle>);
    STATIC_REQUIRE(std::is_nothrow_move_assignable_v<counted_handle>);
}

}  // namespace test_counted_handle
