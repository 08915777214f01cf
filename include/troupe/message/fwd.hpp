// SPDX-License-Identifier: BSL-1.0
#pragma once

// Names of the room, for users' own headers.

#include "troupe/config/abi.hpp"

namespace troupe::inline TROUPE_ABI {

template <class... Signatures>
struct protocol;

namespace detail {
struct node;
struct message_info;
}  // namespace detail

}  // namespace troupe::inline TROUPE_ABI
