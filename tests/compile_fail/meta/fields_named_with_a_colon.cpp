// SPDX-License-Identifier: BSL-1.0
// EXPECT: a_name_of_a_field_is_made_of_letters_digits_and_underscores
#include "troupe/meta/fields.hpp"

struct point {
    int x = 0, y = 0;

    static constexpr auto wire_fields = troupe::fields<&point::x, &point::y>.named("x:i32,y", "z");
};

constexpr auto misuse = troupe::field_name<point, 0>();
