// SPDX-License-Identifier: BSL-1.0
#pragma once

// A metrics sink that can do what a metrics sink must and nothing more: code that compiles with it
// asks for no more. It counts the calls.

#include "troupe/observe/instruments.hpp"
#include "troupe/port/metrics_sink.hpp"

namespace troupe::inline TROUPE_ABI {

class metrics_sink_archetype {
public:
    metrics_sink_archetype() noexcept = default;
    metrics_sink_archetype(metrics_sink_archetype const&) = delete;
    metrics_sink_archetype& operator=(metrics_sink_archetype const&) = delete;
    void                    operator&() const = delete;

    void add(metric, std::string_view, std::uint64_t) noexcept { calls_.add(); }
    void set(metric, std::string_view, double) noexcept { calls_.add(); }
    void sample(metric, std::string_view, double) noexcept { calls_.add(); }

private:
    metric_counter calls_;
};

static_assert(metrics_sink<metrics_sink_archetype>);

}  // namespace troupe::inline TROUPE_ABI
