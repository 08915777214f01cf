// SPDX-License-Identifier: BSL-1.0
#pragma once

// The inline namespace of everything public. It spells the variants that change code or layout, so
// that two files built differently fail to link instead of failing at run time. NDEBUG is not one.

#include "troupe/config/features.hpp"
#include "troupe/config/version.hpp"

#define TROUPE_ABI_JOIN_(major, minor, variant) v##major##_##minor##variant
#define TROUPE_ABI_JOIN(major, minor, variant) TROUPE_ABI_JOIN_(major, minor, variant)

// How atomics are provided: by the compiler, counted, or by a model checker.
#if defined(TROUPE_MODEL)
#define TROUPE_ABI_SYNC model
#elif defined(TROUPE_COUNT_RMW)
#define TROUPE_ABI_SYNC counted
#elif TROUPE_HAS_TSAN
#define TROUPE_ABI_SYNC tsan
#elif TROUPE_HAS_ASAN
#define TROUPE_ABI_SYNC asan
#else
#define TROUPE_ABI_SYNC
#endif

#if TROUPE_HAS_EXCEPTIONS
#define TROUPE_ABI TROUPE_ABI_JOIN(TROUPE_VERSION_MAJOR, TROUPE_VERSION_MINOR, TROUPE_ABI_SYNC)
#else
#define TROUPE_ABI_NOEXCEPT_(sync) noexcept_##sync
#define TROUPE_ABI_NOEXCEPT(sync) TROUPE_ABI_NOEXCEPT_(sync)
#define TROUPE_ABI \
    TROUPE_ABI_JOIN(TROUPE_VERSION_MAJOR, TROUPE_VERSION_MINOR, \
                    TROUPE_ABI_NOEXCEPT(TROUPE_ABI_SYNC))
#endif

// NOLINTNEXTLINE: declares the namespace inline once, so that every file may reopen it
namespace troupe::inline TROUPE_ABI {

/// The version as text.
inline constexpr char version[] = "0.1.0";

namespace detail {}

}  // namespace troupe::inline TROUPE_ABI
