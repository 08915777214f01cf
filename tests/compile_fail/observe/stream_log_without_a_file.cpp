// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: add `static std::FILE\* file\(\)` to the stream of the log
// EXPECT: nowhere
#include "troupe/observe/log_sinks.hpp"

struct nowhere {};

troupe::stream_log<troupe::json_formatter<>, nowhere> misuse{stderr};
