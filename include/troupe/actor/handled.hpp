// SPDX-License-Identifier: BSL-1.0
#pragma once

// Which message the actor handles that acts on a worker, and to what it belongs. The worker only.

#include <string_view>

#include "troupe/actor/cell.hpp"
#include "troupe/actor/worker.hpp"
#include "troupe/base/correlation_id.hpp"
#include "troupe/message/node.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// What is handled by the actor that runs on a worker; empty in its hooks.
inline std::string_view message_handled(worker const& w) noexcept {
    message_info const* const info = w.handles.get();
    return w.runs.name.get() == nullptr && info != nullptr ? info->name : std::string_view{};
}

/// Whether the actor that acts on a worker handles a message, the head of its mailbox; not in its
/// hooks, and not when it is told of an end.
inline bool handles_message(worker const& w) noexcept {
    cell const* const c = w.now.acting.get();
    return w.handles.get() != nullptr && w.runs.name.get() == nullptr && c != nullptr &&
           c->head != nullptr;
}
/// To what that belongs.
inline correlation_id correlation_handled(worker const& w) noexcept {
    return handles_message(w) ? correlation_of(*w.now.acting.get()->head) : correlation_id{};
}

}  // namespace troupe::inline TROUPE_ABI::detail
