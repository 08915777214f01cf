// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the prefix of a Prometheus sink is a letter or _, then letters, digits and _
// EXPECT: wrong
#include "troupe/observe/prometheus_sink.hpp"

struct wrong : troupe::prometheus_defaults {
    static constexpr std::string_view prefix = "my-shop";
};

troupe::basic_prometheus_sink<wrong> misuse;
