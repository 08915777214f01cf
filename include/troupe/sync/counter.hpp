// SPDX-License-Identifier: BSL-1.0
#pragma once

// A counter with one writer and any number of readers. Adding is a load and a store, no
// read-modify-write: it costs what a plain integer costs.

#include <cstdint>

#include "troupe/config/hints.hpp"
#include "troupe/sync/atomic.hpp"

namespace troupe::inline TROUPE_ABI::detail {

class owned_counter {
public:
    /// The owner only.
    TROUPE_HOT void add(std::uint64_t n) noexcept {
        // relaxed: one writer; readers want a value, not an order. Sums are exact only at
        // quiescence, where another synchronization has ordered everything before the reader.
        value_.store(value_.load(memory_order_relaxed) + n, memory_order_relaxed);
    }
    /// Only ever more.
    void raise(std::uint64_t to) noexcept {
        if (to > value_.load(memory_order_relaxed)) value_.store(to, memory_order_relaxed);
    }
    void          sub(std::uint64_t n) noexcept { add(0 - n); }  // unsigned: runs round, and back
    std::uint64_t get() const noexcept {
        return value_.load(memory_order_relaxed);  // relaxed: as in add()
    }
    /// For who reads it among other words: those after it are read after it.
    std::uint64_t seen() const noexcept {
        // acquire: for that order; it pairs with nothing
        return value_.load(memory_order_acquire);
    }

private:
    atomic<std::uint64_t> value_{0};
};

}  // namespace troupe::inline TROUPE_ABI::detail
