// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: the `floor` of the log sink is not public, so that it would mean nothing
// EXPECT: siren
#include "troupe/port/log_sink.hpp"

class siren {
    static constexpr troupe::log_level floor = troupe::log_level::error;

public:
    void write(troupe::log_record const&) noexcept {}
};

static_assert(troupe::explain_log_sink<siren>());
