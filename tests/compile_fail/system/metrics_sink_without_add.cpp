// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: add `void add\(troupe::metric, std::string_view label, std::uint64_t\) noexcept` to the metrics sink
// EXPECT: blind
#include <troupe/troupe.hpp>

struct blind {};

struct config : troupe::defaults {
    using metrics_type = blind;
};

void misuse() { troupe::basic_system<config> system; }
