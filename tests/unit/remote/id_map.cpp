// SPDX-License-Identifier: BSL-1.0
#include "troupe/remote/id_map.hpp"

#include <memory>
#include <vector>

#include "support/catch.hpp"

namespace test_id_map {

struct thing {
    std::uint64_t id = 0;
    thing*        next = nullptr;
};

TEST_CASE("things are found by their number while the table grows, and gone when they were taken") {
    troupe::detail::id_map<thing>       map;
    std::vector<std::unique_ptr<thing>> all;
    // Numbers as asks have them: a channel above, a count below.
    for (std::uint64_t i = 0; i < 10'000; ++i) {
        all.push_back(std::make_unique<thing>());
        all.back()->id = (i % 7) << 32 | i;
        map.add(*all.back());
        REQUIRE(map.size() == i + 1);
    }
    for (auto const& t : all) REQUIRE(map.find(t->id) == t.get());
    CHECK(map.find(~std::uint64_t{0}) == nullptr);
    for (std::size_t i = 0; i < all.size(); i += 2) REQUIRE(map.take(all[i]->id) == all[i].get());
    CHECK(map.take(all[0]->id) == nullptr);
    CHECK(map.size() == 5'000);
    std::size_t given = 0;
    map.take_if([](thing const& t) { return t.id >> 32 == 3; }, [&](thing&) { ++given; });
    std::size_t left = 0;
    map.for_each([&](thing& t) {
        ++left;
        REQUIRE(t.id >> 32 != 3);
    });
    CHECK(given + left == 5'000);
    CHECK(map.size() == left);
}

TEST_CASE("two of one number are both there: the newer one is found first") {
    troupe::detail::id_map<thing> map;
    thing                         a{5}, b{5};
    map.add(a);
    map.add(b);
    CHECK(map.take(5) == &b);
    CHECK(map.take(5) == &a);
    CHECK(map.take(5) == nullptr);
}

}  // namespace test_id_map
