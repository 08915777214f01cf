// SPDX-License-Identifier: BSL-1.0
#include "troupe/schedule/driven.hpp"

#include "support/catch.hpp"
#include "support/schedule_host.hpp"

#include <thread>
#include <vector>

namespace test_driven {

using namespace troupe::detail;
using namespace std::chrono_literals;
using troupe_test::job;
using troupe_test::schedule_host;
using engine = troupe::run_loop_scheduler::engine<schedule_host>;

TEST_CASE("a run loop runs nothing by itself, then what is ready in order, one turn at a time") {
    schedule_host     host;
    engine            loop{host, 1};
    job               a, b;
    std::vector<job*> ran;
    host.on_turn = [&](unsigned, job& j) { return ran.push_back(&j), false; };
    CHECK_FALSE(loop.run_once());
    loop.ready(-1, a, root_token{});
    loop.ready(-1, b, root_token{});
    CHECK(ran.empty());
    CHECK(loop.run_once());
    CHECK(ran == std::vector<job*>{&a});
    CHECK(loop.run_once());
    CHECK(ran == std::vector<job*>{&a, &b});
    CHECK_FALSE(loop.run_once());
}

TEST_CASE("an actor with more to do goes behind the others") {
    schedule_host     host;
    engine            loop{host, 1};
    job               a, b;
    std::vector<job*> ran;
    host.on_turn = [&](unsigned, job& j) { return ran.push_back(&j), &j == &a && j.turns < 2; };
    loop.ready(0, a, root_token{});
    loop.ready(0, b, root_token{});
    while (loop.run_once()) {}
    CHECK(ran == std::vector<job*>{&a, &b, &a, &a});
    CHECK(host.inside == 0);
}

TEST_CASE("of more ready actors than fit its ring a loop takes the newest first, and all in time") {
    schedule_host    host;
    engine           loop{host, 1};
    constexpr int    quiet = 1000;
    std::vector<job> jobs(quiet + 300);
    std::vector<int> first(jobs.size(), -1);
    int              turn = 0;
    int              waiting = quiet;
    host.on_turn = [&](unsigned, job& j) {
        auto const i = static_cast<std::size_t>(&j - jobs.data());
        if (first[i] < 0) {
            first[i] = turn;
            if (i < quiet) --waiting;
        }
        ++turn;
        return i >= quiet && waiting != 0;
    };
    for (job& j : jobs) loop.ready(0, j, root_token{});
    CHECK(loop.wait_idle(parker::forever));
    CHECK(waiting == 0);
    CHECK(first.back() < first[quiet - 1]);
    // Nobody waits for more than its place times the interval.
    for (int i = 0; i < quiet; ++i) {
        CHECK(first[static_cast<std::size_t>(i)] <= (i + 1) * static_cast<int>(backlog_interval));
    }
}

TEST_CASE("what becomes ready in a turn runs later, not within") {
    schedule_host host;
    engine        loop{host, 1};
    job           a, b;
    int           depth = 0;
    int           deepest = 0;
    host.on_turn = [&](unsigned worker, job& j) {
        deepest = std::max(deepest, ++depth);
        if (&j == &a) loop.ready(static_cast<int>(worker), b, root_token{});
        --depth;
        return false;
    };
    loop.ready(0, a, root_token{});
    CHECK(loop.wait_idle(parker::forever));
    CHECK(b.turns == 1);
    CHECK(deepest == 1);
}

TEST_CASE("a turn cannot drive the loop it runs in") {
    schedule_host host;
    engine        loop{host, 1};
    job           a, b;
    bool          nested = true;
    bool          taken = true;
    host.on_turn = [&](unsigned, job& j) {
        if (&j == &a) {
            nested = loop.run_once();
            taken = loop.drive_here();
        }
        return false;
    };
    loop.ready(0, a, root_token{});
    loop.ready(0, b, root_token{});
    CHECK(loop.run_once());
    CHECK_FALSE(nested);
    CHECK_FALSE(taken);
    CHECK(b.turns == 0);
}

TEST_CASE("timers run when nothing is ready, and do so also under load") {
    schedule_host host;
    engine        loop{host, 1};
    job           a;
    int           looks = 0;
    int           due = 1;
    host.on_timers = [&](unsigned) { return ++looks, due-- > 0; };
    CHECK(loop.run_once());  // the timer that was due
    CHECK_FALSE(loop.run_once());
    looks = 0;
    host.on_turn = [](unsigned, job&) { return true; };
    loop.ready(0, a, root_token{});
    for (int i = 0; i < 64; ++i) loop.run_once();
    CHECK(looks >= 4);
}

TEST_CASE("the thread that made the loop drives it, until another one does") {
    schedule_host host;
    engine        loop{host, 1};
    CHECK(loop.drives_here());
    bool there_before = true;
    bool there_after = false;
    std::thread{[&] {
        there_before = loop.drives_here();
        loop.drive_here();
        there_after = loop.drives_here();
    }}.join();
    CHECK_FALSE(there_before);
    CHECK(there_after);
    CHECK_FALSE(loop.drives_here());
}

TEST_CASE("a thread that makes something ready wakes the driver that sleeps") {
    schedule_host host;
    engine        loop{host, 1};
    job           a;
    std::thread   sender{[&] { loop.ready(-1, a, root_token{}); }};
    while (a.turns == 0) {
        if (!loop.run_once()) loop.wait_for_work();
    }
    sender.join();
    CHECK(a.turns == 1);
}

TEST_CASE(
    "a thread that waits for idleness is told by the driver; a wait that is over is forgotten") {
    schedule_host host;
    engine        loop{host, 1};
    job           a;
    bool          idle = true;
    std::thread{[&] { idle = loop.wait_idle(1ns); }}.join();
    CHECK_FALSE(idle);
    loop.ready(-1, a, root_token{});
    std::atomic<bool> told{false};
    std::thread       waiter{[&] { told = loop.wait_idle(parker::forever); }};
    while (!told) {
        if (!loop.run_once()) std::this_thread::yield();
    }
    waiter.join();
    CHECK(a.turns == 1);
}

}  // namespace test_driven
