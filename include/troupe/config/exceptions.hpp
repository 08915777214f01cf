// SPDX-License-Identifier: BSL-1.0
#pragma once

// One spelling of try and catch for builds with and without exceptions.

#include "troupe/config/features.hpp"

#if TROUPE_HAS_EXCEPTIONS
#define TROUPE_TRY try
#define TROUPE_CATCH_ALL catch (...)
#else
#define TROUPE_TRY if constexpr (true)
#define TROUPE_CATCH_ALL else
#endif
