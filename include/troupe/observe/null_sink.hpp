// SPDX-License-Identifier: BSL-1.0
#pragma once

// The metrics sink of a system that is not measured. The calls to it are not even compiled.

#include "troupe/port/metrics_sink.hpp"

namespace troupe::inline TROUPE_ABI {

class null_sink {
public:
    void add(metric, std::string_view, std::uint64_t) noexcept {}
    void set(metric, std::string_view, double) noexcept {}
    void sample(metric, std::string_view, double) noexcept {}
};

static_assert(metrics_sink<null_sink>);

}  // namespace troupe::inline TROUPE_ABI
