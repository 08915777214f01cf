// SPDX-License-Identifier: BSL-1.0
#pragma once

// Where every message is: the conservation law of a system, as numbers.

#include <cstddef>
#include <cstdint>

#include "troupe/base/errors.hpp"
#include "troupe/sync/counter.hpp"

namespace troupe::inline TROUPE_ABI {

/// The books of a system. Exact when nothing runs (after `wait_idle`); otherwise each number is
/// right by itself, but they were not read at one instant.
struct accounting {
    std::uint64_t sent = 0;                   ///< messages given to send, try_send, ask, after
    std::uint64_t handled = 0;                ///< handlers that ended, well or not
    std::uint64_t failed = 0;                 ///< of these, how many failed
    std::uint64_t dropped[drop_causes] = {};  ///< by `drop_cause`
    std::uint64_t queued = 0;  ///< waiting in mailboxes or for room, or in a suspended handler
    std::uint64_t overcommitted = 0;  ///< taken by a full `block` mailbox; their senders were muted
    std::uint64_t cycles = 0;         ///< waits let through because they would have closed a cycle
    std::uint64_t actors = 0;         ///< alive
    std::uint64_t timers = 0;         ///< armed
    std::uint64_t blocks = 0;         ///< pool blocks in use
    std::uint64_t pool_misses = 0;    ///< how often a worker had to ask the depot

    std::uint64_t dropped_total() const noexcept {
        std::uint64_t sum = 0;
        for (std::uint64_t const n : dropped) sum += n;
        return sum;
    }
    std::uint64_t dropped_by(drop_cause cause) const noexcept {
        return dropped[static_cast<std::size_t>(cause)];
    }
    /// The law: sent = handled + dropped + queued.
    bool balanced() const noexcept { return sent == handled + dropped_total() + queued; }
};

namespace detail {

/// What one worker counts. Plain adds; read by anyone.
struct worker_counters {
    owned_counter sent;
    owned_counter handled;
    owned_counter failed;
    owned_counter dropped[drop_causes];
    owned_counter overcommitted;
    owned_counter cycles;
    owned_counter suspended;            // handlers that began to wait
    owned_counter resumed;              // of these, how many have ended
    owned_counter asks[ask_errcs + 1];  // answered, and by ask_errc
    owned_counter deepest;              // mailbox that was seen

    void add_to(accounting& sum) const noexcept {
        sum.sent += sent.get();
        sum.handled += handled.get();
        sum.failed += failed.get();
        for (std::size_t i = 0; i < drop_causes; ++i) sum.dropped[i] += dropped[i].get();
        sum.overcommitted += overcommitted.get();
        sum.cycles += cycles.get();
        sum.queued += suspended.get() - resumed.get();
    }
};

}  // namespace detail
}  // namespace troupe::inline TROUPE_ABI
