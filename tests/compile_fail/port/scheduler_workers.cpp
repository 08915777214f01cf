// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: add `static constexpr unsigned workers_min, workers_max` and `static unsigned workers_default\(\)` to the scheduler
// EXPECT: broken
#include "troupe/port/scheduler.hpp"

struct broken {
    static constexpr bool     driven = true;
    static constexpr unsigned workers_min = 1;
    static constexpr unsigned workers_max = 1;
    template <class Host>
    using engine = Host;
};

static_assert(troupe::explain_scheduler<broken>());
