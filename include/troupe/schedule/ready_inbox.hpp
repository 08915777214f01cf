// SPDX-License-Identifier: BSL-1.0
#pragma once

// Ready actors handed in by threads that are no workers: each pushes its own, a worker takes all at
// once. Lock-free: one exchange for each (after R. Treiber, 1986; nobody takes a single one, so
// nothing can come back in between).

#include "troupe/base/layout.hpp"
#include "troupe/schedule/ready_backlog.hpp"
#include "troupe/sync/atomic.hpp"

namespace troupe::inline TROUPE_ABI::detail {

class ready_inbox {
public:
    /// Any thread.
    void push(runnable& r) noexcept {
        runnable* top = top_.load(memory_order_relaxed);  // relaxed: the exchange checks it
        do {
            r.ready_link = top;
            // release: pairs with the acquire in take(); seq_cst: the scheduler's threads push and
            // then look whether somebody sleeps, or say that they sleep and then look here
        } while (!top_.compare_exchange_weak(top, &r, memory_order_seq_cst, memory_order_relaxed));
    }

    /// Any worker: everything, what came first in front.
    ready_batch take() noexcept {
        // acquire: pairs with the release in push()
        runnable*   top = top_.exchange(nullptr, memory_order_acquire);
        ready_batch all;
        all.last = top;
        while (top != nullptr) {
            runnable* const next = top->ready_link;
            top->ready_link = all.first;
            all.first = top;
            ++all.size;
            top = next;
        }
        return all;
    }

    /// Any thread; a hint.
    bool empty() const noexcept { return top_.load(memory_order_relaxed) == nullptr; }
    /// The same after the caller has said that it sleeps. seq_cst: see push()
    bool still_empty() const noexcept { return top_.load(memory_order_seq_cst) == nullptr; }

private:
    alignas(cache_line) atomic<runnable*> top_{nullptr};  // any thread
};

}  // namespace troupe::inline TROUPE_ABI::detail
