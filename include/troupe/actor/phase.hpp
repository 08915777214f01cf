// SPDX-License-Identifier: BSL-1.0
#pragma once

// Where a living actor stands, and how it gets from there to elsewhere. The table is what the
// runtime checks each step against in debug builds, and what the drawing in docs/guides/failure.md
// is made of.

#include <cstdint>
#include <string_view>

#include "troupe/config/abi.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// Only one that is `running` handles messages.
enum class phase : std::uint8_t {
    running,
    failed,     // its parent decides
    replacing,  // its children end, then its object
    down,       // it has no object; a new one comes after a delay, or by an order
    stopping,   // its hook waits
    ending,     // its children end, then itself
};

constexpr std::string_view to_string(phase p) noexcept {
    switch (p) {
        case phase::running: return "running";
        case phase::failed: return "failed";
        case phase::replacing: return "replacing";
        case phase::down: return "down";
        case phase::stopping: return "stopping";
        case phase::ending: return "ending";
    }
    return "?";
}

struct transition {
    phase            from;
    phase            to;
    std::string_view when;
};

inline constexpr transition transitions[] = {
    {phase::running, phase::failed, "it fails, and its parent supervises"},
    {phase::running, phase::replacing, "its group goes down, or its restart fails"},
    {phase::running, phase::stopping, "stop, and its hook waits"},
    {phase::running, phase::ending, "stop, or it fails and nobody supervises"},
    {phase::failed, phase::running, "resume"},
    {phase::failed, phase::replacing, "restart"},
    {phase::failed, phase::stopping, "stop, and its hook waits"},
    {phase::failed, phase::ending, "stop, escalate"},
    {phase::replacing, phase::down, "its object is gone"},
    {phase::replacing, phase::failed, "its restart has failed"},
    {phase::replacing, phase::ending, "stop"},
    {phase::down, phase::running, "a new object is built"},
    {phase::down, phase::ending, "stop"},
    {phase::stopping, phase::ending, "the hook has ended, or was cut"},
};

constexpr bool leads_to(phase from, phase to) noexcept {
    for (transition const& t : transitions) {
        if (t.from == from && t.to == to) return true;
    }
    return false;
}

}  // namespace troupe::inline TROUPE_ABI::detail
