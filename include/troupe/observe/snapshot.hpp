// SPDX-License-Identifier: BSL-1.0
#pragma once

// Everything a system counts by itself, whether it has a metrics sink or not, read at one call.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "troupe/base/errors.hpp"
#include "troupe/observe/accounting.hpp"

namespace troupe::inline TROUPE_ABI {

/// How an ask can end: with its reply, or by one of the `ask_errc`.
inline constexpr std::size_t ask_outcomes = ask_errcs + 1;
/// As label values.
inline constexpr std::string_view ask_outcome_names[ask_outcomes] = {
    "answered",        "failed",         "expired",     "abandoned", "target_gone",
    "refused",         "pool_exhausted", "would_block", "cycle",     "cancelled",
    "frame_too_large", "restarted",      "link_lost"};

/// What schedulers count.
struct scheduler_counts {
    unsigned      workers = 0;
    std::uint64_t turns = 0;   ///< of actors, and looks for one that found none
    std::uint64_t parks = 0;   ///< times a worker went to sleep
    std::uint64_t steals = 0;  ///< times one took actors that waited for another
};

/// Each number is right by itself; together they are exact when nothing runs.
struct system_snapshot {
    accounting       books;
    std::uint64_t    dead_letters[drop_causes] = {};  ///< by `drop_cause`
    std::uint64_t    asks[ask_outcomes] = {};         ///< answered, and by `ask_errc`
    std::uint64_t    sender_waits = 0;                ///< for room in a mailbox
    std::uint64_t    mailbox_high_water = 0;          ///< see metric::mailbox_high_water
    scheduler_counts scheduler;
    double           cpu_seconds = 0;   ///< of the process; negative: not known here
    double           memory_bytes = 0;  ///< of the process, in RAM; negative: not known here

    std::uint64_t asks_answered() const noexcept { return asks[0]; }
    std::uint64_t asks_ended_by(ask_errc why) const noexcept {
        return asks[1 + static_cast<std::size_t>(why)];
    }
};

}  // namespace troupe::inline TROUPE_ABI
