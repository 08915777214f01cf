// SPDX-License-Identifier: BSL-1.0
// EXPECT: final
// EXPECT: siren
#include "troupe/observe/log_sinks.hpp"

struct siren final {
    void write(troupe::log_record const&) noexcept {}
};

troupe::leveled<siren, troupe::log_level::info> misuse;
