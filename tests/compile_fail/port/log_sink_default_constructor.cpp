// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: give the log sink a constructor without arguments
// EXPECT: needy
#include "troupe/port/log_sink.hpp"

struct needy {
    explicit needy(int);
    void write(troupe::log_record const&) noexcept;
};

static_assert(troupe::explain_log_sink<needy>());
