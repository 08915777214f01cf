// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: add `template <class Host> using engine = \.\.\.;` to the scheduler
// EXPECT: broken
#include "troupe/port/scheduler.hpp"

struct broken {
    static constexpr bool     driven = true;
    static constexpr unsigned workers_min = 1;
    static constexpr unsigned workers_max = 1;
    static unsigned           workers_default() noexcept { return 1; }
};

static_assert(troupe::explain_scheduler<broken>());
