// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: this number differs between platforms: use double
// EXPECT: sum
// EXPECT: exact
#include "troupe/message/binary_codec.hpp"

struct sum {
    long double exact;
};

void write(sum const& m, troupe::byte_writer& to) { troupe::binary_codec{}.encode(m, to); }
