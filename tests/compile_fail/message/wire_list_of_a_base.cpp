// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: this class has the `wire_fields` of its base
// EXPECT: savings
#include "troupe/message/binary_codec.hpp"

struct account {
    long                  cents = 0;
    static constexpr auto wire_fields = troupe::fields<&account::cents>;
};
struct savings : account {
    int percent = 0;
};

void write(savings const& m, troupe::byte_writer& to) { troupe::binary_codec{}.encode(m, to); }
