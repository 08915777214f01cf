// SPDX-License-Identifier: BSL-1.0
#pragma once

// A log sink that can do what a log sink must and nothing more: code that compiles with it asks for
// no more.

#include "troupe/port/log_sink.hpp"

namespace troupe::inline TROUPE_ABI {

class log_sink_archetype {
public:
    log_sink_archetype() noexcept = default;
    log_sink_archetype(log_sink_archetype const&) = delete;
    log_sink_archetype& operator=(log_sink_archetype const&) = delete;
    void                operator&() const = delete;

    void write(log_record const&) noexcept {}
};

static_assert(log_sink<log_sink_archetype>);

}  // namespace troupe::inline TROUPE_ABI
