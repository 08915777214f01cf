// SPDX-License-Identifier: BSL-1.0
#pragma once

// Names of the room, for users' own headers.

#include "troupe/config/abi.hpp"

namespace troupe::inline TROUPE_ABI {

struct defaults;

template <class Config>
class basic_system;

/// A system with the defaults.
using system = basic_system<defaults>;

}  // namespace troupe::inline TROUPE_ABI
