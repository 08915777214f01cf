// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: a mailbox of capacity 0 can take no message; the allowed range is 1 to
#include "troupe/mailbox/policies.hpp"

constexpr auto capacity = troupe::bounded_mailbox<0>::capacity;
