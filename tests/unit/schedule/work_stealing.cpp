// SPDX-License-Identifier: BSL-1.0
#include "troupe/schedule/work_stealing.hpp"

#include "support/catch.hpp"
#include "support/schedule_host.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

namespace test_work_stealing {

using namespace troupe::detail;
using namespace std::chrono_literals;
using troupe_test::job;
using troupe_test::schedule_host;
using engine = troupe::work_stealing_scheduler::engine<schedule_host>;

/// Starts, ends, and looks that everything was given back.
struct running {
    schedule_host& host;
    engine         threads;

    running(schedule_host& h, unsigned workers) : host(h), threads(h, workers) {
        started = threads.start();
    }
    ~running() { threads.stop(1h); }
    bool started = false;
};

TEST_CASE("an engine starts and stops with nothing to do, with any number of workers") {
    for (unsigned const workers : {1u, 2u, 5u}) {
        schedule_host host;
        {
            running r{host, workers};
            CHECK(r.started);
            CHECK(r.threads.stop(1h));
        }
        CHECK(host.holders == 0);
        CHECK(host.inside == 0);
    }
}

TEST_CASE("everything that is made ready from outside runs, each entry by one worker at a time") {
    for (unsigned const workers : {1u, 2u, 4u}) {
        schedule_host         host;
        constexpr std::size_t count = 2000;
        auto const            jobs = std::make_unique<job[]>(count);
        running               r{host, workers};
        host.on_turn = [](unsigned, job&) { return false; };
        for (std::size_t i = 0; i < count; ++i) r.threads.ready(-1, jobs[i], root_token{});
        CHECK(r.threads.wait_idle(parker::forever));
        int wrong = 0;
        for (std::size_t i = 0; i < count; ++i) wrong += jobs[i].turns != 1 || jobs[i].state != 1;
        CHECK(wrong == 0);
    }
}

TEST_CASE("endless work from outside does not keep a worker from its own, nor the reverse") {
    schedule_host    host;
    job              outside, inside, late;
    std::atomic<int> over{0};
    running          r{host, 1};
    host.on_turn = [&](unsigned worker, job& j) {
        if (&j == &late) {
            over = 1;
        } else if (&j == &outside) {
            if (outside.turns == 3) r.threads.ready(static_cast<int>(worker), late, root_token{});
            if (over == 0) r.threads.ready(-1, outside, root_token{});
        } else if (over == 0) {
            return true;
        }
        return false;
    };
    r.threads.ready(-1, inside, root_token{});
    r.threads.ready(-1, outside, root_token{});
    CHECK(r.threads.wait_idle(parker::forever));
    CHECK(late.turns == 1);
    CHECK(outside.turns >= 4);
}

TEST_CASE("what overflows the ring of a worker runs") {
    schedule_host         host;
    constexpr std::size_t count = 3 * lane::ring_capacity;
    auto const            jobs = std::make_unique<job[]>(count);
    job                   maker;
    {
        running r{host, 2};
        host.on_turn = [&](unsigned worker, job& j) {
            if (&j != &maker) return false;
            for (std::size_t i = 0; i < count; ++i) {
                r.threads.ready(static_cast<int>(worker), jobs[i], root_token{});
            }
            return false;
        };
        r.threads.ready(-1, maker, root_token{});
        CHECK(r.threads.wait_idle(parker::forever));
    }
    int wrong = 0;
    for (std::size_t i = 0; i < count; ++i) wrong += jobs[i].turns != 1;
    CHECK(wrong == 0);
}

TEST_CASE("what has overflowed runs though the worker always has something newer") {
    enum class newer { from_itself, long_turns, from_outside };
    for (newer const kind : {newer::from_itself, newer::long_turns, newer::from_outside}) {
        schedule_host         host;
        constexpr std::size_t busy = lane::ring_capacity;
        constexpr std::size_t quiet = 3 * lane::ring_capacity;
        auto const            jobs = std::make_unique<job[]>(quiet + busy);
        job                   maker;
        std::size_t           waiting = quiet;
        running               r{host, 1};
        host.on_turn = [&](unsigned worker, job& j) {
            auto const i = static_cast<std::size_t>(&j - jobs.get());
            if (&j == &maker) {
                for (std::size_t k = 0; k < quiet + busy; ++k) {
                    r.threads.ready(static_cast<int>(worker), jobs[k], root_token{});
                }
            } else if (i < quiet) {
                --waiting;
            } else if (waiting != 0) {
                if (kind == newer::long_turns) return true;
                r.threads.ready(kind == newer::from_outside ? -1 : static_cast<int>(worker), j,
                                root_token{});
            }
            return false;
        };
        r.threads.ready(-1, maker, root_token{});
        CHECK(r.threads.wait_idle(parker::forever));
        CHECK(waiting == 0);
    }
}

TEST_CASE("a tree of actors is walked in depth: few are alive at a time") {
    // Each makes ten more, down to 10^5 leaves; one is alive from when it is made until it has run.
    struct branch : job {
        std::size_t leaves = 0;
    };
    schedule_host                        host;
    std::vector<std::unique_ptr<branch>> all;
    std::size_t                          alive = 1, most = 1, ran = 0;
    branch                               top;
    running                              r{host, 1};
    top.leaves = 100'000;
    host.on_turn = [&](unsigned worker, job& j) {
        ++ran;
        auto const part = static_cast<branch&>(j).leaves / 10;
        for (int i = 0; part != 0 && i < 10; ++i) {
            all.push_back(std::make_unique<branch>());
            all.back()->leaves = part;
            most = std::max(most, ++alive);
            r.threads.ready(static_cast<int>(worker), *all.back(), root_token{});
        }
        --alive;
        return false;
    };
    r.threads.ready(-1, top, root_token{});
    CHECK(r.threads.wait_idle(parker::forever));
    CHECK(ran == 111'111);
    CHECK(most < 30'000);  // walked in breadth it would be 100,000
}

TEST_CASE("an actor with more to do runs again, and others run in between") {
    schedule_host     host;
    job               busy, quiet;
    std::atomic<bool> quiet_ran{false};
    running           r{host, 1};
    host.on_turn = [&](unsigned, job& j) {
        if (&j == &quiet) quiet_ran = true;
        return &j == &busy && !quiet_ran;
    };
    r.threads.ready(-1, busy, root_token{});
    r.threads.ready(-1, quiet, root_token{});
    CHECK(r.threads.wait_idle(parker::forever));
    CHECK(quiet.turns == 1);
    CHECK(busy.turns >= 1);
}

TEST_CASE(
    "two actors that wake each other through the private slot do not keep a third from running") {
    schedule_host     host;
    job               ping, pong, third;
    std::atomic<bool> over{false};
    running           r{host, 1};
    host.on_turn = [&](unsigned worker, job& j) {
        if (&j == &third) over = true;
        else if (!over) {
            r.threads.ready(static_cast<int>(worker), &j == &ping ? pong : ping, root_token{});
        }
        return false;
    };
    r.threads.ready(-1, ping, root_token{});
    r.threads.ready(-1, third, root_token{});
    CHECK(r.threads.wait_idle(parker::forever));
    CHECK(third.turns == 1);
}

TEST_CASE("what waits in the private slot behind a long turn is taken by another worker") {
    schedule_host     host;
    job               stuck, waits;
    std::atomic<bool> rescued{false};
    running           r{host, 2};
    host.on_turn = [&](unsigned worker, job& j) {
        if (&j == &waits) {
            rescued = true;
            return false;
        }
        r.threads.ready(static_cast<int>(worker), waits, root_token{});
        while (!rescued) std::this_thread::yield();  // the long turn ends only by the rescue
        return false;
    };
    r.threads.ready(-1, stuck, root_token{});
    CHECK(r.threads.wait_idle(parker::forever));
    CHECK(waits.turns == 1);
}

TEST_CASE("what waits in the ring behind a long turn is taken by another worker") {
    schedule_host    host;
    job              stuck;
    job              waits[5];
    std::atomic<int> ran{0};
    running          r{host, 2};
    host.on_turn = [&](unsigned worker, job& j) {
        if (&j != &stuck) {
            ++ran;
            return false;
        }
        for (job& w : waits) r.threads.ready(static_cast<int>(worker), w, root_token{});
        while (ran < 5) std::this_thread::yield();
        return false;
    };
    r.threads.ready(-1, stuck, root_token{});
    CHECK(r.threads.wait_idle(parker::forever));
    CHECK(ran == 5);
}

TEST_CASE("as many long turns as there are workers run at the same time") {
    // Each turn ends only when all have begun: with one left behind this hangs.
    bool const                        inside = GENERATE(false, true);
    unsigned const                    workers = GENERATE(2u, 4u);
    schedule_host                     host;
    job                               first;
    std::vector<std::unique_ptr<job>> all;
    for (unsigned i = 0; i < workers; ++i) all.push_back(std::make_unique<job>());
    std::atomic<unsigned> begun{0};
    running               r{host, workers};
    host.on_turn = [&](unsigned worker, job& j) {
        if (&j == &first) {
            for (auto& one : all) r.threads.ready(static_cast<int>(worker), *one, root_token{});
            return false;
        }
        ++begun;
        while (begun % workers != 0) std::this_thread::yield();
        return false;
    };
    for (unsigned round = 1; round <= 3; ++round) {
        if (inside) r.threads.ready(-1, first, root_token{});
        else
            for (auto& one : all) r.threads.ready(-1, *one, root_token{});
        CHECK(r.threads.wait_idle(parker::forever));
        CHECK(begun == round * workers);
    }
}

TEST_CASE("behind a long turn nothing is stuck while another worker is woken all the time") {
    schedule_host     host;
    job               stuck, ping;
    job               waits[3];
    std::atomic<int>  ran{0};
    std::atomic<bool> begun{false};
    running           r{host, 2};
    host.on_turn = [&](unsigned worker, job& j) {
        if (&j == &ping) return false;
        if (&j != &stuck) {
            ++ran;
            return false;
        }
        for (job& w : waits) r.threads.ready(static_cast<int>(worker), w, root_token{});
        begun = true;
        while (ran < 3) std::this_thread::yield();
        return false;
    };
    r.threads.ready(-1, stuck, root_token{});
    while (!begun) std::this_thread::yield();
    while (ran < 3) {
        int const before = ping.turns;
        r.threads.ready(-1, ping, root_token{});
        while (ping.turns == before) std::this_thread::yield();
    }
    CHECK(r.threads.wait_idle(parker::forever));
    CHECK(ran == 3);
}

TEST_CASE("waiting for idleness gives up when its time is over") {
    schedule_host     host;
    job               busy;
    std::atomic<bool> over{false};
    running           r{host, 1};
    host.on_turn = [&](unsigned, job&) { return !over; };
    r.threads.ready(-1, busy, root_token{});
    CHECK_FALSE(r.threads.wait_idle(1us));
    over = true;
    CHECK(r.threads.wait_idle(parker::forever));
}

TEST_CASE("a due timer wakes a worker though all sleep") {
    schedule_host     host;
    std::atomic<bool> ran{false};
    running           r{host, 2};
    CHECK(r.threads.wait_idle(parker::forever));
    host.on_timers = [&](unsigned) {
        if (host.deadline.load() > host.time.load()) return false;
        host.deadline = INT64_MAX;
        ran = true;
        return true;
    };
    host.deadline = 0;
    r.threads.timer_armed({0});
    while (!ran) std::this_thread::yield();
    CHECK(r.threads.wait_idle(parker::forever));
    r.threads.stop(1h);
}

TEST_CASE("a worker that does not come back is reported, and let go") {
    auto const        host = std::make_unique<schedule_host>();
    job               stuck;
    std::atomic<bool> inside{false};
    std::atomic<bool> over{false};
    {
        auto const threads = std::make_unique<engine>(*host, 1u);
        host->on_turn = [&](unsigned, job&) {
            inside = true;
            while (!over) std::this_thread::yield();
            return false;
        };
        REQUIRE(threads->start());
        threads->ready(-1, stuck, root_token{});
        while (!inside) std::this_thread::yield();
        CHECK_FALSE(threads->stop(1us));
        CHECK(host->holders == 1);
        over = true;
        while (host->holders != 0) std::this_thread::yield();
    }
}

TEST_CASE("workers that make each other ready lose nothing and come to rest") {
    schedule_host         host;
    constexpr std::size_t count = 64;
    constexpr int         rounds = 20'000;
    auto const            jobs = std::make_unique<job[]>(count);
    std::atomic<int>      left{rounds};
    running               r{host, 4};
    host.on_turn = [&](unsigned worker, job& j) {
        if (left.fetch_sub(1) <= 0) return false;
        // A chain: this one hands its right to itself, through the scheduler.
        if (j.state % 3 == 0) return true;
        r.threads.ready(static_cast<int>(worker), j, root_token{});
        return false;
    };
    // In on_turn the entry is made ready before its turn is noted: count only what is exact.
    for (std::size_t i = 0; i < count; ++i) r.threads.ready(-1, jobs[i], root_token{});
    CHECK(r.threads.wait_idle(parker::forever));
    CHECK(left.load() == -static_cast<int>(count));
}

}  // namespace test_work_stealing
