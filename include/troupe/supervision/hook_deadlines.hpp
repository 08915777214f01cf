// SPDX-License-Identifier: BSL-1.0
#pragma once

// How long the hooks of an actor may take.

#include "troupe/base/time.hpp"

namespace troupe::inline TROUPE_ABI {

/// On the system's clock: `static constexpr auto hooks = troupe::hook_deadlines{.stopping = 2s};`.
/// A coroutine is cut at its deadline. A function cannot be: that it took longer is told when it
/// has returned ("hook overdue"), and until then it stands in the report of `stop`.
struct hook_deadlines {
    duration started = std::chrono::seconds{5};
    duration stopping = std::chrono::seconds{5};
    duration stopped = std::chrono::seconds{5};
    duration restarting = std::chrono::seconds{5};
};

}  // namespace troupe::inline TROUPE_ABI
