// SPDX-License-Identifier: BSL-1.0
#include "troupe/base/fixed_list.hpp"

#include "support/catch.hpp"

#include <cstdint>

namespace test_fixed_list {

using troupe::detail::fixed_list;

struct alignas(64) fixed {  // neither copied nor moved
    fixed(int& alive_, int value_) : alive(alive_), value(value_) { ++alive; }
    fixed(fixed const&) = delete;
    ~fixed() { --alive; }
    int& alive;
    int  value;
};

TEST_CASE("a fixed list holds what was put into it, in order") {
    fixed_list<unsigned> list{3};
    CHECK(list.empty());
    list.push_back(5);
    list.push_back(6);
    list.push_back(7);
    CHECK(list.size() == 3);
    CHECK(list.back() == 7);
    unsigned sum = 0;
    for (unsigned const n : list) sum = sum * 10 + n;
    CHECK(sum == 567);
    list.pop_back();
    CHECK(list.back() == 6);
    list[0] = 1;
    CHECK(list[0] == 1);
    CHECK(list.size() == 2);
}

TEST_CASE("elements of a fixed list stay where they are and end with it") {
    int alive = 0;
    {
        fixed_list<fixed> list{2};
        fixed&            first = list.emplace_back(alive, 1);
        list.emplace_back(alive, 2);
        CHECK(&first == &list[0]);
        CHECK(reinterpret_cast<std::uintptr_t>(&list[1]) % 64 == 0);
        CHECK(list[1].value == 2);
        CHECK(alive == 2);
    }
    CHECK(alive == 0);
}

TEST_CASE("a fixed list may have no room at all") {
    fixed_list<int> list{0};
    CHECK(list.empty());
    CHECK(list.begin() == list.end());
}

}  // namespace test_fixed_list
