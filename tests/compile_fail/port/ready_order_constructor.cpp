// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: give the ready order a constructor that takes the number of workers
// EXPECT: broken
#include "troupe/port/scheduler.hpp"

struct broken {
    static constexpr unsigned turn_messages = 1;
    void                      push(int, troupe::runnable&) noexcept;
    troupe::runnable*         pop(unsigned&) noexcept;
};

static_assert(troupe::explain_ready_order<broken>());
