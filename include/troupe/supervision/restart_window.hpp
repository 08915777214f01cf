// SPDX-License-Identifier: BSL-1.0
#pragma once

// How many restarts there were lately: a ring of times, each of which is remembered, so that the
// window slides exactly. No clock of its own, no storage of its own; its owner alone uses it.

#include <cstddef>
#include <cstdint>

#include "troupe/base/time.hpp"
#include "troupe/config/assert.hpp"
#include "troupe/supervision/strategy.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// Where a window stands in its ring. Two bytes: it lies beside the ring, in each supervised actor.
struct window_place {
    std::uint8_t stored = 0;  // times that are in the ring
    std::uint8_t oldest = 0;  // once it is full: the next to be replaced
};

/// At most `max_restarts` restarts in any span shorter than `within`. Times do not run backwards.
class restart_window {
public:
    /// How many times the ring must have room for.
    static constexpr std::size_t ring_size(unsigned max_restarts) noexcept {
        return max_restarts == unlimited ? 0 : max_restarts;
    }

    /// A view of a ring and its place, both of which stay where they are. A new place is zero; the
    /// ring need not be initialized. A zero place forgets everything.
    constexpr restart_window(time_point* ring, window_place& place, unsigned max_restarts,
                             duration within) noexcept
        : ring_(ring), place_(place), max_restarts_(max_restarts), within_(within) {
        TROUPE_ASSERT(max_restarts <= 255 || max_restarts == unlimited,
                      "a window remembers 255 restarts");
    }

    /// A restart at `now` is within the budget.
    constexpr bool allows(time_point now) const noexcept {
        if (max_restarts_ == unlimited || place_.stored < max_restarts_) return true;
        return max_restarts_ != 0 && now - ring_[place_.oldest] >= within_;
    }

    /// The restart is made, at a time that `allows`. It takes the place of the oldest.
    constexpr void record(time_point now) noexcept {
        TROUPE_ASSERT(allows(now), "a restart was recorded that is not allowed");
        if (max_restarts_ == unlimited) return;
        if (place_.stored < max_restarts_) {
            ring_[place_.stored++] = now;
        } else {
            ring_[place_.oldest++] = now;
            if (place_.oldest == max_restarts_) place_.oldest = 0;
        }
    }

private:
    time_point* const ring_;
    window_place&     place_;
    unsigned const    max_restarts_;
    duration const    within_;
};

}  // namespace troupe::inline TROUPE_ABI::detail
