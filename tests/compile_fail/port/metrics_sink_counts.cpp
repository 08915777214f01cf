// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: add `void count\(troupe::metric, std::uint64_t\) noexcept` to the metrics sink
// EXPECT: throwing
#include "troupe/port/metrics_sink.hpp"

struct throwing {
    void count(troupe::metric, std::uint64_t);
};

static_assert(troupe::explain_metrics_sink<throwing>());
