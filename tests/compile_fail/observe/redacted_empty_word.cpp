// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: redacted<Sink, "">: an empty word is in every key
#include "troupe/observe/log_sinks.hpp"

void misuse(troupe::redacted<troupe::console_log, "">& log) { log.write({}); }
