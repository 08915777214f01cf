// SPDX-License-Identifier: BSL-1.0
#pragma once

// How long a child waits before it is restarted. Arithmetic alone: the clock and the chance are the
// caller's. Any thread.

#include <cstdint>

#include "troupe/base/time.hpp"
#include "troupe/supervision/strategy.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// `factor` to the power of `exponent`, but not more than `most`; both are at least 1. With `most`
/// up to 2^63 nothing in between is infinite.
constexpr double power_at_most(double factor, unsigned exponent, double most) noexcept {
    double power = 1;
    for (double square = factor; exponent != 0; exponent >>= 1) {
        // The highest bit of the exponent is still to come: the power is at least this.
        if (square >= most) return most;
        if ((exponent & 1) != 0) power *= square;
        square *= square;
    }
    return power < most ? power : most;
}

/// Without jitter.
constexpr duration grown_delay(backoff_options const& backoff, unsigned restarts_before) noexcept {
    duration const most = backoff.max.count() == 0 ? backoff.first : backoff.max;
    if (backoff.first.count() == 0 || backoff.first >= most) {
        return backoff.first < most ? backoff.first : most;
    }
    auto const   first = static_cast<double>(backoff.first.count());
    auto const   limit = static_cast<double>(most.count());
    double const power = power_at_most(backoff.factor, restarts_before, limit / first);
    if (power <= 1) return backoff.first;  // exactly: a double has 53 bits
    double const grown = first * power;
    return grown < limit ? duration{static_cast<std::int64_t>(grown)} : most;
}

/// The wait before the next restart of a row, after `restarts_before` in the same row: 0 gives
/// `first`. `random` is any number, all of whose bits are by chance; it decides how much of the
/// jitter is taken off. Never negative, never more than `max`. Of a row that has ended
/// (`ends_a_row`) the count begins again with 0.
constexpr duration delay_of(backoff_options const& backoff, unsigned restarts_before,
                            std::uint64_t random) noexcept {
    duration const whole = grown_delay(backoff, restarts_before);
    // 53 bits, as a double holds: from 0 to less than 1, so that something of the wait is left.
    double const chance = static_cast<double>(random >> 11) * 0x1p-53;
    double const off = static_cast<double>(whole.count()) * backoff.jitter * chance;
    return whole - duration{static_cast<std::int64_t>(off)};
}

/// A child that has run for `ran` from its start to its failure has recovered: its next wait is
/// `first` again. The time in which it waited or had no object is no part of `ran`.
constexpr bool ends_a_row(backoff_options const& backoff, duration within, duration ran) noexcept {
    return ran >= (backoff.reset_after.count() == 0 ? within : backoff.reset_after);
}

}  // namespace troupe::inline TROUPE_ABI::detail
