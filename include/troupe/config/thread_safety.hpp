// SPDX-License-Identifier: BSL-1.0
#pragma once

// Which lock guards what, written where the compiler can read it: Clang's thread-safety analysis
// (-Wthread-safety and -Wthread-safety-beta, errors in all our builds with Clang). Elsewhere every
// macro is nothing. They change no layout and no code. The order of locks: sync/lock_rank.hpp.
// More: docs/design/0004-locks.md

#if defined(__clang__)
#define TROUPE_THREAD_SAFETY(...) __attribute__((__VA_ARGS__))
#else
#define TROUPE_THREAD_SAFETY(...)
#endif

// A class: its objects are held by one thread at a time. Warnings call them `kind`.
#define TROUPE_CAPABILITY(kind) TROUPE_THREAD_SAFETY(capability(kind))
// A class: its objects hold something while they live.
#define TROUPE_SCOPED_CAPABILITY TROUPE_THREAD_SAFETY(scoped_lockable)

// Data: read and written only by who holds `lock`. Constructors and destructors are not looked at.
#define TROUPE_GUARDED_BY(lock) TROUPE_THREAD_SAFETY(guarded_by(lock))
// A lock: where both are held, the other one was taken first.
#define TROUPE_ACQUIRED_AFTER(other) TROUPE_THREAD_SAFETY(acquired_after(other))

// A function: its caller holds these; it takes them; lets them go; its caller must not hold them.
#define TROUPE_REQUIRES(...) TROUPE_THREAD_SAFETY(requires_capability(__VA_ARGS__))
#define TROUPE_ACQUIRE(...) TROUPE_THREAD_SAFETY(acquire_capability(__VA_ARGS__))
#define TROUPE_RELEASE(...) TROUPE_THREAD_SAFETY(release_capability(__VA_ARGS__))
#define TROUPE_EXCLUDES(...) TROUPE_THREAD_SAFETY(locks_excluded(__VA_ARGS__))

// A function that is not looked at. Next to it stands why nobody else can be there.
#define TROUPE_NO_THREAD_SAFETY_ANALYSIS TROUPE_THREAD_SAFETY(no_thread_safety_analysis)
