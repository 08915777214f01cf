// SPDX-License-Identifier: BSL-1.0
#pragma once

// Who is restarted together with a child that has failed, how often and how soon. An actor that
// supervises has one of the four, as a constant that is public:
//
//     static constexpr auto supervision = troupe::one_for_one{.max_restarts = 5, .within = 10s};
//
// Nothing here runs: the runtime reads all of them in one form, supervision/rules.hpp.

#include <cstdint>

#include "troupe/base/time.hpp"
#include "troupe/supervision/fwd.hpp"

namespace troupe::inline TROUPE_ABI {

/// Waits before a restart: first, first * factor, ... at most max. `jitter` takes up to that share
/// off, by chance of the system's generator, so `max` is a bound. Begins again with `first` when
/// the child has run for `reset_after` without failing (0: for `within`). The waiting child has no
/// object; its mailbox fills by its policy.
struct backoff_options {
    duration first{0};        ///< 0: restarts do not wait
    duration max{0};          ///< 0: as `first`
    double   factor = 2;      ///< 1 or more
    double   jitter = 0;      ///< 0 to 1
    duration reset_after{0};  ///< 0: as `within`
};

/// Whose restarts are counted together. `max_restarts` is for each child by itself, or for all
/// children of the parent together.
enum class counted : std::uint8_t { per_child, per_group };

/// What becomes of the messages that wait for a child that is restarted: they are for the new
/// object, in their order, or are dropped and counted (`drop_cause::restarted`).
enum class mail : std::uint8_t { keep, drop };

/// For `max_restarts`: there is no budget, and nothing is counted.
inline constexpr unsigned unlimited = ~0u;

// The order of the members is part of the API. `max_restarts` restarts are allowed in every window
// of length `within` (0 to 255, or unlimited); the next failure in it escalates.

/// The failed child alone.
struct one_for_one {
    unsigned        max_restarts = 3;
    duration        within = std::chrono::seconds{5};
    backoff_options backoff{};
    counted         budget = counted::per_child;
    mail            mailbox = mail::keep;
};

/// All children: ended in the reverse order of their start, then started in order. `temporary`
/// children end and stay ended.
struct one_for_all {
    unsigned        max_restarts = 3;
    duration        within = std::chrono::seconds{5};
    backoff_options backoff{};
    counted         budget = counted::per_group;
    mail            mailbox = mail::keep;
};

/// The failed child and all that were started after it.
struct rest_for_one {
    unsigned        max_restarts = 3;
    duration        within = std::chrono::seconds{5};
    backoff_options backoff{};
    counted         budget = counted::per_group;
    mail            mailbox = mail::keep;
};

/// A strategy of one's own: asked for each child, the youngest first, on the parent's turn; the
/// failed one belongs to the group whatever is said. Must not throw (a lambda without captures
/// fits).
struct chosen {
    bool (*affects)(failure const&, child_info const&) = nullptr;
    unsigned        max_restarts = 3;
    duration        within = std::chrono::seconds{5};
    backoff_options backoff{};
    counted         budget = counted::per_group;
    mail            mailbox = mail::keep;
};

}  // namespace troupe::inline TROUPE_ABI
