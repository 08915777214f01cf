// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: a pointer means nothing on the other side
// EXPECT: visit
// EXPECT: where
#include "troupe/message/fingerprint.hpp"

struct visit {
    int* where;
};

constexpr auto schema = troupe::protocol_schema<troupe::protocol<void(visit)>>();
