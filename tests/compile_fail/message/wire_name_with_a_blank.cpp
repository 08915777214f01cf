// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: a `wire_name` is made of letters, digits, `_` and `\.`
// EXPECT: visit
#include "troupe/message/fingerprint.hpp"

struct visit {
    int                               number;
    static constexpr std::string_view wire_name = "a visit";
};

constexpr auto schema = troupe::protocol_schema<troupe::protocol<void(visit)>>();
