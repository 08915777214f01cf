// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: add `void write\(troupe::log_record const&\) noexcept` to the log sink
// EXPECT: silent
#include <troupe/troupe.hpp>

struct silent {};

struct config : troupe::defaults {
    using log_type = silent;
};

void misuse() { troupe::basic_system<config> system; }
