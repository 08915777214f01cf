// SPDX-License-Identifier: BSL-1.0
#pragma once

// The one door to atomics. Behind it stands the standard library; in model tests (TROUPE_MODEL) the
// Relacy race detector, which explores the interleavings of the shipped source; in budget tests
// (TROUPE_COUNT_RMW) a wrapper that counts read-modify-write operations.
//
// Orders are spelled at each call, `memory_order_release` without `std::`: Relacy replaces the
// word. Stand-alone fences are not used anywhere: ThreadSanitizer does not understand them.

#include <cstdint>

#include "troupe/config/abi.hpp"

#if defined(TROUPE_MODEL)
#include "troupe/sync/model_checker.hpp"
#else
#include <atomic>
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

using std::memory_order_acq_rel;
using std::memory_order_acquire;
using std::memory_order_relaxed;
using std::memory_order_release;
using std::memory_order_seq_cst;

#if defined(TROUPE_COUNT_RMW)

/// Read-modify-write operations of this thread since it started.
inline thread_local std::uint64_t rmw_count = 0;

template <class Value>
class atomic : std::atomic<Value> {
    using base = std::atomic<Value>;

public:
    using base::base;
    using base::load;
    using base::store;
    Value exchange(Value value, std::memory_order order) noexcept {
        ++rmw_count;
        return base::exchange(value, order);
    }
    Value fetch_add(Value value, std::memory_order order) noexcept {
        ++rmw_count;
        return base::fetch_add(value, order);
    }
    Value fetch_sub(Value value, std::memory_order order) noexcept {
        ++rmw_count;
        return base::fetch_sub(value, order);
    }
    Value fetch_or(Value value, std::memory_order order) noexcept {
        ++rmw_count;
        return base::fetch_or(value, order);
    }
    Value fetch_and(Value value, std::memory_order order) noexcept {
        ++rmw_count;
        return base::fetch_and(value, order);
    }
    bool compare_exchange_weak(Value& expected, Value desired, std::memory_order success,
                               std::memory_order failure) noexcept {
        ++rmw_count;
        return base::compare_exchange_weak(expected, desired, success, failure);
    }
    bool compare_exchange_strong(Value& expected, Value desired, std::memory_order success,
                                 std::memory_order failure) noexcept {
        ++rmw_count;
        return base::compare_exchange_strong(expected, desired, success, failure);
    }
};

#else

template <class Value>
using atomic = std::atomic<Value>;

#endif

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
