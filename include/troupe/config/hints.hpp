// SPDX-License-Identifier: BSL-1.0
#pragma once

// Where a compiler cannot know what is hot. TROUPE_HOT goes into its caller, in optimised builds
// only, so that debug builds stay quick to compile and to step through; TROUPE_COLD stays out.

#if defined(__OPTIMIZE__) && (defined(__GNUC__) || defined(__clang__))
#define TROUPE_HOT [[gnu::always_inline]] inline
#else
#define TROUPE_HOT inline
#endif

#if defined(__GNUC__) || defined(__clang__)
#define TROUPE_COLD [[gnu::noinline, gnu::cold]]
#else
#define TROUPE_COLD
#endif
