// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: add `static constexpr std::uint32_t low_water = \.\.\.;`, less than the capacity, to the mailbox
// EXPECT: broken
#include "troupe/port/mailbox.hpp"

struct broken {
    static constexpr unsigned capacity = 8;
    static constexpr unsigned low_water = 8;
    using overflow_type = troupe::overflow::fail;
};

static_assert(troupe::explain_mailbox<broken>());
