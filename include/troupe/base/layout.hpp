// SPDX-License-Identifier: BSL-1.0
#pragma once

// Numbers about memory layout.

#include <cstddef>

#include "troupe/config/abi.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// Two data written by different threads stand at least this far apart. 64 on x86-64 and most
/// AArch64; std::hardware_destructive_interference_size is not used because it may differ between
/// the files of one program (GCC warns of exactly that).
inline constexpr std::size_t cache_line = 64;

/// Every pool block is aligned to this, so the mailbox word may drop the low bits of an address.
inline constexpr std::size_t block_alignment = 16;

}  // namespace troupe::inline TROUPE_ABI::detail
