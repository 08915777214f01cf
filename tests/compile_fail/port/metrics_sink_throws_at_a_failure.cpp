// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: make `void failed\(troupe::failure const&\)` of the metrics sink noexcept
// EXPECT: throwing
#include "troupe/port/metrics_sink.hpp"

struct throwing {
    void count(troupe::metric, std::uint64_t) noexcept;
    void failed(troupe::failure const&);
};

static_assert(troupe::explain_metrics_sink<throwing>());
