// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a clock is. A system reads time through one, so that a test may own it.

#include <concepts>

#include "troupe/base/time.hpp"

namespace troupe::inline TROUPE_ABI {

/// Told by a clock that its time has jumped. The library implements it; clocks only call it.
class clock_listener {
public:
    virtual void clock_jumped() noexcept = 0;

protected:
    ~clock_listener() = default;
};

template <class Clock>
concept clock_reads = requires(Clock const& c) {
    { c.now() } noexcept -> std::same_as<time_point>;
};

/// A clock whose time does not pass by itself tells its listeners when it is moved.
template <class Clock>
concept clock_jumps = requires(Clock& c, clock_listener& listener) {
    { c.attach(listener) } noexcept;
    { c.detach(listener) } noexcept;
};

/// Where time comes from. `now` is called by every worker, concurrently; it must not block,
/// allocate or throw, and never go back.
template <class Clock>
concept clock = clock_reads<Clock>;

/// Lists what a type lacks to be a clock.
template <class Clock>
consteval bool explain_clock() {
    static_assert(clock_reads<Clock>,
                  "troupe: add `troupe::time_point now() const noexcept` to the clock");
    return true;
}

}  // namespace troupe::inline TROUPE_ABI
