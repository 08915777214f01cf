// SPDX-License-Identifier: BSL-1.0
#pragma once

// One spelling of try and catch for builds with and without exceptions.

#include "troupe/config/abi.hpp"
#include "troupe/config/features.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// For a static_assert in a template: `Types` only makes it wait for the instantiation.
template <class... Types>
inline constexpr bool exceptions_are_on = TROUPE_HAS_EXCEPTIONS == 1;

}  // namespace troupe::inline TROUPE_ABI::detail

#if TROUPE_HAS_EXCEPTIONS
#define TROUPE_TRY try
#define TROUPE_CATCH_ALL catch (...)
#else
#define TROUPE_TRY if constexpr (true)
#define TROUPE_CATCH_ALL else
#endif
