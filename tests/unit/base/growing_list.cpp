// SPDX-License-Identifier: BSL-1.0
#include "troupe/base/growing_list.hpp"

#include "support/catch.hpp"

#include <cstddef>

namespace test_growing_list {

using namespace troupe::detail;

struct pair {
    int         left;
    std::size_t right;
};

TEST_CASE("a list grows, keeps what is in it, and can be filled again") {
    growing_list<pair> list;
    CHECK(list.size() == 0);
    CHECK(list.begin() == list.end());
    for (int i = 0; i < 1000; ++i) list.push_back({i, static_cast<std::size_t>(i) * 3});
    REQUIRE(list.size() == 1000);
    std::size_t sum = 0;
    for (pair const& p : list) sum += p.right;
    CHECK(sum == 3u * 999 * 1000 / 2);
    list[7].left = -1;
    CHECK(list[7].left == -1);
    list.clear();
    CHECK(list.size() == 0);
    CHECK(list.capacity() >= 1000);
}

TEST_CASE("what was reserved is there without growing") {
    growing_list<pair> list;
    list.reserve(10);
    CHECK(list.capacity() == 10);
    pair* const first = list.begin();
    for (int i = 0; i < 10; ++i) list.push_back({i, 0});
    CHECK(list.begin() == first);
    list.reserve(5);
    CHECK(list.capacity() == 10);
    CHECK(list[9].left == 9);
}

TEST_CASE("bytes are appended as they are") {
    growing_bytes bytes;
    bytes.append("", 0);
    CHECK(bytes.size() == 0);
    for (int i = 0; i < 100; ++i) bytes.append("abc", 3);
    REQUIRE(bytes.size() == 300);
    CHECK(bytes.begin()[299] == 'c');
}

}  // namespace test_growing_list
