// SPDX-License-Identifier: BSL-1.0
#pragma once

// The ready actors of one worker: it adds at one end and takes at the other; other workers take
// half of it at once. Of fixed size: what does not fit goes to the backlog, so nothing is ever
// allocated. After the run queue of the Go scheduler (D. Vyukov, 2012).

#include <cstddef>
#include <cstdint>

#include "troupe/base/layout.hpp"
#include "troupe/config/hints.hpp"
#include "troupe/schedule/runnable.hpp"
#include "troupe/sync/atomic.hpp"

namespace troupe::inline TROUPE_ABI::detail {

template <std::uint32_t Capacity>
class ready_ring {
    static_assert((Capacity & (Capacity - 1)) == 0, "a power of two");

public:
    /// The owner. False when it is full. No read-modify-write.
    TROUPE_HOT bool push(runnable& r) noexcept {
        std::uint32_t const tail = tail_.load(memory_order_relaxed);  // relaxed: own index
        // acquire: pairs with the release of the exchanges on head_, which free the slots
        if (tail - head_.load(memory_order_acquire) >= Capacity) return false;
        slots_[tail % Capacity].store(&r, memory_order_relaxed);  // relaxed: published by tail_
        // release: pairs with the acquire in steal()
        tail_.store(tail + 1, memory_order_release);
        return true;
    }

    /// The owner. The oldest, or null.
    TROUPE_HOT runnable* pop() noexcept {
        std::uint32_t head = head_.load(memory_order_relaxed);  // relaxed: the exchange checks it
        for (;;) {
            if (head == tail_.load(memory_order_relaxed)) return nullptr;  // relaxed: own index
            runnable* const r = slots_[head % Capacity].load(memory_order_relaxed);
            // release: frees the slot, pairs with the acquire in push() and steal()
            if (head_.compare_exchange_weak(head, head + 1, memory_order_acq_rel,
                                            memory_order_relaxed)) {
                return r;
            }
        }
    }

    /// Another worker: moves half, rounded up, to the end of its own ring `mine`, which must have
    /// room for half a ring, and returns one of them; null when there was nothing.
    runnable* steal(ready_ring& mine) noexcept {
        std::uint32_t const to = mine.tail_.load(memory_order_relaxed);  // relaxed: the thief's own
        // acquire: pairs with the release in pop() and steal()
        std::uint32_t head = head_.load(memory_order_acquire);
        for (;;) {
            // acquire: pairs with the release in push(): the slots below tail are written
            std::uint32_t const tail = tail_.load(memory_order_acquire);
            std::uint32_t       count = tail - head;
            count -= count / 2;
            if (count == 0) return nullptr;
            if (count > Capacity / 2) {
                // head and tail were read at different times
                head = head_.load(memory_order_acquire);
                continue;
            }
            // relaxed: if the owner overwrites a slot meanwhile, head_ has moved and the exchange
            // below fails
            for (std::uint32_t i = 0; i < count; ++i) {
                mine.slots_[(to + i) % Capacity].store(
                    slots_[(head + i) % Capacity].load(memory_order_relaxed), memory_order_relaxed);
            }
            // release: frees the slots; acquire: as the load above
            if (!head_.compare_exchange_weak(head, head + count, memory_order_acq_rel,
                                             memory_order_acquire)) {
                continue;
            }
            runnable* const last =
                mine.slots_[(to + count - 1) % Capacity].load(memory_order_relaxed);
            // release: pairs with the acquire in steal() of the next thief
            if (count > 1) mine.tail_.store(to + count - 1, memory_order_release);
            return last;
        }
    }

    /// Where the oldest and the next one stand; the owner, for comparing. Indices run round.
    std::uint32_t head() const noexcept { return head_.load(memory_order_relaxed); }
    std::uint32_t tail() const noexcept { return tail_.load(memory_order_relaxed); }

    /// Any thread; a moment's truth.
    bool          empty() const noexcept { return size() == 0; }
    std::uint32_t size() const noexcept {
        // relaxed: a hint
        return tail_.load(memory_order_relaxed) - head_.load(memory_order_relaxed);
    }

private:
    alignas(cache_line) atomic<std::uint32_t> head_{0};  // thieves and owner take here
    alignas(cache_line) atomic<std::uint32_t> tail_{0};  // the owner adds here
    atomic<runnable*> slots_[Capacity] = {};             // the owner writes, thieves read
};

}  // namespace troupe::inline TROUPE_ABI::detail
