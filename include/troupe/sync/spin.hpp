// SPDX-License-Identifier: BSL-1.0
#pragma once

// Waiting for a thread that is between two of its instructions.

#include "troupe/config/abi.hpp"

#if defined(TROUPE_MODEL)
#include "troupe/sync/model_checker.hpp"
#elif TROUPE_HAS_POSIX
#include <sched.h>
#else
#include <thread>
#endif

namespace troupe::inline TROUPE_ABI::detail {

/// Tells the processor that this is a spinning loop.
inline void cpu_relax() noexcept {
#if defined(TROUPE_MODEL)
    rl::yield(1, $);
#elif defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

/// Lets another thread have this processor.
inline void yield_processor() noexcept {
#if defined(TROUPE_MODEL)
    rl::yield(1, $);
#elif TROUPE_HAS_POSIX
    sched_yield();
#else
    std::this_thread::yield();
#endif
}

/// Spins a little, then gives the processor away: the other thread may have been preempted.
class backoff {
public:
    void pause() noexcept {
#if !defined(TROUPE_MODEL)
        if (++rounds_ > 64) {
            yield_processor();
            return;
        }
#endif
        cpu_relax();
    }

private:
    [[maybe_unused]] unsigned rounds_ = 0;
};

}  // namespace troupe::inline TROUPE_ABI::detail
