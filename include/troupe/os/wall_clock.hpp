// SPDX-License-Identifier: BSL-1.0
#pragma once

// The time of the calendar, for logs alone: it may jump, and nothing in the library waits by it.

#include <cstdint>
#include <ctime>

#include "troupe/config/abi.hpp"

namespace troupe::inline TROUPE_ABI {

/// Nanoseconds since 1970-01-01 00:00:00 UTC; zero: not known.
struct wall_time {
    std::int64_t nanoseconds = 0;
};

/// What the wall clock shows. Any thread; zero where there is none.
inline wall_time wall_now() noexcept {
    std::timespec now{};
    if (std::timespec_get(&now, TIME_UTC) != TIME_UTC) return {};
    return {static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec};
}

}  // namespace troupe::inline TROUPE_ABI
