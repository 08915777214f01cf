// SPDX-License-Identifier: BSL-1.0
#pragma once

// A four-byte lock for a few instructions, where a mutex would not fit into the cell: the leaf lock
// of a mailbox. Nothing is called under it and no other lock is taken, so it may be taken under any
// lock and needs no row in the table of ranks.

#include "troupe/config/thread_safety.hpp"
#include "troupe/sync/atomic.hpp"
#include "troupe/sync/spin.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// It is taken by a spin_guard and in no other way.
class TROUPE_CAPABILITY("spin lock") spin_lock {
    friend class spin_guard;

    void lock() noexcept {
        backoff wait;
        for (;;) {
            std::uint32_t free = 0;
            // acquire: pairs with the release in unlock(); relaxed when it fails: nothing was taken
            if (word_.compare_exchange_weak(free, 1, memory_order_acquire, memory_order_relaxed)) {
                return;
            }
            // relaxed: only a hint, the exchange above decides
            while (word_.load(memory_order_relaxed) != 0) wait.pause();
        }
    }
    void unlock() noexcept {
        // release: pairs with the acquire in lock()
        word_.store(0, memory_order_release);
    }

    atomic<std::uint32_t> word_{0};
};

class TROUPE_SCOPED_CAPABILITY spin_guard {
public:
    explicit spin_guard(spin_lock& lock) noexcept TROUPE_ACQUIRE(lock) : lock_(lock) {
        lock_.lock();
    }
    ~spin_guard() TROUPE_RELEASE() { lock_.unlock(); }
    spin_guard(spin_guard const&) = delete;
    spin_guard& operator=(spin_guard const&) = delete;

private:
    spin_lock& lock_;
};

}  // namespace troupe::inline TROUPE_ABI::detail
