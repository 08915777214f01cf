// SPDX-License-Identifier: BSL-1.0
#pragma once

// The one table of locks, and the tokens that make a wrong order a compile error.
//
// A lock is taken by showing what is already held: `lock_guard held{mutex, token}`. The guard is
// the token for the next lock. A token for "nothing held" is made only where a worker or a public
// call enters the library; debug builds check there that the thread really holds nothing.
// More: docs/design/0004-locks.md

#include <utility>

#include "troupe/config/assert.hpp"
#include "troupe/config/hints.hpp"
#include "troupe/sync/atomic.hpp"

#if !defined(TROUPE_MODEL)
#if TROUPE_HAS_POSIX
#include <pthread.h>
#else
#include <mutex>
#endif
#endif

namespace troupe::inline TROUPE_ABI::detail {

/// The ranks, in the order in which locks may be taken: downwards in this table. A new lock is a
/// new row with a reason.
namespace rank {
/// Nothing is held.
struct none {
    static constexpr int position = 0;
};
/// Start and stop of a system: one thread at a time ends it.
struct lifecycle {
    static constexpr int position = 10;
};
/// Who waits for whose mailbox. Taken by senders that wait and by owners that release them.
struct waiting {
    static constexpr int position = 20;
};
/// The table of names. Taken by named spawns and by the end of named actors.
struct names {
    static constexpr int position = 30;
};
/// The timer wheel. Taken to arm, cancel and collect; due timers are sent after unlocking.
struct timers {
    static constexpr int position = 40;
};
/// The queue of ready actors that no worker owns.
struct injection {
    static constexpr int position = 50;
};
/// The magazines of threads that are not workers.
struct foreign_pool {
    static constexpr int position = 60;
};
/// Cells that no worker caches.
struct cells {
    static constexpr int position = 65;
};
/// The depot of the pool, between magazines and memory.
struct depot {
    static constexpr int position = 70;
};
/// The process-wide arena of cells.
struct arena {
    static constexpr int position = 80;
};
/// The list of recent dead letters.
struct dead_letters {
    static constexpr int position = 90;
};
}  // namespace rank

/// Where a lock of rank `Next` may be taken while `Held` is held.
template <class Held, class Next>
concept lock_order_allows = Held::position < Next::position;

#if defined(TROUPE_MODEL)
using native_mutex = model_mutex;
#else
#if TROUPE_HAS_POSIX
/// What stands behind std::mutex, without the header, which costs more than its use here.
class native_mutex {
public:
    void lock() noexcept { pthread_mutex_lock(&mutex_); }
    void unlock() noexcept { pthread_mutex_unlock(&mutex_); }

private:
    pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
};
#else
using native_mutex = std::mutex;
#endif

/// How many ranked locks this thread holds, and the position of the last of them. Kept in every
/// build, so that files built with and without NDEBUG agree within one program; looked at in debug.
inline thread_local int locks_held = 0;
inline thread_local int last_position = rank::none::position;

/// Gives what the thread held before.
TROUPE_APART inline int lock_and_note(native_mutex& mutex, int position) noexcept {
    mutex.lock();
    ++locks_held;
    return std::exchange(last_position, position);
}
TROUPE_APART inline void unlock_and_note(native_mutex& mutex, int below) noexcept {
    --locks_held;
    last_position = below;
    mutex.unlock();
}
#endif

/// Proof that the thread holds no lock of the library. Made at the entries only.
class root_token {
public:
    using held = rank::none;
    root_token() noexcept {
#if !defined(TROUPE_MODEL)
        TROUPE_ASSERT(locks_held == 0, "the library was entered with one of its locks held");
#endif
    }
};

/// Proof that the thread holds no lock below `Rank`, for functions that are called with and without
/// one. Made from a token that shows as much.
template <class Rank>
class holding_at_most {
public:
    using held = Rank;
    template <class Token>
    holding_at_most(Token const&) noexcept {  // NOLINT: a weaker proof follows from a stronger one
        static_assert(Token::held::position <= Rank::position,
                      "troupe: lock order: the held lock stands below what this function may be "
                      "called under (sync/lock_rank.hpp)");
    }
};

/// A mutex with its place in the table.
template <class Rank>
class ranked_mutex {
public:
    using rank_type = Rank;

private:
    template <class>
    friend class lock_guard;
    native_mutex mutex_;
};

/// Holds a ranked mutex, and is the token for the next one. Guards end in the opposite order of
/// their beginning. A token can be shown twice, past a lock taken in between: that the compiler
/// does not see, and debug builds check it.
template <class Rank>
class lock_guard {
public:
    using held = Rank;

    template <class Token>
    lock_guard(ranked_mutex<Rank>& mutex, Token const&) noexcept : mutex_(mutex.mutex_) {
        static_assert(lock_order_allows<typename Token::held, Rank>,
                      "troupe: lock order: the second lock stands above the one that is held; take "
                      "it first, or release the other (sync/lock_rank.hpp)");
#if !defined(TROUPE_MODEL)
        TROUPE_ASSERT(last_position < Rank::position,
                      "lock order: a lock that stands below is held");
#endif
#if defined(TROUPE_MODEL)
        mutex_.lock();
#else
        below_ = lock_and_note(mutex_, Rank::position);
#endif
    }
    ~lock_guard() {
#if defined(TROUPE_MODEL)
        mutex_.unlock();
#else
        unlock_and_note(mutex_, below_);
#endif
    }
    lock_guard(lock_guard const&) = delete;
    lock_guard& operator=(lock_guard const&) = delete;

private:
    native_mutex& mutex_;
    int           below_ = rank::none::position;  // what the thread held before
};

template <class Rank, class Token>
lock_guard(ranked_mutex<Rank>&, Token const&) -> lock_guard<Rank>;

}  // namespace troupe::inline TROUPE_ABI::detail
