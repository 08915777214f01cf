// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: name the reply type in a protocol without const, & or &&; a reply is a value
// EXPECT: is_plain<(const char|char const) ?\*&>|name_of
#include "troupe/message/protocol.hpp"

struct name_of {};

using directory = troupe::protocol<char const*&(name_of)>;
constexpr auto size = directory::size;
