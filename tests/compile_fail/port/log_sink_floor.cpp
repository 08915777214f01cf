// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: write the floor of the log sink as `static constexpr troupe::log_level
// EXPECT: loud
#include "troupe/port/log_sink.hpp"

struct loud {
    troupe::log_level floor = troupe::log_level::debug;
    void              write(troupe::log_record const&) noexcept;
};

static_assert(troupe::explain_log_sink<loud>());
