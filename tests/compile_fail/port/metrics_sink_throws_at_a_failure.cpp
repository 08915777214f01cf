// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: make `void failed\(troupe::failure const&\)` of the metrics sink noexcept
// EXPECT: throwing
#include "troupe/port/metrics_sink.hpp"

struct throwing {
    void add(troupe::metric, std::string_view, std::uint64_t) noexcept;
    void set(troupe::metric, std::string_view, double) noexcept;
    void sample(troupe::metric, std::string_view, double) noexcept;
    void failed(troupe::failure const&);
};

static_assert(troupe::explain_metrics_sink<throwing>());
