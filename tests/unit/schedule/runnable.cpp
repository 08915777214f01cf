// SPDX-License-Identifier: BSL-1.0
#include "troupe/schedule/runnable.hpp"

#include "support/catch.hpp"

#include <type_traits>

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

TEST_CASE("actors are made ready under the locks of those who wake them, and with none") {
    STATIC_REQUIRE(std::is_convertible_v<root_token, ready_token>);
    STATIC_REQUIRE(std::is_convertible_v<sender_token, ready_token>);
    ranked_mutex<rank::waiting> waiting;
    ranked_mutex<rank::watches> watches;
    ranked_mutex<rank::timers>  timers;
    root_token const            root;
    lock_guard                  first{waiting, root};
    lock_guard                  second{watches, first};
    lock_guard                  third{timers, second};
    for (ready_token const token : {ready_token{first}, ready_token{second}, ready_token{third}}) {
        STATIC_REQUIRE(std::is_same_v<decltype(token)::held, rank::timers>);
    }
}

}  // namespace test_runnable
