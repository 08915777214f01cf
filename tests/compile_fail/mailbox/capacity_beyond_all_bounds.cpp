// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: this mailbox is unbounded in fact; say unbounded_mailbox
#include "troupe/mailbox/policies.hpp"

constexpr auto capacity = troupe::bounded_mailbox<0xffff'ffff>::capacity;
