// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the fields of this class cannot be read: make it an aggregate of at most 32 fields
// EXPECT: crowd
#include "troupe/message/binary_codec.hpp"

struct crowd {
    int a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, b0, b1, b2, b3, b4, b5, b6;
    int c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, d0, d1, d2, d3, d4, d5;
};

void write(crowd const& m, troupe::byte_writer& to) { troupe::binary_codec{}.encode(m, to); }
