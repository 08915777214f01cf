// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the fields of a class with a base cannot be read
// EXPECT: derived
#include "troupe/message/binary_codec.hpp"

struct base {
    int first;
};
struct derived : base {
    int second;
};

void write(derived const& m, troupe::byte_writer& to) { troupe::binary_codec{}.encode(m, to); }
