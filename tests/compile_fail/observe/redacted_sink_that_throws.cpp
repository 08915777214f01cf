// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: add `void write\(troupe::log_record const&\) noexcept` to the log sink
// EXPECT: throwing
#include "troupe/observe/log_sinks.hpp"

struct throwing {
    void write(troupe::log_record const&) {}
};

troupe::redacted<throwing> misuse;
