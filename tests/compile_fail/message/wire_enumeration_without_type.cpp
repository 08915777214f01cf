// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: an enumeration that names no underlying type has no size of its own
// EXPECT: colour
// EXPECT: paint
#include "troupe/message/binary_codec.hpp"

enum colour { red, green };
struct paint {
    int    litres;
    colour in;
};

void write(paint const& m, troupe::byte_writer& to) { troupe::binary_codec{}.encode(m, to); }
