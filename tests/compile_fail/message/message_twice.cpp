// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: a message stands twice in the protocol
// EXPECT: deposit
#include "troupe/message/protocol.hpp"

struct deposit {
    int cents;
};

using account = troupe::protocol<void(deposit), bool(deposit)>;
constexpr auto size = account::size;
