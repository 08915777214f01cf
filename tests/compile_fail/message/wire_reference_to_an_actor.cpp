// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: a reference to an actor is one of this process
// EXPECT: introduce
// EXPECT: who
#include "troupe/actor/ref.hpp"

#include "troupe/message/binary_codec.hpp"

struct hello {};
struct introduce {
    troupe::ref<troupe::protocol<void(hello)>> who;
};

void write(introduce const& m, troupe::byte_writer& to) { troupe::binary_codec{}.encode(m, to); }
