// SPDX-License-Identifier: BSL-1.0
#pragma once

// The one actor that a worker runs next: the one it has just woken, whose message is still in its
// cache. The owner puts and takes it without a read-modify-write. Only when the owner has not come
// back for a while (a long handler) another worker takes the actor away, and pays for both.
// More: docs/design/0003-scheduling.md

#include <cstdint>

#include "troupe/config/hints.hpp"
#include "troupe/schedule/runnable.hpp"
#include "troupe/sync/asymmetric_fence.hpp"
#include "troupe/sync/spin.hpp"

namespace troupe::inline TROUPE_ABI::detail {

class private_slot {
public:
    /// Before the first use; says what register_heavy_barrier() answered.
    void prepare(bool asymmetric) noexcept { asymmetric_ = asymmetric; }

    /// The owner: puts `r` (null: just takes); what was there before.
    TROUPE_HOT runnable* exchange(runnable* r) noexcept {
        enter();
        runnable* const before = actor_.load(memory_order_relaxed);  // relaxed: inside enter/leave
        actor_.store(r, memory_order_relaxed);
        leave();
        return before;
    }

    /// The owner, cheaply: is there nothing? A thief may empty it afterwards, never fill it.
    bool empty() const noexcept { return actor_.load(memory_order_relaxed) == nullptr; }

    /// Another worker; null when there is nothing or the owner is busy with it. At most one thief
    /// at a time (the scheduler's watcher).
    runnable* steal() noexcept {
        if (actor_.load(memory_order_relaxed) == nullptr) return nullptr;  // relaxed: a hint
        // seq_cst: write, barrier, read; pairs with light_store in enter()
        thief_.store(1, memory_order_seq_cst);
        heavy_barrier();
        runnable* taken = nullptr;
        // seq_cst and acquire: pairs with the release in leave()
        if (owner_.load(memory_order_seq_cst) == 0) {
            taken = actor_.load(memory_order_relaxed);  // relaxed: the owner is kept out
            actor_.store(nullptr, memory_order_relaxed);
        }
        // release: pairs with the acquire in enter()
        thief_.store(0, memory_order_release);
        return taken;
    }

private:
    TROUPE_HOT void enter() noexcept {
        while (!try_enter()) [[unlikely]]
            give_way();
    }
    TROUPE_HOT bool try_enter() noexcept {
        light_store(owner_, std::uint32_t{1}, asymmetric_);
        // seq_cst and acquire: pairs with the release in steal()
        return thief_.load(memory_order_seq_cst) == 0;
    }
    TROUPE_COLD void give_way() noexcept {
        // release: lets the thief finish
        owner_.store(0, memory_order_release);
        backoff wait;
        while (thief_.load(memory_order_acquire) != 0) wait.pause();
    }
    void leave() noexcept {
        // release: pairs with the acquire in steal()
        owner_.store(0, memory_order_release);
    }

    atomic<runnable*>     actor_{nullptr};      // owner, or the thief while the owner is kept out
    atomic<std::uint32_t> owner_{0};            // 1 while the owner is inside
    atomic<std::uint32_t> thief_{0};            // 1 while the thief wants in
    bool                  asymmetric_ = false;  // set before the first use
};

}  // namespace troupe::inline TROUPE_ABI::detail
