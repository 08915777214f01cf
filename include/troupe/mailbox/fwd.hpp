// SPDX-License-Identifier: BSL-1.0
#pragma once

// Names of the room. Default template arguments are spelled here and nowhere else.

#include <cstddef>

#include "troupe/config/abi.hpp"

namespace troupe::inline TROUPE_ABI {

/// What happens to a message when the mailbox is full.
namespace overflow {
struct block;
struct fail;
struct drop_newest;
struct drop_oldest;
}  // namespace overflow

struct unbounded_mailbox;

template <std::size_t Capacity, class Overflow = overflow::block>
struct bounded_mailbox;

}  // namespace troupe::inline TROUPE_ABI
