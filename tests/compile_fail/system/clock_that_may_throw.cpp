// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: add `troupe::time_point now\(\) const noexcept` to the clock
// EXPECT: sundial
#include <troupe/troupe.hpp>

struct sundial {
    troupe::time_point now() const { return {}; }
};

struct config : troupe::defaults {
    using clock_type = sundial;
};

void misuse() { troupe::basic_system<config> system; }
