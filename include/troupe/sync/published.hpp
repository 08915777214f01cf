// SPDX-License-Identifier: BSL-1.0
#pragma once

// A word that one thread writes, as if it were its own, and that others may look at. In model tests
// it is a plain word: nothing that runs depends on what others see of it, and each would be one
// more step to be put in order with all others.

#include "troupe/sync/atomic.hpp"

namespace troupe::inline TROUPE_ABI::detail {

#if defined(TROUPE_MODEL)

template <class Value>
class published {
public:
    published() noexcept = default;
    explicit published(Value value) noexcept : value_(value) {}
    Value get() const noexcept { return value_; }
    void  set(Value value) noexcept { value_ = value; }
    Value seen() const noexcept { return value_; }

private:
    Value value_{};
};

#else

template <class Value>
class published {
public:
    published() noexcept = default;
    explicit published(Value value) noexcept : value_(value) {}
    published(published const& other) noexcept : value_(other.get()) {}
    published& operator=(published const& other) noexcept {
        set(other.get());
        return *this;
    }

    /// The writer.
    Value get() const noexcept {
        return value_.load(memory_order_relaxed);  // relaxed: its own
    }
    void set(Value value) noexcept {
        // release: pairs with the acquire in seen(). Who sees this sees all that was published
        // before; on x86 it costs what a plain store costs.
        value_.store(value, memory_order_release);
    }
    /// Any other thread.
    Value seen() const noexcept {
        // acquire: pairs with the release in set()
        return value_.load(memory_order_acquire);
    }

private:
    atomic<Value> value_{Value{}};
};

#endif

}  // namespace troupe::inline TROUPE_ABI::detail
