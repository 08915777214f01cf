// SPDX-License-Identifier: BSL-1.0
#pragma once

// The clock a system uses unless another is injected: monotonic, never set back.

#include "troupe/base/time.hpp"
#include "troupe/port/clock.hpp"

namespace troupe::inline TROUPE_ABI {

class monotonic_clock {
public:
    time_point now() const noexcept {
        return {std::chrono::duration_cast<std::chrono::nanoseconds>(
                    std::chrono::steady_clock::now().time_since_epoch())
                    .count()};
    }
};

static_assert(clock<monotonic_clock>);

namespace detail {

/// For waits that are bounded by real time, whatever clock the system has.
inline time_point real_time() noexcept { return monotonic_clock{}.now(); }
/// What is left until `end`, at least zero.
inline duration left_until(time_point end) noexcept {
    time_point const present = real_time();
    return present < end ? end - present : duration{0};
}

}  // namespace detail

}  // namespace troupe::inline TROUPE_ABI
