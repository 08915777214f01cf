// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: give the log formatter a constructor without arguments
// EXPECT: needy
#include "troupe/observe/log_sinks.hpp"

struct needy {
    explicit needy(int);
    void format(troupe::log_record const&, troupe::wall_time, troupe::log_line&) const noexcept;
};

void misuse(troupe::stream_log<needy>& log) { log.write({}); }
