// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: add `void format\(troupe::log_record const&, troupe::wall_time,
// EXPECT: mute
#include "troupe/observe/log_sinks.hpp"

struct mute {};

static_assert(troupe::explain_log_formatter<mute>());
