// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: a pointer means nothing on the other side
// EXPECT: line
// EXPECT: next
#include "troupe/message/binary_codec.hpp"

struct line {
    int   number;
    line* next;
};

void write(line const& m, troupe::byte_writer& to) { troupe::binary_codec{}.encode(m, to); }
