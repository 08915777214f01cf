// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: add `void write\(troupe::log_record const&\) noexcept` to the log sink
// EXPECT: audit
#include "troupe/observe/log_sinks.hpp"

struct audit {};

troupe::security_log<audit> misuse;
