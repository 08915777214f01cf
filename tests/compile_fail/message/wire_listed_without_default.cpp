// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: a class that declares its fields is built first and read into
// EXPECT: built
#include "troupe/message/binary_codec.hpp"

struct built {
    built(int v) : value{v} {}
    int                   value;
    static constexpr auto wire_fields = troupe::fields<&built::value>;
};

void write(built const& m, troupe::byte_writer& to) { troupe::binary_codec{}.encode(m, to); }
