// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: add `static constexpr unsigned turn_messages = \.\.\.;`, at least 1, to the ready order
// EXPECT: broken
#include "troupe/port/scheduler.hpp"

struct broken {
    static constexpr unsigned turn_messages = 0;
    explicit broken(unsigned);
    void              push(int, troupe::runnable&) noexcept;
    troupe::runnable* pop(unsigned&) noexcept;
};

static_assert(troupe::explain_ready_order<broken>());
