// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: add `void add\(troupe::metric, std::string_view label, std::uint64_t\) noexcept` to the metrics sink
// EXPECT: throwing
#include "troupe/port/metrics_sink.hpp"

struct throwing {
    void add(troupe::metric, std::string_view, std::uint64_t);
    void set(troupe::metric, std::string_view, double) noexcept;
    void sample(troupe::metric, std::string_view, double) noexcept;
};

static_assert(troupe::explain_metrics_sink<throwing>());
