// SPDX-License-Identifier: BSL-1.0
#pragma once

// The one table of locks, and the tokens that make a wrong order a compile error.
//
// A lock is taken by showing what is already held: `lock_guard held{mutex, token}`. The guard is
// the token for the next lock. A token for "nothing held" is made only where a worker or a public
// call enters the library; debug builds check there that the thread really holds nothing, and Clang
// that the function which makes it does not. Which lock guards what is said by attributes.
// More: docs/design/0004-locks.md

#include <string_view>
#include <utility>

#include "troupe/config/assert.hpp"
#include "troupe/config/hints.hpp"
#include "troupe/config/thread_safety.hpp"
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
/// new row with its reason, here and in `rank_table`.
namespace rank {
/// In Clang's analysis a thread holds the `lock` of a rank while it holds a lock of that rank,
/// whichever. So it can guard what lies in another object than the mutex, two of one rank are not
/// held together, and an order that the tokens do not see is found. It is a name and no object.
template <class Rank, class Above, int Position>
struct row {
    using above = Above;
    static constexpr int position = Position;
    static Rank const    lock TROUPE_ACQUIRED_AFTER(Above::lock);
};

/// Nothing is held.
struct TROUPE_CAPABILITY("nothing") none {
    static constexpr int position = 0;
    static none const    lock;
};
struct TROUPE_CAPABILITY("lock of rank node") node : row<node, none, 10> {
    static constexpr char reason[] = "Who is exposed by a node, and its links. Taken to expose, to "
                                     "resolve, and when a channel is "
                                     "opened; nothing is sent under it.";
};
struct TROUPE_CAPABILITY("lock of rank waiting") waiting : row<waiting, node, 20> {
    static constexpr char reason[] =
        "Who waits for whose mailbox. Taken by senders that wait, and by owners that let them go.";
};
struct TROUPE_CAPABILITY("lock of rank watches") watches : row<watches, waiting, 25> {
    static constexpr char reason[] =
        "Who watches whom, and what has come of it. Taken to watch and to stop watching, when a "
        "watched actor ends, and by watchers that take what has arrived; who has to look is woken "
        "under it.";
};
struct TROUPE_CAPABILITY("lock of rank names") names : row<names, watches, 30> {
    static constexpr char reason[] =
        "The table of names. Taken by named spawns and by the end of named actors.";
};
struct TROUPE_CAPABILITY("lock of rank timers") timers : row<timers, names, 40> {
    static constexpr char reason[] =
        "The timer wheel. Taken to arm, cancel and collect; due timers are sent after unlocking.";
};
struct TROUPE_CAPABILITY("lock of rank injection") injection : row<injection, timers, 50> {
    static constexpr char reason[] = "The queue of ready actors that no worker owns.";
};
struct TROUPE_CAPABILITY("lock of rank reactor") reactor : row<reactor, injection, 55> {
    static constexpr char reason[] =
        "What is registered with a reactor. Taken to register and to remove, to ask for more where "
        "there is no epoll, and once for all events that came together; signals are called after "
        "unlocking.";
};
struct TROUPE_CAPABILITY("lock of rank lookup") lookup : row<lookup, reactor, 57> {
    static constexpr char reason[] =
        "Names of hosts that wait to be looked up. Taken to ask, and by the thread that looks.";
};
struct TROUPE_CAPABILITY("lock of rank foreign_pool") foreign_pool : row<foreign_pool, lookup, 60> {
    static constexpr char reason[] = "The magazines of threads that are not workers.";
};
struct TROUPE_CAPABILITY("lock of rank cells") cells : row<cells, foreign_pool, 65> {
    static constexpr char reason[] = "Cells that no worker caches.";
};
struct TROUPE_CAPABILITY("lock of rank depot") depot : row<depot, cells, 70> {
    static constexpr char reason[] = "The depot of the pool, between magazines and memory.";
};
struct TROUPE_CAPABILITY("lock of rank arena") arena : row<arena, depot, 80> {
    static constexpr char reason[] =
        "The process-wide arena of cells, and the gates of systems that have ended.";
};
struct TROUPE_CAPABILITY("lock of rank dead_letters") dead_letters : row<dead_letters, arena, 90> {
    static constexpr char reason[] = "The list of recent dead letters.";
};
struct TROUPE_CAPABILITY("lock of rank loopback") loopback : row<loopback, dead_letters, 95> {
    static constexpr char reason[] =
        "A network in memory: its addresses, and the bytes of all its connections. Every call of "
        "one takes it; nothing is taken under it, and signals are called after unlocking.";
};
}  // namespace rank

/// A row of the table, for those who read it: docs/design/0004-locks.md shows all of them.
struct rank_row {
    char const* name;
    int         position;
    int         above;  // the position of the row above
    char const* reason;
};
template <class Rank>
consteval rank_row row_of(char const* name) {
    static_assert(Rank::above::position < Rank::position,
                  "troupe: lock order: a rank stands below the one that it names as above "
                  "(sync/lock_rank.hpp)");
    return {name, Rank::position, Rank::above::position, Rank::reason};
}
inline constexpr rank_row rank_table[] = {
    row_of<rank::node>("node"),
    row_of<rank::waiting>("waiting"),
    row_of<rank::watches>("watches"),
    row_of<rank::names>("names"),
    row_of<rank::timers>("timers"),
    row_of<rank::injection>("injection"),
    row_of<rank::reactor>("reactor"),
    row_of<rank::lookup>("lookup"),
    row_of<rank::foreign_pool>("foreign_pool"),
    row_of<rank::cells>("cells"),
    row_of<rank::depot>("depot"),
    row_of<rank::arena>("arena"),
    row_of<rank::dead_letters>("dead_letters"),
    row_of<rank::loopback>("loopback"),
};

consteval bool every_row_is_below_the_last() {
    int above = rank::none::position;
    for (rank_row const& row : rank_table) {
        if (row.above != above) return false;
        above = row.position;
    }
    return true;
}
static_assert(
    every_row_is_below_the_last(),
    "troupe: lock order: put the rows of rank_table in the order of their positions, each "
    "below the one that it names as above (sync/lock_rank.hpp)");

template <class Rank>
consteval bool has_a_row() {
    for (rank_row const& row : rank_table) {
        // By the words: with its sanitizers GCC does not compare addresses in constants.
        if (row.position == Rank::position) return std::string_view{row.reason} == Rank::reason;
    }
    return false;
}

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
/// Before a lock is taken. Apart, as its words would stand at each place that takes one.
TROUPE_APART inline void look_at_order([[maybe_unused]] int position) noexcept {
    TROUPE_ASSERT(last_position < position, "lock order: a lock that stands below is held");
}
#endif

/// Proof that the thread holds no lock of the library. Made at the entries only.
class root_token {
public:
    using held = rank::none;
    root_token() noexcept
        TROUPE_EXCLUDES(rank::node::lock, rank::waiting::lock, rank::watches::lock,
                        rank::names::lock, rank::timers::lock, rank::injection::lock,
                        rank::reactor::lock, rank::lookup::lock, rank::foreign_pool::lock,
                        rank::cells::lock, rank::depot::lock, rank::arena::lock,
                        rank::dead_letters::lock, rank::loopback::lock) {
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

/// A mutex with its place in the table. It is taken by a lock_guard and in no other way.
template <class Rank>
class TROUPE_CAPABILITY("mutex") ranked_mutex {
    static_assert(has_a_row<Rank>(),
                  "troupe: lock order: this rank has no row; add it to rank_table, with its reason "
                  "(sync/lock_rank.hpp)");

public:
    using rank_type = Rank;

private:
    template <class>
    friend class lock_guard;
    native_mutex mutex_;
};

/// Holds a ranked mutex, and is the token for the next one. Guards end in the opposite order of
/// their beginning. A token can be shown twice, past a lock taken in between: within a function
/// Clang sees it, and debug builds check it.
template <class Rank>
class TROUPE_SCOPED_CAPABILITY lock_guard {
public:
    using held = Rank;

    template <class Token>
    lock_guard(ranked_mutex<Rank>& mutex, Token const&) noexcept TROUPE_ACQUIRE(mutex, Rank::lock)
        : mutex_(mutex.mutex_) {
        static_assert(lock_order_allows<typename Token::held, Rank>,
                      "troupe: lock order: the second lock stands above the one that is held; take "
                      "it first, or release the other (sync/lock_rank.hpp)");
#if defined(TROUPE_MODEL)
        mutex_.lock();
#else
        look_at_order(Rank::position);
        below_ = lock_and_note(mutex_, Rank::position);
#endif
    }
    ~lock_guard() TROUPE_RELEASE() {
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
