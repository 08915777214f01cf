// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: two messages of the protocol have the same name on the wire
// EXPECT: deposit
#include "troupe/message/fingerprint.hpp"

struct deposit {
    int cents;
};
namespace old {
struct deposit {
    int cents;
};
}  // namespace old

constexpr auto schema =
    troupe::protocol_schema<troupe::protocol<void(deposit), void(old::deposit)>>();
