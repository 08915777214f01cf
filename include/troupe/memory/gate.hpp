// SPDX-License-Identifier: BSL-1.0
#pragma once

// The door through which threads that are not workers enter a system. It outlives the system, so a
// reference of an ended system finds a closed door instead of freed memory.

#include <cstdint>
#include <new>
#include <utility>

#include "troupe/base/layout.hpp"
#include "troupe/base/time.hpp"
#include "troupe/config/hints.hpp"
#include "troupe/os/monotonic_clock.hpp"
#include "troupe/sync/lock_rank.hpp"
#include "troupe/sync/spin.hpp"

namespace troupe::inline TROUPE_ABI::detail {

class core;

/// Serial numbers of systems take the top bits of an incarnation; the rest counts its actors.
inline constexpr int           serial_shift = 42;
inline constexpr std::uint64_t serial_max = (std::uint64_t{1} << (64 - serial_shift)) - 1;
inline constexpr std::uint64_t creation_max = (std::uint64_t{1} << serial_shift) - 1;

/// Any thread. Memory for gates is never given back, only used again under another serial.
class alignas(cache_line) gate {
public:
    /// Enters the system `serial`; false when it has ended. Each success needs a leave().
    bool enter(std::uint64_t serial) noexcept {
        // acquire: pairs with the release in open(), so that the core is seen complete
        std::uint64_t const before = state_.fetch_add(1, memory_order_acq_rel);
        if ((before >> serial_at) == serial && (before & closed) == 0) return true;
        leave();
        return false;
    }
    void leave() noexcept {
        // release: pairs with the acquire in close(): what was done inside is done before the end
        state_.fetch_sub(1, memory_order_release);
    }
    /// Valid between enter() and leave().
    core* inside() const noexcept { return core_; }

    void open(std::uint64_t serial, core* inside) noexcept {
        core_ = inside;
        std::uint64_t old = state_.load(memory_order_relaxed);
        // A late enter() of an ended system may be counted right now: keep the count.
        // release: pairs with the acquire in enter()
        while (!state_.compare_exchange_weak(old, (serial << serial_at) | (old & count),
                                             memory_order_acq_rel, memory_order_relaxed)) {}
    }
    /// Lets nobody in any more and waits until everybody is out; false when the time is over first.
    TROUPE_COLD bool close(duration patience) noexcept {
        state_.fetch_or(closed, memory_order_acq_rel);
        time_point const end = real_time() + patience;
        backoff          wait;
        // acquire: pairs with the release in leave()
        while ((state_.load(memory_order_acquire) & count) != 0) {
            if (real_time() >= end) return false;
            wait.pause();
        }
        return true;
    }

    gate* next_free TROUPE_GUARDED_BY(rank::arena::lock) = nullptr;  // that of the registry
    gate* made_before = nullptr;  // all gates that ever were: none is lost, whoever has it

private:
    static constexpr int           serial_at = serial_shift;
    static constexpr std::uint64_t closed = std::uint64_t{1} << 41;
    static constexpr std::uint64_t count = closed - 1;

    atomic<std::uint64_t> state_{closed};
    core*                 core_ = nullptr;  // written before open(), read between enter and leave
};

/// What is shared by all systems of the process, and nothing else is: free gates, the next serial,
/// and the messages that were sent to nobody. Never destroyed.
struct gate_registry {
    ranked_mutex<rank::arena> mutex;
    gate*                     free_gates TROUPE_GUARDED_BY(mutex) = nullptr;
    gate*                     made TROUPE_GUARDED_BY(mutex) = nullptr;  // by made_before
    std::uint64_t             next_serial TROUPE_GUARDED_BY(mutex) = 1;
    atomic<std::uint64_t>     sent_to_null{0};    // any thread
    atomic<std::uint64_t>     sent_after_end{0};  // any thread

    /// A closed gate and a fresh serial, or null when the serials are used up.
    template <class Token>
    TROUPE_COLD gate* take(std::uint64_t& serial, Token const& token) {
        lock_guard const held{mutex, token};
        if (next_serial > serial_max) return nullptr;
        gate* taken = free_gates;
        if (taken != nullptr) {
            free_gates = taken->next_free;
        } else {
            taken = new gate;
            taken->made_before = std::exchange(made, taken);
        }
        serial = next_serial++;
        return taken;
    }
    template <class Token>
    TROUPE_COLD void give(gate* closed, Token const& token) noexcept {
        lock_guard const held{mutex, token};
        closed->next_free = free_gates;
        free_gates = closed;
    }
};

#if defined(TROUPE_MODEL)
inline model_static<gate_registry> all_gates_of_model;
inline gate_registry&              all_gates = all_gates_of_model.value;
#else
inline constinit gate_registry all_gates{};
#endif

}  // namespace troupe::inline TROUPE_ABI::detail
