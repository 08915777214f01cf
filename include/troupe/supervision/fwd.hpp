// SPDX-License-Identifier: BSL-1.0
#pragma once

// Names of the room, for users' own headers: enough to declare
// `verdict on_failure(failure const&, context<bank>&)`.

#include <cstdint>

#include "troupe/config/abi.hpp"

namespace troupe::inline TROUPE_ABI {

enum class verdict : std::uint8_t;

// Of the room actor/, which is above: only signatures name them here.
class failure;
struct child_info;
template <class Actor>
class context;

}  // namespace troupe::inline TROUPE_ABI
