// SPDX-License-Identifier: BSL-1.0
#pragma once

// The mailbox under a leaf lock, for policies that take messages out of the middle or the front on
// the sender's side: drop_oldest. The lock is held for a few instructions; victims are handed to
// the caller and destroyed after unlocking, on the sender's thread.

#include <cstdint>

#include "troupe/mailbox/inbox.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// The same operations as lock_free_kernel, with the same promises but for the lock.
struct locked_kernel {
    static constexpr std::uint32_t capacity_max = 0xffff'ffff;

    static push_result push(inbox& box, node& n, std::uint32_t capacity, at_capacity rule,
                            atomic<std::uint64_t> const& incarnation) noexcept;

    static bool push_to_idle(inbox&, node&) noexcept { return false; }

    static bool claim(inbox& box) noexcept {
        spin_guard const held{box.lock};
        if (state(box) != (live | idle)) return false;
        set(box, live);
        return true;
    }

    static std::uint32_t depth(inbox& box) noexcept {
        spin_guard const held{box.lock};
        return box.count.load(memory_order_relaxed);
    }

    static void open(inbox& box, bool is_idle) noexcept {
        spin_guard const held{box.lock};
        box.first.store(nullptr, memory_order_relaxed);
        box.last.write(nullptr);
        box.count.store(0, memory_order_relaxed);
        set(box, live | (is_idle ? idle : 0));
    }

    static node* front(inbox& box, node*& head) noexcept {
        if (head == nullptr) {
            spin_guard const held{box.lock};
            head = pop(box);
        }
        return head;
    }

    static bool retire(inbox&, node*& head, std::uint32_t&, bool) noexcept {
        head = nullptr;  // it left the queue when it became the head
        return false;
    }

    static bool try_idle(inbox& box) noexcept {
        spin_guard const held{box.lock};
        if (box.count.load(memory_order_relaxed) != 0) return false;
        set(box, live | idle);
        return true;
    }

    static std::uint32_t fold(inbox& box, std::uint32_t& unfolded) noexcept {
        unfolded = 0;
        return depth(box);
    }

    static node* close(inbox& box, node*& head) noexcept;

private:
    // States of the word, all of them closed for the lock-free kernel.
    static constexpr std::uint64_t live = inbox_word::locked_live;
    static constexpr std::uint64_t idle = inbox_word::locked_idle;

    // relaxed: read and written under the lock; late lock-free pushes only look at `open`
    static std::uint64_t state(inbox const& box) noexcept TROUPE_REQUIRES(box.lock) {
        return box.word.load(memory_order_relaxed);
    }
    // relaxed: as above. Going idle and claim() take the lock in some order, and the later of the
    // two sees what the earlier thread did before: the control bits, or the idle state.
    static void set(inbox& box, std::uint64_t state) noexcept TROUPE_REQUIRES(box.lock) {
        box.word.store(state, memory_order_relaxed);
    }
    static node* pop(inbox& box) noexcept TROUPE_REQUIRES(box.lock);
};

inline push_result locked_kernel::push(inbox& box, node& n, std::uint32_t capacity,
                                       at_capacity                  rule,
                                       atomic<std::uint64_t> const& incarnation) noexcept {
    n.next.store(nullptr, memory_order_relaxed);  // relaxed: published by the lock
    push_result         result{push_outcome::queued, false};
    spin_guard const    held{box.lock};
    std::uint64_t const was = state(box);
    // A late push must not push out a message of the cell's next actor: compare under the lock.
    // relaxed: the lock orders it
    if ((was & live) == 0 || (was & inbox_word::open) != 0 ||
        incarnation.load(memory_order_relaxed) != n.target) {
        result.outcome = push_outcome::closed;
        return result;
    }
    if (box.count.load(memory_order_relaxed) >= capacity) {
        result.over = true;
        if (rule == at_capacity::refuse) {
            result.outcome = push_outcome::full;
            return result;
        }
        if (rule == at_capacity::replace_oldest) result.victim = pop(box);
    }
    if (node* const last = box.last.read()) last->next.store(&n, memory_order_relaxed);
    else box.first.store(&n, memory_order_relaxed);
    box.last.write(&n);
    box.count.store(box.count.load(memory_order_relaxed) + 1, memory_order_relaxed);
    if ((was & idle) != 0) {
        set(box, live);
        result.outcome = push_outcome::started;
    }
    return result;
}

inline node* locked_kernel::pop(inbox& box) noexcept {
    node* const n = box.first.load(memory_order_relaxed);
    if (n == nullptr) return nullptr;
    node* const next = n->next.load(memory_order_relaxed);
    box.first.store(next, memory_order_relaxed);
    if (next == nullptr) box.last.write(nullptr);
    box.count.store(box.count.load(memory_order_relaxed) - 1, memory_order_relaxed);
    return n;
}

inline node* locked_kernel::close(inbox& box, node*& head) noexcept {
    spin_guard const held{box.lock};
    set(box, 0);
    node* chain = box.first.load(memory_order_relaxed);
    box.first.store(nullptr, memory_order_relaxed);
    box.last.write(nullptr);
    box.count.store(0, memory_order_relaxed);
    if (head != nullptr) {
        head->next.store(chain, memory_order_relaxed);
        chain = head;
        head = nullptr;
    }
    return chain;
}

}  // namespace troupe::inline TROUPE_ABI::detail
