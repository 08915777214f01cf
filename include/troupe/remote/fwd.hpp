// SPDX-License-Identifier: BSL-1.0
#pragma once

// Names of the room, for users' own headers. The default codec is a template with limits, which
// only its own header has: it is spelled with the class, in node.hpp.

#include "troupe/config/abi.hpp"

namespace troupe::inline TROUPE_ABI {

template <class Transport, class Codec>
class node;

}  // namespace troupe::inline TROUPE_ABI
