// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: add `troupe::time_point now\(\) const noexcept` to the clock
// EXPECT: sundial
#include "troupe/port/clock.hpp"

struct sundial {
    int now() const noexcept;
};

static_assert(troupe::explain_clock<sundial>());
