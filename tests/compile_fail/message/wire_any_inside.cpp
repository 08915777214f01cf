// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the fields of this class cannot be read
// EXPECT: std::any
#include <any>

#include "troupe/message/binary_codec.hpp"

struct box {
    std::any inside;
    int      size;
};

void write(box const& m, troupe::byte_writer& to) { troupe::binary_codec{}.encode(m, to); }
