// SPDX-License-Identifier: BSL-1.0
#pragma once

// TROUPE_ASSERT(condition, text): a broken promise inside the library, checked in debug builds.
// Users may define it before the first include; it must not throw. It changes no layout.

#include <cstdio>
#include <cstdlib>

#include "troupe/config/abi.hpp"
#include "troupe/config/hints.hpp"

namespace troupe::inline TROUPE_ABI::detail {

[[noreturn]] TROUPE_COLD inline void assertion_failed(char const* condition, char const* text,
                                                      char const* file, int line) noexcept {
    std::fprintf(stderr, "troupe: %s:%d: %s (%s)\n", file, line, text, condition);
    std::abort();
}

}  // namespace troupe::inline TROUPE_ABI::detail

#if !defined(TROUPE_ASSERT)
#if defined(NDEBUG)
#define TROUPE_ASSERT(condition, text) static_cast<void>(0)
#else
#define TROUPE_ASSERT(condition, text) \
    ((condition) ? static_cast<void>(0) \
                 : ::troupe::detail::assertion_failed(#condition, text, __FILE__, __LINE__))
#endif
#endif
