// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: a pointer means nothing on the other side
// EXPECT: point
// EXPECT: where
#include "troupe/message/binary_codec.hpp"

#include <optional>

struct point {
    int* where;
};
struct letter {
    int                  number;
    std::optional<point> place;
};

void write(letter const& m, troupe::byte_writer& to) { troupe::binary_codec{}.encode(m, to); }
