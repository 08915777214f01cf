// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: this class is built from its fields.*use std::array
// EXPECT: row
#include "troupe/message/binary_codec.hpp"

struct row {
    int const id;
    int       cells[3];
};

void write(row const& m, troupe::byte_writer& to) { troupe::binary_codec{}.encode(m, to); }
