// SPDX-License-Identifier: BSL-1.0
#pragma once

// The one door to atomics. Behind it stand the builtins of GCC and Clang, which <atomic> is made of
// too: that header costs more to compile than this library's use of it. In model tests
// (TROUPE_MODEL) it is the Relacy race detector, which explores the interleavings of the shipped
// source; in budget tests (TROUPE_COUNT_RMW) read-modify-write operations are counted.
//
// Orders are spelled at each call, `memory_order_release` without `std::`: Relacy replaces the
// word. Stand-alone fences are not used anywhere: ThreadSanitizer does not understand them.

#include <cstdint>

#include "troupe/config/abi.hpp"

#if defined(TROUPE_MODEL)
#include "troupe/sync/model_checker.hpp"
#endif

namespace troupe::inline TROUPE_ABI::detail {

#if defined(TROUPE_MODEL)

template <class Value>
using atomic = rl::atomic<Value>;

/// Data that is shared without being atomic: the model checker reports a race on it.
template <class Value>
class plain {
public:
    plain() : value_() {}
    explicit plain(Value value) { write(value); }
    Value read() const { return const_cast<rl::var<Value>&>(value_)($); }
    void  write(Value value) { value_($) = value; }

private:
    rl::var<Value> value_;
};

#else

enum memory_order : int {
    memory_order_relaxed = __ATOMIC_RELAXED,
    memory_order_acquire = __ATOMIC_ACQUIRE,
    memory_order_release = __ATOMIC_RELEASE,
    memory_order_acq_rel = __ATOMIC_ACQ_REL,
    memory_order_seq_cst = __ATOMIC_SEQ_CST,
};

#if defined(TROUPE_COUNT_RMW)
/// Read-modify-write operations of this thread since it started.
inline thread_local std::uint64_t rmw_count = 0;
inline void                       count_rmw() noexcept { ++rmw_count; }
#else
inline void count_rmw() noexcept {}
#endif

/// As std::atomic, with the operations that the library uses.
template <class Value>
class atomic {
public:
    constexpr atomic() noexcept = default;
    constexpr atomic(Value value) noexcept : value_(value) {}  // NOLINT: as std::atomic
    atomic(atomic const&) = delete;
    atomic& operator=(atomic const&) = delete;

    Value load(memory_order order = memory_order_seq_cst) const noexcept {
        Value value;
        __atomic_load(&value_, &value, order);
        return value;
    }
    void store(Value value, memory_order order = memory_order_seq_cst) noexcept {
        __atomic_store(&value_, &value, order);
    }
    Value exchange(Value value, memory_order order = memory_order_seq_cst) noexcept {
        count_rmw();
        Value before;
        __atomic_exchange(&value_, &value, &before, order);
        return before;
    }
    bool compare_exchange_weak(Value& expected, Value desired, memory_order success,
                               memory_order failure) noexcept {
        count_rmw();
        return __atomic_compare_exchange(&value_, &expected, &desired, true, success, failure);
    }
    bool compare_exchange_strong(Value& expected, Value desired, memory_order success,
                                 memory_order failure) noexcept {
        count_rmw();
        return __atomic_compare_exchange(&value_, &expected, &desired, false, success, failure);
    }
    Value fetch_add(Value value, memory_order order = memory_order_seq_cst) noexcept {
        count_rmw();
        return __atomic_fetch_add(&value_, value, order);
    }
    Value fetch_sub(Value value, memory_order order = memory_order_seq_cst) noexcept {
        count_rmw();
        return __atomic_fetch_sub(&value_, value, order);
    }
    Value fetch_or(Value value, memory_order order = memory_order_seq_cst) noexcept {
        count_rmw();
        return __atomic_fetch_or(&value_, value, order);
    }
    Value fetch_and(Value value, memory_order order = memory_order_seq_cst) noexcept {
        count_rmw();
        return __atomic_fetch_and(&value_, value, order);
    }

private:
    alignas(sizeof(Value)) Value value_{};  // eight bytes need that on 32-bit machines
};

/// Data that is shared without being atomic: one owner at a time, handed over by an atomic.
template <class Value>
class plain {
public:
    constexpr plain() noexcept = default;
    constexpr explicit plain(Value value) noexcept : value_(value) {}
    Value read() const noexcept { return value_; }
    void  write(Value value) noexcept { value_ = value; }

private:
    Value value_{};
};

#endif

}  // namespace troupe::inline TROUPE_ABI::detail
