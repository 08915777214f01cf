// SPDX-License-Identifier: BSL-1.0
#pragma once

// A clock that stands still until a test moves it. Any thread may read it; one thread at a time
// moves it. What waits for a time is told after the time has moved, and before the move returns.

#include <cstddef>
#include <cstdint>

#include "troupe/base/time.hpp"
#include "troupe/config/assert.hpp"
#include "troupe/port/clock.hpp"
#include "troupe/sync/atomic.hpp"
#include "troupe/sync/spin.hpp"
#include "troupe/sync/spin_lock.hpp"

namespace troupe::inline TROUPE_ABI {

/// Time as the test says. Never allocates.
class manual_clock {
public:
    /// More systems than this on one clock end the program with a text.
    static constexpr std::size_t listeners_max = 64;

    explicit manual_clock(time_point start = {}) noexcept : nanoseconds_(start.nanoseconds) {}
    manual_clock(manual_clock const&) = delete;
    manual_clock& operator=(manual_clock const&) = delete;

    /// Moves the time on. One thread at a time; not from inside clock_jumped().
    void advance(duration by) noexcept { set(now() + by); }

    /// Moves the time to `t`, which must not lie before now().
    void set(time_point t) noexcept;

    /// From the return of attach() to the return of detach() the listener may be called; detach()
    /// waits for a call that is under way, unless it is made from inside that call.
    void attach(clock_listener& listener) noexcept;
    void detach(clock_listener& listener) noexcept;

    time_point now() const noexcept {
        // acquire: pairs with the release in set(): who sees the new time sees what was done before
        return {nanoseconds_.load(detail::memory_order_acquire)};
    }

private:
    // An address that is different in every thread.
    static void const* this_thread() noexcept {
        static thread_local char const mark = 0;
        return &mark;
    }

    detail::atomic<std::int64_t> nanoseconds_;  // written by the thread that moves it, read by any
    detail::spin_lock            lock_;         // nothing is called under it
    clock_listener*              listeners_[listeners_max] TROUPE_GUARDED_BY(lock_) = {};
    // The call that is under way, and the thread that makes it.
    clock_listener* told_ TROUPE_GUARDED_BY(lock_) = nullptr;
    void const*     teller_ TROUPE_GUARDED_BY(lock_) = nullptr;
};

inline void manual_clock::set(time_point t) noexcept {
    TROUPE_ASSERT(t >= now(), "a manual_clock was set back; time never goes backwards");
    if (t <= now()) return;
    // release: pairs with the acquire in now()
    nanoseconds_.store(t.nanoseconds, detail::memory_order_release);
    for (clock_listener*& place : listeners_) {
        clock_listener* listener = nullptr;
        {
            detail::spin_guard held{lock_};
            listener = place;
            told_ = listener;
            teller_ = this_thread();
        }
        if (listener == nullptr) continue;
        listener->clock_jumped();
        detail::spin_guard held{lock_};
        told_ = nullptr;
    }
}

inline void manual_clock::attach(clock_listener& listener) noexcept {
    detail::spin_guard held{lock_};
    for (clock_listener*& place : listeners_) {
        if (place != nullptr) continue;
        place = &listener;
        return;
    }
    detail::assertion_failed("attached < listeners_max",
                             "a manual_clock has no room for another listener; give some systems "
                             "a clock of their own, or end those that are done",
                             __FILE__, __LINE__);
}

inline void manual_clock::detach(clock_listener& listener) noexcept {
    detail::backoff wait;
    for (;;) {
        {
            detail::spin_guard held{lock_};
            for (clock_listener*& place : listeners_) {
                if (place == &listener) place = nullptr;
            }
            if (told_ != &listener || teller_ == this_thread()) return;
        }
        wait.pause();
    }
}

static_assert(clock<manual_clock>);
static_assert(clock_jumps<manual_clock>);

}  // namespace troupe::inline TROUPE_ABI
