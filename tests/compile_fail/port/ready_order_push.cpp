// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: add `void push\(int worker, troupe::runnable&\) noexcept` to the ready order
// EXPECT: broken
#include "troupe/port/scheduler.hpp"

struct broken {
    static constexpr unsigned turn_messages = 1;
    explicit broken(unsigned);
    void              push(int, troupe::runnable&);
    troupe::runnable* pop(unsigned&) noexcept;
};

static_assert(troupe::explain_ready_order<broken>());
