// SPDX-License-Identifier: BSL-1.0
#pragma once

// Threads that wait until a system has nothing to do. Guarded by the lock of its scheduler.

#include "troupe/os/parker.hpp"
#include "troupe/sync/lock_rank.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// The waiting thread's.
struct idle_waiter {
    parker       park;
    idle_waiter* next TROUPE_GUARDED_BY(rank::injection::lock) = nullptr;
    bool         told TROUPE_GUARDED_BY(rank::injection::lock) = false;
    atomic<bool> cut{false};  // any thread: it is to wait no more, now or later

    void give_up() noexcept {
        // release: pairs with the acquire in is_cut()
        cut.store(true, memory_order_release);
        park.unpark();
    }
    bool is_cut() const noexcept {
        return cut.load(memory_order_acquire);  // acquire: as above
    }
};

class idle_waiters {
public:
    void add(idle_waiter& waiter) noexcept TROUPE_REQUIRES(rank::injection::lock) {
        waiter.told = false;
        waiter.next = first_;
        first_ = &waiter;
    }
    /// A waiter whose time is over leaves; nothing happens if it was told already.
    void remove(idle_waiter& waiter) noexcept TROUPE_REQUIRES(rank::injection::lock) {
        for (idle_waiter** at = &first_; *at != nullptr; at = &(*at)->next) {
            if (*at == &waiter) {
                *at = waiter.next;
                return;
            }
        }
    }
    void tell_all() noexcept TROUPE_REQUIRES(rank::injection::lock) {
        while (idle_waiter* const waiter = first_) {
            first_ = waiter->next;
            waiter->told = true;
            waiter->park.unpark();
        }
    }

private:
    idle_waiter* first_ TROUPE_GUARDED_BY(rank::injection::lock) = nullptr;
};

}  // namespace troupe::inline TROUPE_ABI::detail
