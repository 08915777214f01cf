// SPDX-License-Identifier: BSL-1.0
#pragma once

// Time inside the library: nanoseconds on the injected clock. The zero of a clock is its own
// affair; only differences mean anything.

#include <compare>
#include <cstdint>

#include "troupe/config/abi.hpp"

// Durations, clocks and literals. libstdc++ has them in a file of their own; the rest of <chrono>,
// calendars and the streams they are printed to, costs more than half as much as all of this
// library. Who wants that includes <chrono>.
#if defined(__GLIBCXX__) && __has_include(<bits/chrono.h>)
#include <bits/chrono.h>
#else
#include <chrono>
#endif

namespace troupe::inline TROUPE_ABI {

/// The span between two readings of a clock.
using duration = std::chrono::nanoseconds;

/// A reading of the injected clock, in nanoseconds since that clock's zero.
struct time_point {
    std::int64_t nanoseconds = 0;

    constexpr auto              operator<=>(time_point const&) const noexcept = default;
    friend constexpr time_point operator+(time_point t, duration d) noexcept {
        // Saturates: "for ever" may be added to any time, also to one before the clock's zero.
        std::int64_t const by = d.count();
        if (by == INT64_MAX || (by > 0 && t.nanoseconds > INT64_MAX - by)) return {INT64_MAX};
        if (by < 0 && t.nanoseconds < INT64_MIN - by) return {INT64_MIN};
        return {t.nanoseconds + by};
    }
    friend constexpr duration operator-(time_point a, time_point b) noexcept {
        // Saturates: `never - now` is a long time, also where now is negative.
        std::int64_t const from = b.nanoseconds;
        if (from < 0 && a.nanoseconds > INT64_MAX + from) return duration{INT64_MAX};
        if (from > 0 && a.nanoseconds < INT64_MIN + from) return duration{INT64_MIN};
        return duration{a.nanoseconds - from};
    }
};

namespace detail {
inline constexpr time_point never{INT64_MAX};

/// A span that may be added to any reading of a standard clock without overflow: at most 100 years.
constexpr duration bounded(duration span) noexcept {
    constexpr duration most = std::chrono::hours{24 * 365 * 100};
    return span > most ? most : span < -most ? -most : span;
}
}  // namespace detail

}  // namespace troupe::inline TROUPE_ABI
