// SPDX-License-Identifier: BSL-1.0
#pragma once

// A child of an actor, as the actor's own strategy (`chosen`) sees it.

#include <cstdint>
#include <string_view>

#include "troupe/actor/any_ref.hpp"
#include "troupe/actor/cell.hpp"
#include "troupe/supervision/fwd.hpp"

namespace troupe::inline TROUPE_ABI {

/// Made by the runtime for each child when one has failed, and valid during that call of
/// `chosen::affects`, on the parent's turn.
struct child_info {
    any_ref          who;
    std::string_view actor;   ///< type
    std::string_view name;    ///< empty: it has none
    std::uint64_t    number;  ///< of creation: later children have higher ones
    bool             failed;  ///< it is the one

    /// It is an `Actor`: this class, not one derived from it. Unlike `any_ref::as` it does not ask
    /// what may be sent, nor whether the child is about to end.
    template <class Actor>
    bool is() const noexcept;
};

template <class Actor>
bool child_info::is() const noexcept {
    using namespace detail;
    cell* const c = ref_access::cell_of(who);
    // relaxed: a child of the asker, which alone buries it, after this call
    return c != nullptr && c->ops.load(memory_order_relaxed)->actor == id_of<Actor>;
}

}  // namespace troupe::inline TROUPE_ABI
