// SPDX-License-Identifier: BSL-1.0
#pragma once

// The producer side of a mailbox: one layout for all policies, because a sender that comes late may
// meet a cell whose actor, and so whose policy, has changed.

#include <cstdint>

#include "troupe/message/node.hpp"
#include "troupe/sync/spin_lock.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// Half a cache line. All zero is a closed mailbox of nobody.
struct inbox {
    // The mailbox word. Lock-free kernel: last node, depth, idle, closed (inbox_word below).
    // Locked kernel: always marked closed, so that a late lock-free push bounces off; its own state
    // is in the low bits and changes under the lock.
    atomic<std::uint64_t> word{0};
    // Lock-free kernel: written by the push that found the queue empty, taken by the owner.
    // Locked kernel: front of the queue, under the lock; as with `word` and `count` no attribute
    // says so, because the other kernel does without.
    atomic<node*> first{nullptr};
    plain<node*>  last TROUPE_GUARDED_BY(lock){};  // locked kernel: back of the queue
    spin_lock     lock;                            // locked kernel
    // Locked kernel: queued messages; under the lock, so relaxed is enough. Lock-free kernel: those
    // beyond what the word can count, modulo 2^32; any sender, and the owner.
    atomic<std::uint32_t> count{0};
};

/// How the 64 bits are used: 44 of address (blocks are aligned to 16), 18 of depth, two flags.
/// A zero word is closed for pushes because `open` is not set.
struct inbox_word {
    static constexpr int           depth_at = 44;
    static constexpr std::uint64_t address = (std::uint64_t{1} << depth_at) - 1;
    static constexpr std::uint64_t one = std::uint64_t{1} << depth_at;
    static constexpr std::uint32_t depth_max = (std::uint32_t{1} << 18) - 1;  // the rest: `count`
    static constexpr std::uint64_t idle = std::uint64_t{1} << 62;
    static constexpr std::uint64_t open = std::uint64_t{1} << 63;

    // The states of a locked kernel, which is never marked open.
    static constexpr std::uint64_t locked_live = 1;
    static constexpr std::uint64_t locked_idle = 2;

    static node* last(std::uint64_t word) noexcept {
        return reinterpret_cast<node*>((word & address) << 4);
    }
    static std::uint64_t bits(node& n) noexcept {
        return (reinterpret_cast<std::uintptr_t>(&n) >> 4) & address;
    }
    /// Open, not idle, and `n` the last of `depth` messages.
    static std::uint64_t of(node& n, std::uint32_t depth) noexcept {
        return bits(n) | open | (std::uint64_t{depth} << depth_at);
    }
    static constexpr std::uint32_t depth(std::uint64_t word) noexcept {
        return static_cast<std::uint32_t>((word >> depth_at) & depth_max);
    }
};

/// Nobody held the right to run the actor when this was read. Any thread, any kernel; for reports.
inline bool seems_idle(inbox const& box) noexcept {
    std::uint64_t const word = box.word.load(memory_order_relaxed);  // relaxed: a hint
    if ((word & inbox_word::open) != 0) return (word & inbox_word::idle) != 0;
    return word == (inbox_word::locked_live | inbox_word::locked_idle);
}

/// What a push did.
enum class push_outcome : std::uint8_t {
    queued,   // the owner will find it
    started,  // the mailbox was idle: the pusher now holds the right to run the actor
    full,     // refused
    closed,   // the actor is gone
};

struct push_result {
    push_outcome outcome;
    bool         over;              // queued although the mailbox was at its capacity
    node*        victim = nullptr;  // pushed out by drop_oldest: the pusher disposes of it
};

/// Whether a push may go beyond the capacity (`block`: the sender is muted instead).
enum class at_capacity : std::uint8_t { refuse, admit, replace_oldest };

}  // namespace troupe::inline TROUPE_ABI::detail
