// SPDX-License-Identifier: BSL-1.0
#pragma once

// What the compiler and the platform offer. Every TROUPE_HAS_ macro is always defined, 0 or 1;
// they are found here, never set by the user. Behaviour is chosen by types, not by macros.

#include <version>

#if defined(__cpp_exceptions)
#define TROUPE_HAS_EXCEPTIONS 1
#else
#define TROUPE_HAS_EXCEPTIONS 0
#endif

// What was thrown can be asked for its type: typeid, dynamic_cast, and the Itanium C++ ABI, which
// says which type is being handled.
#if TROUPE_HAS_EXCEPTIONS && defined(__cpp_rtti) && __has_include(<cxxabi.h>)
#define TROUPE_HAS_EXCEPTION_TYPES 1
#else
#define TROUPE_HAS_EXCEPTION_TYPES 0
#endif

#if defined(__SANITIZE_THREAD__)
#define TROUPE_HAS_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TROUPE_HAS_TSAN 1
#endif
#endif
#if !defined(TROUPE_HAS_TSAN)
#define TROUPE_HAS_TSAN 0
#endif

#if defined(__SANITIZE_ADDRESS__)
#define TROUPE_HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TROUPE_HAS_ASAN 1
#endif
#endif
#if !defined(TROUPE_HAS_ASAN)
#define TROUPE_HAS_ASAN 0
#endif

#if defined(__linux__)
#define TROUPE_HAS_FUTEX 1
#define TROUPE_HAS_MEMBARRIER 1
#define TROUPE_HAS_EPOLL 1
#else
#define TROUPE_HAS_FUTEX 0
#define TROUPE_HAS_MEMBARRIER 0
#define TROUPE_HAS_EPOLL 0
#endif

#if defined(__unix__) || defined(__APPLE__)
#define TROUPE_HAS_POSIX 1
#else
#define TROUPE_HAS_POSIX 0
#endif

// GCC 12 destroys a non-trivial aggregate twice when it is built inside a co_await expression;
// see docs/design/0005-asks.md. Newer GCC have not been tried and are trusted.
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ <= 12
#define TROUPE_HAS_AGGREGATE_AWAIT_BUG 1
#else
#define TROUPE_HAS_AGGREGATE_AWAIT_BUG 0
#endif
