// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: a protocol is a list of signatures `Reply\(Message\)`
// EXPECT: bool ?\(deposit, int\)
#include "troupe/message/protocol.hpp"

struct deposit {
    int cents;
};

using account = troupe::protocol<bool(deposit, int)>;
constexpr auto size = account::size;
