// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: a pointer means nothing on the other side
// EXPECT: unique_ptr
// EXPECT: owned
#include "troupe/message/binary_codec.hpp"

#include <memory>

struct owner {
    std::unique_ptr<int> owned;
};

void write(owner const& m, troupe::byte_writer& to) { troupe::binary_codec{}.encode(m, to); }
