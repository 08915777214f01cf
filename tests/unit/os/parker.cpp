// SPDX-License-Identifier: BSL-1.0
#include "troupe/os/parker.hpp"

#include "support/catch.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

namespace test_parker {

using namespace std::chrono_literals;
using namespace troupe::detail;

TEST_CASE("a wake that comes first is not lost") {
    parker p;
    p.unpark();
    p.park();
    p.unpark();
    p.park_for(24h);
    SUCCEED("did not hang");
}

TEST_CASE("who expects a wake soon gets it whether it comes before, soon or late") {
    parker            mine;
    std::atomic<bool> parked{false};
    mine.unpark();
    mine.park_briefly();
    for (int i = 0; i < 1000; ++i) {
        parker      theirs;
        std::thread other{[&] {
            theirs.park_briefly();
            mine.unpark();
        }};
        theirs.unpark();
        mine.park_briefly();
        other.join();
    }
    std::thread late{[&] {
        parked = true;
        mine.park_briefly();
    }};
    while (!parked) std::this_thread::yield();
    mine.unpark();
    late.join();
}

TEST_CASE("wakes do not add up") {
    parker p;
    p.unpark();
    p.unpark();
    p.park();
    p.park_for(1ns);  // times out: would return for the second wake as well, so look at the third
    p.unpark();
    p.park();
    SUCCEED("did not hang");
}

TEST_CASE("a park with a time limit ends by itself and leaves the parker as new") {
    parker p;
    p.park_for(1us);
    p.park_for(0ns);
    p.park_for(-5s);
    p.unpark();
    p.park();
    p.park_for(1us);
    SUCCEED("did not hang");
}

TEST_CASE("very long limits are as good as none") {
    parker p;
    for (auto const span : {troupe::duration::max(), troupe::duration::max() - 1ns,
                            troupe::duration{std::chrono::hours{24 * 365 * 200}}}) {
        std::thread waker{[&] { p.unpark(); }};
        p.park_for(span);
        waker.join();
    }
    SUCCEED("did not hang");
}

// Two threads wake each other in turn; `data` is plain, so that a wake that orders nothing is a
// race.
template <class Park>
int ping_pong(int rounds, Park park) {
    parker      ping;
    parker      pong;
    int         data = 0;
    atomic<int> turn{0};
    auto const  await = [&](parker& own, int value) {
        // acquire: pairs with the release of the other thread's store
        for (int n = value; turn.load(memory_order_acquire) != value; ++n) park(own, n);
    };
    std::thread other{[&] {
        for (int i = 0; i < rounds; ++i) {
            await(pong, 2 * i + 1);
            ++data;
            // release: pairs with the acquire in await()
            turn.store(2 * i + 2, memory_order_release);
            ping.unpark();
        }
    }};
    for (int i = 0; i < rounds; ++i) {
        ++data;
        // release: pairs with the acquire in await()
        turn.store(2 * i + 1, memory_order_release);
        pong.unpark();
        await(ping, 2 * i + 2);
    }
    other.join();
    return data;
}

TEST_CASE("no wake is lost between two threads") {
    CHECK(ping_pong(10'000, [](parker& own, int) { own.park(); }) == 20'000);
}

TEST_CASE("no wake is lost where limits run out at the same time") {
    // The limits are so short that the wake and the end of the time meet; a park without a limit
    // comes between them, and after a lost wake it would never end.
    CHECK(ping_pong(10'000, [](parker& own, int n) {
              if (n % 4 == 0) own.park();
              else own.park_for(std::chrono::nanoseconds{n % 7 * 3'000});
          }) == 20'000);
}

TEST_CASE("park returns only for a wake, and orders what was written before it") {
    constexpr int rounds = 10'000;
    parker        ping;
    parker        pong;
    int           data = 0;  // plain, and handed over by the parkers alone
    std::thread   other{[&] {
        for (int i = 0; i < rounds; ++i) {
            pong.park();
            ++data;
            ping.unpark();
        }
    }};
    int           wrong = 0;
    for (int i = 0; i < rounds; ++i) {
        ++data;
        pong.unpark();
        ping.park();
        if (data != 2 * (i + 1)) ++wrong;
    }
    other.join();
    CHECK(wrong == 0);
}

TEST_CASE("a wake that ends a park with a limit is used up by it") {
    for (int i = 0; i < 300; ++i) {
        parker      p;
        atomic<int> first_is_over{0};
        int         data = 0;  // plain: ordered by the second wake
        std::thread waker{[&] {
            p.unpark();
            // relaxed: only says when to go on
            while (first_is_over.load(memory_order_relaxed) == 0) std::this_thread::yield();
            data = 1;
            p.unpark();
        }};
        p.park_for(24h);
        first_is_over.store(1, memory_order_relaxed);
        p.park();
        bool const second_came = data == 1;
        waker.join();
        REQUIRE(second_came);
    }
}

TEST_CASE("one owner is woken by many threads and misses none of them") {
    constexpr int    threads = 4;
    constexpr int    rounds = 2'000;
    parker           p;
    atomic<int>      sent{0};
    std::vector<int> written(threads, 0);

    std::vector<std::thread> all;
    for (std::size_t i = 0; i < threads; ++i) {
        all.emplace_back([&, i] {
            for (int k = 0; k < rounds; ++k) {
                ++written[i];
                // relaxed: the parker orders it; a wake that is not the last of its kind hands on
                // what the ones before it wrote
                sent.fetch_add(1, memory_order_relaxed);
                p.unpark();
            }
        });
    }
    // relaxed: as above
    while (sent.load(memory_order_relaxed) != threads * rounds) p.park();
    for (auto& thread : all) thread.join();
    for (int const n : written) CHECK(n == rounds);
}

TEST_CASE("the owner may destroy the parker as soon as it has seen the wake") {
    for (int i = 0; i < 500; ++i) {
        auto        p = std::make_unique<parker>();
        std::thread waker{[raw = p.get()] { raw->unpark(); }};
        p->park();
        p.reset();
        waker.join();
    }
    SUCCEED("nothing for a sanitizer to say");
}

}  // namespace test_parker
