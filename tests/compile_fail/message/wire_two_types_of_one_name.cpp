// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: two types in this protocol have the same name on the wire
#include "troupe/message/fingerprint.hpp"

struct place {
    int x;
};
namespace old {
struct place {
    int x;
};
}  // namespace old
struct visit {
    place      now;
    old::place before;
};

constexpr auto schema = troupe::protocol_schema<troupe::protocol<void(visit)>>();
