// SPDX-License-Identifier: BSL-1.0
#pragma once

// The version, for users' preprocessor and for CMake, which reads it from here.

#define TROUPE_VERSION_MAJOR 0
#define TROUPE_VERSION_MINOR 1
#define TROUPE_VERSION_PATCH 0
#define TROUPE_VERSION \
    (TROUPE_VERSION_MAJOR * 10000 + TROUPE_VERSION_MINOR * 100 + TROUPE_VERSION_PATCH)

// The tree and the single header define the same names: one program takes one of them.
#if defined(TROUPE_SINGLE_HEADER)
#error "troupe: the single header and the header tree are both included; use one of them"
#endif
#define TROUPE_TREE_HEADERS 1
