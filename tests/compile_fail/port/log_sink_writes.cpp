// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: add `void write\(troupe::log_record const&\) noexcept` to the log sink
// EXPECT: throwing
#include "troupe/port/log_sink.hpp"

struct throwing {
    void write(troupe::log_record const&);
};

static_assert(troupe::explain_log_sink<throwing>());
