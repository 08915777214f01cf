// SPDX-License-Identifier: BSL-1.0
#include "troupe/os/processors.hpp"

#include "support/catch.hpp"

#include <climits>

namespace test_processors {

using namespace troupe::detail;

TEST_CASE("a quota is rounded up to whole processors") {
    struct row {
        char const* text;
        unsigned    processors;
    };
    for (auto const& [text, processors] : {
             row{"max 100000\n", 0},
             row{"50000 100000\n", 1},
             row{"100000 100000\n", 1},
             row{"100001 100000\n", 2},
             row{"150000 100000", 2},
             row{"400000 100000", 4},
             row{"1000 100000", 1},
             row{"250000 50000", 5},
             row{"  300000   100000  ", 3},
         }) {
        INFO(text);
        CHECK(processors_from_quota(text) == processors);
    }
}

TEST_CASE("a quota that makes no sense is no limit") {
    for (char const* text : {"", "max", "100000", "0 100000", "-1 100000", "100000 0", "100000 -1",
                             "a b", "\n", "100000 max"}) {
        INFO(text);
        CHECK(processors_from_quota(text) == 0);
    }
    CHECK(processors_from_quota(-1, 100'000) == 0);  // cgroup v1: no limit
}

TEST_CASE("a huge quota stays a number of processors") {
    CHECK(processors_from_quota(LLONG_MAX, 1) == 0xffff);
    CHECK(processors_from_quota(LLONG_MAX, LLONG_MAX) == 1);
    CHECK(processors_from_quota(LLONG_MAX, 2) == 0xffff);
    CHECK(processors_from_quota("99999999999999999999999999 1") <= 0xffff);
}

TEST_CASE("there is always a processor") {
    CHECK(available_processors() >= 1);
    CHECK(available_processors() <= 0xffff);
}

}  // namespace test_processors
