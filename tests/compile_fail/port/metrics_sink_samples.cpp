// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: add `void sample\(troupe::metric, std::string_view label, double\) noexcept` to the metrics sink
// EXPECT: coarse
#include "troupe/port/metrics_sink.hpp"

struct coarse {
    void add(troupe::metric, std::string_view, std::uint64_t) noexcept;
    void set(troupe::metric, std::string_view, double) noexcept;
};

static_assert(troupe::explain_metrics_sink<coarse>());
