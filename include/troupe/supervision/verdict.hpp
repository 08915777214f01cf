// SPDX-License-Identifier: BSL-1.0
#pragma once

// What an actor may decide about a child that has failed.

#include <cstdint>
#include <string_view>

#include "troupe/supervision/fwd.hpp"

namespace troupe::inline TROUPE_ABI {

/// What happens to a child that has failed. Given by the parent's `on_failure`; an actor that
/// supervises without one says `restart`, of a child that is a function `resume`.
enum class verdict : std::uint8_t {
    resume,    ///< goes on with the next message, with the state it has; without an object: restart
    restart,   ///< a fresh object from the arguments of its spawn; a `temporary` child: stop
    stop,      ///< ends, with its children; its watchers are told
    escalate,  ///< ends, and this actor fails with its failure as the cause
};

/// The word for a verdict, for logs and tests.
constexpr std::string_view to_string(verdict v) noexcept {
    switch (v) {
        case verdict::resume: return "resume";
        case verdict::restart: return "restart";
        case verdict::stop: return "stop";
        case verdict::escalate: return "escalate";
    }
    return "?";
}

}  // namespace troupe::inline TROUPE_ABI
