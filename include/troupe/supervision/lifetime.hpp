// SPDX-License-Identifier: BSL-1.0
#pragma once

// After what a child is restarted: policies of spawn and of declared children, beside the mailbox.

#include <cstdint>
#include <string_view>
#include <type_traits>

#include "troupe/config/abi.hpp"

namespace troupe::inline TROUPE_ABI {
namespace detail {

/// The three policies, as the runtime keeps them.
enum class lifetime : std::uint8_t { permanent, transient, temporary };

constexpr std::string_view to_string(lifetime l) noexcept {
    switch (l) {
        case lifetime::permanent: return "permanent";
        case lifetime::transient: return "transient";
        case lifetime::temporary: return "temporary";
    }
    return "?";
}

}  // namespace detail

/// Restarted when it fails and when it ends itself. Declared children are so by default.
struct permanent {
    static constexpr auto kind = detail::lifetime::permanent;
};
/// Restarted when it fails. Spawned children are so by default.
struct transient {
    static constexpr auto kind = detail::lifetime::transient;
};
/// Never restarted: its arguments need not be copyable, and nothing is kept of them.
struct temporary {
    static constexpr auto kind = detail::lifetime::temporary;
};

namespace detail {

template <class Policy>
concept lifetime_policy =
    requires { requires std::is_same_v<decltype(Policy::kind), lifetime const>; };

template <class Policy>
consteval lifetime lifetime_or(lifetime otherwise) {
    if constexpr (lifetime_policy<Policy>) return Policy::kind;
    else return otherwise;
}
template <class... Policies>
consteval lifetime last_lifetime(lifetime otherwise) {
    ((otherwise = lifetime_or<Policies>(otherwise)), ...);
    return otherwise;
}

/// The lifetime among policies of several kinds, or `Otherwise`. (Of two the last: `check_policies`
/// has refused them.)
template <lifetime Otherwise, class... Policies>
inline constexpr lifetime lifetime_among = last_lifetime<Policies...>(Otherwise);

static_assert(lifetime_policy<permanent>);
static_assert(lifetime_policy<transient>);
static_assert(lifetime_policy<temporary>);

}  // namespace detail
}  // namespace troupe::inline TROUPE_ABI
