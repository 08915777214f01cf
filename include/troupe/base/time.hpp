// SPDX-License-Identifier: BSL-1.0
#pragma once

// Time inside the library: nanoseconds on the injected clock. The zero of a clock is its own affair;
// only differences mean anything.

#include <chrono>
#include <compare>
#include <cstdint>

#include "troupe/config/abi.hpp"

namespace troupe::inline TROUPE_ABI {

/// The span between two readings of a clock.
using duration = std::chrono::nanoseconds;

/// A reading of the injected clock, in nanoseconds since that clock's zero.
struct time_point {
    std::int64_t nanoseconds = 0;

    constexpr auto              operator<=>(time_point const&) const noexcept = default;
    friend constexpr time_point operator+(time_point t, duration d) noexcept {
        // Saturates: "for ever" may be added to any time.
        if (d.count() > 0 && t.nanoseconds > INT64_MAX - d.count()) return {INT64_MAX};
        return {t.nanoseconds + d.count()};
    }
    friend constexpr duration operator-(time_point a, time_point b) noexcept {
        return duration{a.nanoseconds - b.nanoseconds};
    }
};

namespace detail {
inline constexpr time_point never{INT64_MAX};
}

}  // namespace troupe::inline TROUPE_ABI
