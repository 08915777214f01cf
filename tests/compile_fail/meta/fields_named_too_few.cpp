// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: name each field of the list, in its order
#include "troupe/meta/fields.hpp"

struct point {
    int x, y;
};

constexpr auto list = troupe::fields<&point::x, &point::y>.named("x");
