// SPDX-License-Identifier: BSL-1.0
#include "troupe/observe/dead_letters.hpp"

#include "support/catch.hpp"

#include <vector>

namespace test_dead_letters {

using troupe::drop_cause;
using troupe::detail::dead_letter_log;
using troupe::detail::root_token;

TEST_CASE("the last letters are kept, oldest first") {
    root_token const token;
    dead_letter_log  log;
    CHECK(log.recent(token).empty());
    log.add({drop_cause::dead, "a", 1}, token);
    log.add({drop_cause::refused, "b", 2}, token);
    auto const two = log.recent(token);
    REQUIRE(two.size() == 2);
    CHECK(two[0].message == "a");
    CHECK(two[0].target == 1);
    CHECK(two[1].cause == drop_cause::refused);
    for (std::uint64_t i = 0; i < dead_letter_log::kept + 5; ++i) {
        log.add({drop_cause::dead, "c", i}, token);
    }
    auto const all = log.recent(token);
    REQUIRE(all.size() == dead_letter_log::kept);
    CHECK(all.front().target == 5);
    CHECK(all.back().target == dead_letter_log::kept + 4);
}

TEST_CASE("the log is told at the 1st, 2nd, 4th, 8th of each cause") {
    root_token const token;
    dead_letter_log  log;
    std::vector<int> told;
    for (int i = 1; i <= 20; ++i) {
        if (log.add({drop_cause::dead, "a", 0}, token)) told.push_back(i);
    }
    CHECK(told == std::vector<int>{1, 2, 4, 8, 16});
    CHECK(log.add({drop_cause::overflow, "a", 0}, token));
    CHECK_FALSE(log.add({drop_cause::dead, "a", 0}, token));
}

}  // namespace test_dead_letters
