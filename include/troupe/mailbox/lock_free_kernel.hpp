// SPDX-License-Identifier: BSL-1.0
#pragma once

// The lock-free mailbox: a linked list whose last node, depth and two flags share one word, so that
// a push is one read-modify-write and the old value says everything: full, idle, closed.
//
//     first -> [n] -> [n] -> [n] <- word {last | depth | idle | open}
//
// A push swings the word to its node and then links the node before it (or sets `first`). The owner
// therefore may see a node whose successor is announced but not linked; it never frees such a node,
// and waits the few instructions. No reclamation scheme is needed: a node is freed only after its
// `next` was seen or the word was swung away from it.
// After D. Vyukov's intrusive MPSC queue (2010), with depth and idle state in the word.
// More: docs/design/0002-mailboxes.md

#include <cstdint>

#include "troupe/config/hints.hpp"
#include "troupe/mailbox/inbox.hpp"

namespace troupe::inline TROUPE_ABI::detail {

struct lock_free_kernel {
    /// Depths up to this are exact; larger bounds use the locked kernel.
    static constexpr std::uint32_t capacity_max = inbox_word::depth_max - 1;

    /// Any thread. `n` has no successor. One read-modify-write unless other senders interfere.
    static push_result push(inbox& box, node& n, std::uint32_t capacity, at_capacity rule,
                            atomic<std::uint64_t> const& incarnation) noexcept;

    /// As push(), for a mailbox that is empty and idle: the pusher now holds the right to run the
    /// actor. False: it is not, and nothing was done.
    static bool push_to_idle(inbox& box, node& n) noexcept;

    /// The owner of the run right takes the idle flag off, for the control lane. False: somebody
    /// else holds the right, or the mailbox is closed.
    static bool claim(inbox& box) noexcept;

    /// Messages queued; exact when nobody sends and the owner does not run. Any thread.
    static std::uint32_t depth(inbox& box) noexcept {
        // seq_cst: a waiter that announced itself and the owner that folded must not miss each
        // other
        std::uint32_t const counted = inbox_word::depth(box.word.load(memory_order_seq_cst));
        // relaxed: while there is anything here the word is full, and that is what decides
        return counted + box.count.load(memory_order_relaxed);
    }

    // What follows is for the owner: the one that holds the run right.

    /// A new actor: empty, and idle or held by the caller.
    static void open(inbox& box, bool idle) noexcept {
        box.first.store(nullptr, memory_order_relaxed);  // relaxed: published by the word
        box.count.store(0, memory_order_relaxed);        // relaxed: as above
        // release: pairs with the acquire in push()
        box.word.store(inbox_word::open | (idle ? inbox_word::idle : 0), memory_order_release);
    }

    /// The next message, or null when there is none.
    static node* front(inbox& box, node*& head) noexcept;

    /// The message at `head` was handled: steps to the next. True when there was none and the
    /// mailbox went idle (only if `may_idle`): the run right is gone. `unfolded` counts all that
    /// were taken since the last fold() or empty mailbox, this one included.
    static bool retire(inbox& box, node*& head, std::uint32_t& unfolded, bool may_idle) noexcept;

    /// front() gave null: go idle. False when a message came.
    static bool try_idle(inbox& box) noexcept;

    /// Takes the `unfolded` messages, which the owner has begun to handle, off the depth; the depth
    /// now.
    static std::uint32_t fold(inbox& box, std::uint32_t& unfolded) noexcept;

    /// No push succeeds any more. The messages that were queued, as a chain by `next`.
    static node* close(inbox& box, node*& head) noexcept;

private:
    static node* await_link(atomic<node*> const& link) noexcept;
    static node* await_late_link(atomic<node*> const& link) noexcept;
    static bool  retire_last(inbox& box, node*& head, node& done, std::uint32_t counted,
                             std::uint32_t& unfolded, bool may_idle) noexcept;
};

TROUPE_HOT push_result lock_free_kernel::push(inbox& box, node& n, std::uint32_t capacity,
                                              at_capacity rule,
                                              atomic<std::uint64_t> const&) noexcept {
    // relaxed: the exchange checks the value
    std::uint64_t old = box.word.load(memory_order_relaxed);
    std::uint32_t depth = 0;
    for (;;) {
        if ((old & inbox_word::open) == 0) [[unlikely]]
            return {push_outcome::closed, false};
        depth = inbox_word::depth(old);
        if (rule == at_capacity::refuse && depth >= capacity) [[unlikely]]
            return {push_outcome::full, true};
        std::uint64_t deeper = old + inbox_word::one;
        if (depth == inbox_word::depth_max) [[unlikely]]
            deeper = old;
        std::uint64_t const next =
            (deeper & ~(inbox_word::address | inbox_word::idle)) | inbox_word::bits(n);
        // acquire: takes over what the owner wrote before it went idle (retire, try_idle);
        // release: hands that on, and the node, to whoever reads the word
        if (box.word.compare_exchange_weak(old, next, memory_order_acq_rel, memory_order_relaxed))
            [[likely]] {
            break;
        }
    }
    // relaxed: a number. It may come late: sums over word and count are right modulo 2^32.
    if (depth == inbox_word::depth_max) [[unlikely]]
        box.count.fetch_add(1, memory_order_relaxed);
    // release: pairs with the acquire in retire() and await_link()
    if (node* const before = inbox_word::last(old)) before->next.store(&n, memory_order_release);
    else box.first.store(&n, memory_order_release);
    bool const started = (old & inbox_word::idle) != 0;
    return {started ? push_outcome::started : push_outcome::queued, depth >= capacity};
}

TROUPE_HOT bool lock_free_kernel::push_to_idle(inbox& box, node& n) noexcept {
    std::uint64_t old = inbox_word::open | inbox_word::idle;
    // relaxed: the exchange checks the value. acquire and release: as in push()
    if (box.word.load(memory_order_relaxed) != old ||
        !box.word.compare_exchange_strong(old, inbox_word::of(n, 1), memory_order_acq_rel,
                                          memory_order_relaxed)) {
        return false;
    }
    // release: pairs with the acquire in front()
    box.first.store(&n, memory_order_release);
    return true;
}

TROUPE_APART inline bool lock_free_kernel::claim(inbox& box) noexcept {
    // seq_cst: the control bits were set before; the owner goes idle before it reads them
    std::uint64_t old = box.word.load(memory_order_seq_cst);
    while ((old & inbox_word::idle) != 0) {
        // acquire: takes over what the owner wrote before it went idle
        if (box.word.compare_exchange_weak(old, old & ~inbox_word::idle, memory_order_acquire,
                                           memory_order_relaxed)) {
            return true;
        }
    }
    return false;
}

inline node* lock_free_kernel::await_link(atomic<node*> const& link) noexcept {
    // acquire: pairs with the release in push()
    if (node* const n = link.load(memory_order_acquire)) [[likely]]
        return n;
    return await_late_link(link);
}
TROUPE_COLD inline node* lock_free_kernel::await_late_link(atomic<node*> const& link) noexcept {
    backoff wait;
    for (;;) {
        wait.pause();
        // acquire: as above
        if (node* const n = link.load(memory_order_acquire)) return n;
    }
}

TROUPE_HOT node* lock_free_kernel::front(inbox& box, node*& head) noexcept {
    if (head != nullptr) return head;
    // acquire: pairs with the release in push()
    head = box.first.load(memory_order_acquire);
    if (head == nullptr) [[unlikely]] {
        // relaxed: a node that is not seen now is seen by try_idle()
        if (inbox_word::last(box.word.load(memory_order_relaxed)) == nullptr) return nullptr;
        head = await_link(box.first);
    }
    // relaxed: the next push that writes `first` has seen the word that retire() empties later
    box.first.store(nullptr, memory_order_relaxed);
    return head;
}

TROUPE_HOT bool lock_free_kernel::retire(inbox& box, node*& head, std::uint32_t& unfolded,
                                         bool may_idle) noexcept {
    node* const done = head;
    // acquire: pairs with the release in push()
    head = done->next.load(memory_order_acquire);
    if (head != nullptr) return false;
    // Going idle gives the actor away with all its fields: what the owner has to write is written
    // before. The depth becomes zero, so everything that was counted has been taken.
    std::uint32_t const counted = unfolded;
    unfolded = 0;
    if (may_idle && counted <= inbox_word::depth_max) [[likely]] {
        std::uint64_t old = inbox_word::of(*done, counted);
        // release: hands the actor's state to the push that takes the idle flag;
        // seq_cst: the control bits are read afterwards (claim)
        if (box.word.compare_exchange_strong(old, inbox_word::open | inbox_word::idle,
                                             memory_order_seq_cst, memory_order_relaxed)) {
            return true;
        }
    }
    return retire_last(box, head, *done, counted, unfolded, may_idle);
}

/// The message at the end of the queue was handled, and the actor does not simply go idle: it may
/// not, or somebody is sending another message, or the depth is beyond what the word can count.
TROUPE_COLD inline bool lock_free_kernel::retire_last(inbox& box, node*& head, node& done,
                                                      std::uint32_t  counted,
                                                      std::uint32_t& unfolded,
                                                      bool           may_idle) noexcept {
    std::uint64_t const empty = inbox_word::open | (may_idle ? inbox_word::idle : 0);
    std::uint64_t old = box.word.load(memory_order_relaxed);  // relaxed: the exchange checks it
    while (inbox_word::last(old) == &done) {
        std::uint32_t const beyond = counted - inbox_word::depth(old);
        // relaxed: a number; given back before the actor is
        if (beyond != 0) box.count.fetch_sub(beyond, memory_order_relaxed);
        // as in retire()
        if (box.word.compare_exchange_weak(old, empty, memory_order_seq_cst,
                                           memory_order_relaxed)) {
            return may_idle;
        }
        if (beyond != 0) box.count.fetch_add(beyond, memory_order_relaxed);
    }
    unfolded = counted;
    head = await_link(done.next);
    return false;
}

inline bool lock_free_kernel::try_idle(inbox& box) noexcept {
    std::uint64_t old = box.word.load(memory_order_relaxed);  // relaxed: the exchange checks it
    while (inbox_word::last(old) == nullptr) {
        // as in retire()
        if (box.word.compare_exchange_weak(old, inbox_word::open | inbox_word::idle,
                                           memory_order_seq_cst, memory_order_relaxed)) {
            return true;
        }
    }
    return false;
}

inline std::uint32_t lock_free_kernel::fold(inbox& box, std::uint32_t& unfolded) noexcept {
    // First what the word could not count, so that it stays full while there is any. A sender may
    // count late: below zero there is nothing to take. relaxed: a number
    auto const beyond = static_cast<std::int32_t>(box.count.load(memory_order_relaxed));
    if (beyond > 0) [[unlikely]] {
        auto const          most = static_cast<std::uint32_t>(beyond);
        std::uint32_t const less = unfolded < most ? unfolded : most;
        box.count.fetch_sub(less, memory_order_relaxed);
        unfolded -= less;
    }
    std::uint64_t old = box.word.load(memory_order_relaxed);  // relaxed: the exchange checks it
    for (;;) {
        std::uint32_t const depth = inbox_word::depth(old);
        std::uint32_t const taken = unfolded < depth ? unfolded : depth;
        if (taken == 0) return depth;
        std::uint64_t const less = old - taken * inbox_word::one;
        // seq_cst: waiters announce themselves and then read the depth; the owner folds and then
        // looks for waiters
        if (box.word.compare_exchange_weak(old, less, memory_order_seq_cst, memory_order_relaxed)) {
            unfolded -= taken;
            return inbox_word::depth(less);
        }
    }
}

inline node* lock_free_kernel::close(inbox& box, node*& head) noexcept {
    // acquire: takes the last nodes; release: pushes that see it closed touch nothing any more
    std::uint64_t const old = box.word.exchange(0, memory_order_acq_rel);
    node* const         last = inbox_word::last(old);
    if (last == nullptr) return nullptr;
    if (head == nullptr) head = await_link(box.first);
    node* const chain = head;
    head = nullptr;
    // Every push that got in before the end links its node; wait for the slowest of them.
    for (node* n = chain; n != last;) n = await_link(n->next);
    return chain;
}

}  // namespace troupe::inline TROUPE_ABI::detail
