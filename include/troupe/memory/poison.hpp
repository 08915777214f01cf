// SPDX-License-Identifier: BSL-1.0
#pragma once

// A cached block looks freed to AddressSanitizer, so use after free of a message is reported even
// though the memory never goes back to the heap.

#include <cstddef>

#include "troupe/config/abi.hpp"

#if TROUPE_HAS_ASAN
#include <sanitizer/asan_interface.h>
#endif

namespace troupe::inline TROUPE_ABI::detail {

inline void poison([[maybe_unused]] void* from, [[maybe_unused]] std::size_t bytes) noexcept {
#if TROUPE_HAS_ASAN
    __asan_poison_memory_region(from, bytes);
#endif
}

inline void unpoison([[maybe_unused]] void* from, [[maybe_unused]] std::size_t bytes) noexcept {
#if TROUPE_HAS_ASAN
    __asan_unpoison_memory_region(from, bytes);
#endif
}

}  // namespace troupe::inline TROUPE_ABI::detail
