// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: make `failed` of the metrics sink `void failed\(troupe::failure const&\)
// EXPECT: mine
#include "troupe/port/metrics_sink.hpp"

struct mine {
    void add(troupe::metric, std::string_view, std::uint64_t) noexcept {}
    void set(troupe::metric, std::string_view, double) noexcept {}
    void sample(troupe::metric, std::string_view, double) noexcept {}
    void failed(troupe::failure&) noexcept {}
};

static_assert(troupe::explain_metrics_sink<mine>());
