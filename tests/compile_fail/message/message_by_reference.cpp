// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: name the message type in a protocol without const, & or &&
// EXPECT: deposit
#include "troupe/message/protocol.hpp"

struct deposit {
    int cents;
};

using account = troupe::protocol<void(deposit const&)>;
constexpr auto size = account::size;
