// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: add `using overflow_type = \.\.\.;` to the mailbox: overflow::block, overflow::fail
// EXPECT: broken
#include "troupe/port/mailbox.hpp"

struct broken {
    static constexpr unsigned capacity = 8;
    static constexpr unsigned low_water = 2;
    using overflow_type = int;
};

static_assert(troupe::explain_mailbox<broken>());
