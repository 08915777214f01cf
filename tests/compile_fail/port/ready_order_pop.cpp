// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: add `troupe::runnable\* pop\(unsigned& worker\) noexcept` to the ready order
// EXPECT: broken
#include "troupe/port/scheduler.hpp"

struct broken {
    static constexpr unsigned turn_messages = 1;
    explicit broken(unsigned);
    void              push(int, troupe::runnable&) noexcept;
    troupe::runnable* pop() noexcept;
};

static_assert(troupe::explain_ready_order<broken>());
