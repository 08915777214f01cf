// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: add `void count\(troupe::metric, std::uint64_t\) noexcept` to the metrics sink
// EXPECT: blind
#include <troupe/troupe.hpp>

struct blind {};

struct config : troupe::defaults {
    using metrics_type = blind;
};

void misuse() { troupe::basic_system<config> system; }
