// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: add `static constexpr std::uint32_t capacity = \.\.\.;`, at least 1, to the mailbox
// EXPECT: broken
#include "troupe/port/mailbox.hpp"

struct broken {
    static constexpr unsigned capacity = 0;
    static constexpr unsigned low_water = 0;
    using overflow_type = troupe::overflow::fail;
};

static_assert(troupe::explain_mailbox<broken>());
