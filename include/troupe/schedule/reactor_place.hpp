// SPDX-License-Identifier: BSL-1.0
#pragma once

// Where a scheduler keeps the reactor of its system, which is made when somebody first asks for it;
// and how often those who have work look in there.

#include <cstdint>

#include "troupe/base/time.hpp"
#include "troupe/config/hints.hpp"
#include "troupe/os/monotonic_clock.hpp"
#include "troupe/os/reactor.hpp"
#include "troupe/sync/atomic.hpp"

namespace troupe::inline TROUPE_ABI::detail {

class reactor_place {
public:
    reactor_place() noexcept = default;
    ~reactor_place() {
        if (owned_) delete get();
    }
    reactor_place(reactor_place const&) = delete;
    reactor_place& operator=(reactor_place const&) = delete;

    /// Any thread. Null: nobody has asked for one.
    reactor* get() const noexcept {
        return reactor_.load(memory_order_acquire);  // acquire: pairs with the exchange in make()
    }
    /// Any thread. `opened` is called when there is something to wait for. May throw bad_alloc.
    TROUPE_COLD reactor& make(transport_signal opened) {
        reactor* there = get();
        if (there != nullptr) return *there;
        auto* const fresh = new reactor;
        fresh->when_opened(opened);
        // acq_rel: who finds it finds it whole
        if (reactor_.compare_exchange_strong(there, fresh, memory_order_acq_rel,
                                             memory_order_acquire)) {
            return *fresh;
        }
        delete fresh;
        return *there;
    }
    /// Before the scheduler starts: one that belongs to somebody else.
    void use(reactor& other) noexcept {
        reactor_.store(&other, memory_order_release);
        owned_ = false;
    }

private:
    atomic<reactor*> reactor_{nullptr};
    bool             owned_ = true;
};

/// A worker's. A look into the reactor is a system call: as dear as a few turns, so that it is the
/// time that counts, and the clock is read once in several turns.
class input_watch {
public:
    /// The bits of the number of a turn before which the worker is to look whether it is time: all
    /// zero. None where turns take long.
    std::uint32_t mask() const noexcept { return mask_; }

    /// Once in so many turns: whether it is time to look into the reactor.
    TROUPE_COLD bool is_time() noexcept {
#if defined(TROUPE_MODEL)
        return true;
#else
        time_point const now = real_time();
        duration const   turns = now - asked_;
        asked_ = now;
        if (mask_ != 0 && turns > interval) mask_ = 0;
        else if (mask_ == 0 && turns < interval / short_turns) mask_ = short_turns - 1;
        if (now - looked_ < interval) return false;
        looked_ = now;
        return true;
#endif
    }

private:
    static constexpr duration      interval = std::chrono::microseconds{20};
    static constexpr std::uint32_t short_turns = 16;  // one reading of the clock for so many

    std::uint32_t mask_ = short_turns - 1;
    time_point    asked_{};
    time_point    looked_{};
};

}  // namespace troupe::inline TROUPE_ABI::detail
