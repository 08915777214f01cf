// SPDX-License-Identifier: BSL-1.0
#include "troupe/schedule/runnable.hpp"

#include "support/catch.hpp"

namespace test_runnable {

using namespace troupe::detail;

TEST_CASE("a ready list is first in, first out") {
    ready_list list;
    runnable   a, b, c;
    CHECK(list.empty());
    CHECK(list.pop() == nullptr);
    list.push(a);
    list.push(b);
    CHECK(list.pop() == &a);
    list.push(c);
    CHECK(list.size() == 2);
    CHECK(list.pop() == &b);
    CHECK(list.pop() == &c);
    CHECK(list.pop() == nullptr);
    CHECK(list.empty());
    CHECK(list.size() == 0);
}

TEST_CASE("an entry that was taken can be put again") {
    ready_list list;
    runnable   a, b;
    for (int i = 0; i < 3; ++i) {
        list.push(a);
        list.push(b);
        CHECK(list.pop() == &a);
        CHECK(list.pop() == &b);
        CHECK(list.pop() == nullptr);
    }
}

}  // namespace test_runnable
