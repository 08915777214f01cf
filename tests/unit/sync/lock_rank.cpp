// SPDX-License-Identifier: BSL-1.0
#include "troupe/sync/lock_rank.hpp"

#include "support/catch.hpp"
#include "support/last_words.hpp"

#include <string>
#include <thread>
#include <type_traits>

namespace test_lock_rank {

using namespace troupe::detail;
using namespace troupe_test;

TEST_CASE("the table names every rank once, from the top down, with its reason") {
    int         above = rank::none::position;
    std::string names;
    for (rank_row const& row : rank_table) {
        CHECK(row.position > above);
        CHECK_THAT(row.reason, contains("."));
        above = row.position;
        names += std::string{row.name} + " ";
    }
    CHECK(names ==
          "node waiting watches names timers injection reactor lookup foreign_pool cells depot "
          "arena dead_letters loopback ");
}

TEST_CASE("locks may be taken downwards in the table and in no other order") {
    STATIC_REQUIRE(lock_order_allows<rank::none, rank::waiting>);
    STATIC_REQUIRE(lock_order_allows<rank::waiting, rank::names>);
    STATIC_REQUIRE(lock_order_allows<rank::waiting, rank::watches>);
    STATIC_REQUIRE(lock_order_allows<rank::watches, rank::names>);
    STATIC_REQUIRE_FALSE(lock_order_allows<rank::watches, rank::waiting>);
    STATIC_REQUIRE(lock_order_allows<rank::waiting, rank::dead_letters>);
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
        root_token const            own;
        ranked_mutex<rank::waiting> waiting;
        lock_guard                  first{waiting, own};
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

#if TROUPE_TEST_HAS_LAST_WORDS && !defined(NDEBUG)

// Within one function Clang would refuse both.
void enter_once_more() { root_token const second; }
void take(ranked_mutex<rank::waiting>& waiting, root_token const& shown) {
    lock_guard held{waiting, shown};
}

TEST_CASE("debug builds stop where the library is entered with one of its locks held") {
    CHECK_THAT(last_words([] {
                   ranked_mutex<rank::timers> timers;
                   root_token const           root;
                   lock_guard                 held{timers, root};
                   enter_once_more();
               }),
               contains("the library was entered with one of its locks held"));
}

TEST_CASE("debug builds stop a token that is shown past a lock taken in between") {
    CHECK_THAT(last_words([] {
                   ranked_mutex<rank::waiting> waiting;
                   ranked_mutex<rank::arena>   arena;
                   root_token const            root;
                   lock_guard                  lower{arena, root};
                   take(waiting, root);
               }),
               contains("lock order: a lock that stands below is held"));
}

#endif

}  // namespace test_lock_rank
