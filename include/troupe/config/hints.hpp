// SPDX-License-Identifier: BSL-1.0
#pragma once

// Where a compiler cannot know what is hot. TROUPE_HOT goes into its caller, in optimised builds
// only, so that debug builds stay quick to compile and to step through. TROUPE_COLD stays out, and
// is made small. TROUPE_APART only stays out: it is not on the path of a message, and each place
// that calls it would be compiled with a copy of it.

#if defined(__OPTIMIZE__) && (defined(__GNUC__) || defined(__clang__))
#define TROUPE_HOT [[gnu::always_inline]] inline
#else
#define TROUPE_HOT inline
#endif

#if defined(__GNUC__) || defined(__clang__)
#define TROUPE_COLD [[gnu::noinline, gnu::cold]]
#define TROUPE_APART [[gnu::noinline]]
#else
#define TROUPE_COLD
#define TROUPE_APART
#endif
