// SPDX-License-Identifier: BSL-1.0
#pragma once

// Waiting for a few microseconds without sleeping, where an answer is likely to come that soon:
// putting a thread to sleep and waking it takes longer, and much longer where the processor itself
// has gone to sleep meanwhile.

#include "troupe/os/processors.hpp"
#include "troupe/sync/spin.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// Whether another thread can run while this one waits. Looked up once.
inline bool several_processors() noexcept {
    static bool const several = available_processors() > 1;
    return several;
}

/// `for (brief_wait wait; !there() && wait.pause();) {}`
class brief_wait {
public:
    /// False when it has lasted long enough: about five microseconds, and nothing at all where
    /// there is one processor.
    bool pause() noexcept {
#if defined(TROUPE_MODEL)
        return false;
#else
        if (spin()) return true;
        if (rounds_ == 0 || rounds_ == spins + yields) return false;
        ++rounds_;
        // Perhaps the other one waits for this processor.
        yield_processor();
        return true;
#endif
    }

    /// As pause(), but only the first part of it, about one microsecond.
    bool spin() noexcept {
#if defined(TROUPE_MODEL)
        return false;
#else
        if (rounds_ >= spins || (rounds_ == 0 && !several_processors())) return false;
        ++rounds_;
        cpu_relax();
        return true;
#endif
    }

private:
    static constexpr unsigned spins = 48;
    static constexpr unsigned yields = 6;
    [[maybe_unused]] unsigned rounds_ = 0;
};

}  // namespace troupe::inline TROUPE_ABI::detail
