// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the boundaries of a histogram ascend
// EXPECT: wrong
#include "troupe/observe/prometheus_sink.hpp"

struct wrong : troupe::prometheus_defaults {
    static constexpr double seconds_buckets[] = {0.1, 0.01};
};

troupe::basic_prometheus_sink<wrong> misuse;
