// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the labels of a json_formatter have none of `service`, `version` and
// EXPECT: labels
#include "troupe/observe/log_sinks.hpp"

struct labels {
    static constexpr char const* name = "bank";
};

void misuse(troupe::production_log_of<labels>& log) { log.write({}); }
