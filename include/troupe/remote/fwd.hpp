// SPDX-License-Identifier: BSL-1.0
#pragma once

// Names of the room, for users' own headers. Default template arguments are spelled here.

#include "troupe/message/fwd.hpp"

namespace troupe::inline TROUPE_ABI {

template <class Transport, class Codec = binary_codec>
class node;

}  // namespace troupe::inline TROUPE_ABI
