// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: give the metrics sink a constructor without arguments
// EXPECT: needy
#include "troupe/port/metrics_sink.hpp"

struct needy {
    explicit needy(int);
    void add(troupe::metric, std::string_view, std::uint64_t) noexcept;
    void set(troupe::metric, std::string_view, double) noexcept;
    void sample(troupe::metric, std::string_view, double) noexcept;
};

static_assert(troupe::explain_metrics_sink<needy>());
