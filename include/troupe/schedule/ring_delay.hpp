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
    /// them has waited too long, or will: because turns take long.
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
        if (looked_ != std::chrono::steady_clock::time_point{}) {
            bool const now_long = (now - looked_) / turns_between_ >= patience / turns_max;
            if (now_long != long_turns()) long_turns_.store(now_long, memory_order_relaxed);
        }
        // A clock costs as much as a short turn: with short turns it is asked seldom.
        turns_between_ = long_turns() ? 1 : turns_max;
        turns_left_ = turns_between_;
        looked_ = now;
        if (marked_ - head - 1 >= tail - head) {
            // All that stood there at the last mark has gone.
            marked_ = tail;
            since_ = now;
        }
        return long_turns() || now - since_ >= patience;
    }

    /// Whether the owner's turns took long when that was last known. relaxed: a hint
    bool long_turns() const noexcept { return long_turns_.load(memory_order_relaxed); }
    /// Another worker has seen a turn that takes long.
    void note_long_turn() noexcept { long_turns_.store(true, memory_order_relaxed); }

    /// The owner has slept: the time until the next look says nothing of its turns.
    void pause() noexcept {
        looked_ = {};
        turns_left_ = turns_between_ = 1;
    }

private:
    static constexpr std::uint32_t turns_max = 16;

    std::uint32_t                         turns_left_ = 1;     // until the next look
    std::uint32_t                         turns_between_ = 1;  // from look to look
    atomic<bool>                          long_turns_{false};
    std::uint32_t                         marked_ = 0;  // an index of the ring,
    std::chrono::steady_clock::time_point since_{};     // which stood there at this time
    std::chrono::steady_clock::time_point looked_{};
};

}  // namespace troupe::inline TROUPE_ABI::detail
