// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the second argument of bounded_mailbox is one of overflow::block
// EXPECT: unbounded_mailbox
#include "troupe/mailbox/policies.hpp"

constexpr auto capacity = troupe::bounded_mailbox<8, troupe::unbounded_mailbox>::capacity;
