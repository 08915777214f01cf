// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the fields of this class cannot be read: make it an aggregate
// EXPECT: closed
#include "troupe/message/binary_codec.hpp"

class closed {
public:
    explicit closed(int number) : number_{number} {}
    int number() const { return number_; }

private:
    int number_;
};

void write(closed const& m, troupe::byte_writer& to) { troupe::binary_codec{}.encode(m, to); }
