// SPDX-License-Identifier: BSL-1.0
#pragma once

// The tree of actors, as the check of its order sees it (sync/tree_order.hpp): debug builds end the
// program where a run right is taken or an order is given the wrong way round.

#include <cstddef>
#include <cstdint>

#include "troupe/actor/make_failure.hpp"
#include "troupe/sync/tree_order.hpp"

namespace troupe::inline TROUPE_ABI::detail {

struct tree_of_actors {
    using actor = cell;
    static cell const*   parent(cell const& c) noexcept { return c.above(); }
    static std::uint64_t number(cell const& c) noexcept {
        // relaxed: the caller has the run right of it, or of its parent
        return c.incarnation.load(memory_order_relaxed) & creation_max;
    }
    static void const* system(cell const& c) noexcept {
        return c.door.load(memory_order_relaxed);  // relaxed: as above
    }
    static std::size_t path(cell const& c, char* to, std::size_t room) noexcept {
        return actor_path{c}.view().copy(to, room);
    }
};
using tree_rules = tree_order<tree_of_actors>;

}  // namespace troupe::inline TROUPE_ABI::detail
