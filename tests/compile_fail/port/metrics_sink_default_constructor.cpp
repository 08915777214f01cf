// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: give the metrics sink a constructor without arguments
// EXPECT: needy
#include "troupe/port/metrics_sink.hpp"

struct needy {
    explicit needy(int);
    void count(troupe::metric, std::uint64_t) noexcept;
};

static_assert(troupe::explain_metrics_sink<needy>());
