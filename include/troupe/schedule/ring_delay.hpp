// SPDX-License-Identifier: BSL-1.0
#pragma once

// Whether actors wait so long in the ring of a worker that another one should take some. Moving an
// actor costs: its state and its messages go to another cache, and with them the speed of all that
// it talks to. So short waits are no reason. More: docs/design/0003-scheduling.md

#include <chrono>
#include <cstdint>

#include "troupe/base/time.hpp"
#include "troupe/config/hints.hpp"
#include "troupe/sync/atomic.hpp"

namespace troupe::inline TROUPE_ABI::detail {

class ring_delay {
public:
    /// So long a wait is too long.
    static constexpr duration patience = std::chrono::microseconds{200};

    /// The owner, after a turn that has left entries from `head` to `tail` behind: true when one of
    /// them has waited too long.
    bool look(std::uint32_t head, std::uint32_t tail) noexcept {
#if defined(TROUPE_MODEL)
        static_cast<void>(head), static_cast<void>(tail);
        return true;
#else
        return --turns_left_ == 0 && look_at(head, tail, std::chrono::steady_clock::now());
#endif
    }

    /// The same at a given time.
    TROUPE_APART bool look_at(std::uint32_t head, std::uint32_t tail,
                              std::chrono::steady_clock::time_point now) noexcept {
        // A clock costs as much as a short turn: with short turns it is asked seldom.
        duration const per_turn = (now - looked_) / turns_between_;
        turns_between_ = per_turn * turns_max >= patience / 4 ? 1 : turns_max;
        turns_left_ = turns_between_;
        looked_ = now;
        if (static_cast<std::int32_t>(head - marked_) >= 0) {
            // All that stood there at the last mark has gone.
            marked_ = tail;
            since_ = now;
        }
        return now - since_ >= patience;
    }

private:
    static constexpr std::uint32_t turns_max = 16;

    std::uint32_t                         turns_left_ = 1;     // until the next look
    std::uint32_t                         turns_between_ = 1;  // from look to look
    std::uint32_t                         marked_ = 0;         // an index of the ring,
    std::chrono::steady_clock::time_point since_{};            // which stood there at this time
    std::chrono::steady_clock::time_point looked_{};
};

}  // namespace troupe::inline TROUPE_ABI::detail
