// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: a view owns nothing, and on the other side nobody would: use std::string
// EXPECT: greeting
// EXPECT: text
#include "troupe/message/binary_codec.hpp"

struct greeting {
    std::string_view text;
};

void write(greeting const& m, troupe::byte_writer& to) { troupe::binary_codec{}.encode(m, to); }
