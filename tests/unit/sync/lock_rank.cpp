// SPDX-License-Identifier: BSL-1.0
#include "troupe/sync/lock_rank.hpp"

#include "support/catch.hpp"

#include <thread>

#if defined(__linux__)
#include <csignal>
#include <sys/wait.h>
#include <unistd.h>
#endif

namespace test_lock_rank {

using namespace troupe::detail;

template <class... Ranks>
constexpr bool strictly_downwards() {
    int const positions[] = {Ranks::position...};
    for (std::size_t i = 1; i < sizeof...(Ranks); ++i) {
        if (positions[i - 1] >= positions[i]) return false;
    }
    return true;
}

TEST_CASE("locks may be taken downwards in the table and in no other order") {
    STATIC_REQUIRE(strictly_downwards<rank::none, rank::lifecycle, rank::waiting, rank::names,
                                      rank::timers, rank::injection, rank::foreign_pool,
                                      rank::depot, rank::arena, rank::dead_letters>());
    STATIC_REQUIRE(lock_order_allows<rank::none, rank::lifecycle>);
    STATIC_REQUIRE(lock_order_allows<rank::waiting, rank::names>);
    STATIC_REQUIRE(lock_order_allows<rank::lifecycle, rank::dead_letters>);
    STATIC_REQUIRE_FALSE(lock_order_allows<rank::names, rank::waiting>);
    STATIC_REQUIRE_FALSE(lock_order_allows<rank::depot, rank::timers>);
}

TEST_CASE("two locks of one rank are never held together") {
    STATIC_REQUIRE_FALSE(lock_order_allows<rank::timers, rank::timers>);
    STATIC_REQUIRE_FALSE(lock_order_allows<rank::none, rank::none>);
}

TEST_CASE("a guard is the token for the next lock") {
    ranked_mutex<rank::waiting> waiting;
    ranked_mutex<rank::timers>  timers;
    ranked_mutex<rank::arena>   arena;
    {
        root_token const root;
        lock_guard       first{waiting, root};
        lock_guard       second{timers, first};
        lock_guard       third{arena, second};
        CHECK(locks_held == 3);
        STATIC_REQUIRE(std::is_same_v<decltype(third)::held, rank::arena>);
    }
    CHECK(locks_held == 0);
    root_token const again;  // asserts that nothing is held
    lock_guard       held{arena, again};
    CHECK(locks_held == 1);
}

TEST_CASE("after a lock is released a lock above it may be taken") {
    ranked_mutex<rank::waiting> waiting;
    ranked_mutex<rank::timers>  timers;
    root_token const            root;
    { lock_guard held{timers, root}; }
    { lock_guard held{waiting, root}; }
    lock_guard outer{waiting, root};
    { lock_guard inner{timers, outer}; }
    { lock_guard inner{timers, outer}; }
    CHECK(locks_held == 1);
}

TEST_CASE("what one thread holds does not count for another") {
    ranked_mutex<rank::arena> arena;
    root_token const          root;
    lock_guard                held{arena, root};
    int                       seen = -1;
    std::thread               other{[&] {
        root_token const              own;
        ranked_mutex<rank::lifecycle> lifecycle;
        lock_guard                    first{lifecycle, own};
        seen = locks_held;
    }};
    other.join();
    CHECK(seen == 1);
}

TEST_CASE("a ranked lock keeps other threads out") {
    ranked_mutex<rank::names> names;
    int                       sum = 0;
    auto const                work = [&] {
        for (int i = 0; i < 10'000; ++i) {
            root_token const root;
            lock_guard       held{names, root};
            ++sum;
        }
    };
    std::thread other{work};
    work();
    other.join();
    CHECK(sum == 20'000);
}

#if defined(__linux__) && !defined(NDEBUG)

// Runs the function in a child process and says whether it aborted.
template <class Function>
bool aborts(Function function) {
    pid_t const child = fork();
    if (child == 0) {
        std::signal(SIGABRT, SIG_DFL);
        close(STDERR_FILENO);
        function();
        _exit(0);
    }
    int status = 0;
    return waitpid(child, &status, 0) == child && WIFSIGNALED(status) &&
           WTERMSIG(status) == SIGABRT;
}

TEST_CASE("debug builds stop where the library is entered with one of its locks held") {
    CHECK(aborts([] {
        ranked_mutex<rank::timers> timers;
        root_token const           root;
        lock_guard                 held{timers, root};
        root_token const           second;
    }));
}

TEST_CASE("debug builds stop a token that is shown past a lock taken in between") {
    CHECK(aborts([] {
        ranked_mutex<rank::waiting> waiting;
        ranked_mutex<rank::arena>   arena;
        root_token const            root;
        lock_guard                  lower{arena, root};
        lock_guard                  upper{waiting, root};
    }));
}

#endif

}  // namespace test_lock_rank
