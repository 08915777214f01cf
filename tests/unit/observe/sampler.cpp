// SPDX-License-Identifier: BSL-1.0
#include "troupe/observe/sampler.hpp"

#include "support/catch.hpp"

namespace test_sampler {

using troupe::detail::sampler;

TEST_CASE("a sampler takes the first, and one of 64 on average") {
    sampler s;
    s.begin();
    CHECK(s.next());
    int taken = 0;
    for (int i = 0; i < 640'000; ++i) taken += s.next() ? 1 : 0;
    CHECK(taken > 9'500);
    CHECK(taken < 10'500);
}

TEST_CASE("a sampler that has not begun takes nothing") {
    sampler s;
    for (int i = 0; i < 1000; ++i) CHECK_FALSE(s.next());
}

TEST_CASE("a sampler follows no rhythm") {
    sampler s;
    s.begin();
    int of_each[4] = {};
    for (int i = 0; i < 400'000; ++i) {
        if (s.next()) ++of_each[i % 4];
    }
    for (int const n : of_each) CHECK(n > 1'300);  // 1,560 of each would be even
}

}  // namespace test_sampler
