// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: a reference means nothing on the other side
// EXPECT: refers
#include "troupe/message/binary_codec.hpp"

struct refers {
    int  number;
    int& other;
};

void write(refers const& m, troupe::byte_writer& to) { troupe::binary_codec{}.encode(m, to); }
