// SPDX-License-Identifier: BSL-1.0
#pragma once

// A clock that can do what a clock must and nothing more: code that compiles with it asks for no
// more. Each look at it is a nanosecond.

#include "troupe/port/clock.hpp"
#include "troupe/sync/atomic.hpp"

namespace troupe::inline TROUPE_ABI {

class clock_archetype {
public:
    clock_archetype() noexcept = default;
    clock_archetype(clock_archetype const&) = delete;
    clock_archetype& operator=(clock_archetype const&) = delete;
    void             operator&() const = delete;

    time_point now() const noexcept {
        // acq_rel: who was handed a time by another thread gets a later one
        return {looks_.fetch_add(1, detail::memory_order_acq_rel)};
    }

private:
    mutable detail::atomic<std::int64_t> looks_{0};  // any thread
};

static_assert(clock<clock_archetype>);

}  // namespace troupe::inline TROUPE_ABI
