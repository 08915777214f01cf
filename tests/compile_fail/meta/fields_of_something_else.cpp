// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: list the fields as pointers to data members
#include "troupe/meta/fields.hpp"

struct point {
    int x() const;
};

constexpr auto list = troupe::fields<&point::x>;
