// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the boundaries of a histogram are finite numbers
// EXPECT: wrong
#include "troupe/observe/prometheus_sink.hpp"

struct wrong : troupe::prometheus_defaults {
    static constexpr double count_buckets[] = {1, 10, std::numeric_limits<double>::infinity()};
};

troupe::basic_prometheus_sink<wrong> misuse;
