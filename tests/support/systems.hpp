// SPDX-License-Identifier: BSL-1.0
#pragma once

// The systems that tests of actors run on, and the fixture that looks at the books afterwards.
//
//     TEMPLATE_TEST_CASE("...", "", TROUPE_TEST_SCHEDULERS) {
//         troupe_test::fixture<TestType> f;
//         auto a = f.system.template spawn<actor>();
//         ...
//     }   // waits for idleness, then: balanced, nothing alive, nothing armed, nothing taken
//
// Nothing here sleeps. A wait that takes long is a bug; the watchdog of ctest ends it.

#include "support/catch.hpp"
#include "support/soak.hpp"

#include <troupe/testing.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

namespace troupe_test {

/// A configuration that says nothing on the console.
template <class Scheduler, class Pool = troupe::slab_pool, class Clock = troupe::monotonic_clock>
struct composed : troupe::defaults {
    using scheduler_type = Scheduler;
    using pool_type = Pool;
    using clock_type = Clock;
    using log_type = troupe::null_log;
};

/// A configuration with its number of workers.
template <class Config, unsigned Workers>
struct setup {
    using config = Config;
    static constexpr unsigned workers = Workers;
    static constexpr bool     driven = Config::scheduler_type::driven;
};

// The schedulers.
using one_worker = setup<composed<troupe::work_stealing_scheduler>, 1>;
using two_workers = setup<composed<troupe::work_stealing_scheduler>, 2>;
using four_workers = setup<composed<troupe::work_stealing_scheduler>, 4>;
using run_loop = setup<composed<troupe::run_loop_scheduler>, 1>;
using simulated = setup<composed<troupe::simulated_scheduler>, 4>;

// The same on a clock that the test moves.
template <class Scheduler>
using by_hand = composed<Scheduler, troupe::slab_pool, troupe::manual_clock>;
using two_workers_by_hand = setup<by_hand<troupe::work_stealing_scheduler>, 2>;
using run_loop_by_hand = setup<by_hand<troupe::run_loop_scheduler>, 1>;
using simulated_by_hand = setup<by_hand<troupe::simulated_scheduler>, 4>;

// The pools. Fixed: enough for any test here.
using fixed = troupe::fixed_pool<16 * 1024 * 1024>;
using one_worker_heap = setup<composed<troupe::work_stealing_scheduler, troupe::heap_pool>, 1>;
using one_worker_fixed = setup<composed<troupe::work_stealing_scheduler, fixed>, 1>;
using run_loop_heap = setup<composed<troupe::run_loop_scheduler, troupe::heap_pool>, 1>;
using run_loop_fixed = setup<composed<troupe::run_loop_scheduler, fixed>, 1>;
using simulated_heap = setup<composed<troupe::simulated_scheduler, troupe::heap_pool>, 4>;
using simulated_fixed = setup<composed<troupe::simulated_scheduler, fixed>, 4>;

// Lists for TEMPLATE_TEST_CASE; the names stand in the names of the tests.
#define TROUPE_TEST_THREADED \
    troupe_test::one_worker, troupe_test::two_workers, troupe_test::four_workers
#define TROUPE_TEST_DRIVEN troupe_test::run_loop, troupe_test::simulated
#define TROUPE_TEST_SCHEDULERS TROUPE_TEST_THREADED, TROUPE_TEST_DRIVEN
#define TROUPE_TEST_KINDS troupe_test::two_workers, troupe_test::run_loop, troupe_test::simulated
#define TROUPE_TEST_BY_HAND \
    troupe_test::two_workers_by_hand, troupe_test::run_loop_by_hand, troupe_test::simulated_by_hand
#define TROUPE_TEST_POOLS \
    troupe_test::one_worker, troupe_test::one_worker_heap, troupe_test::one_worker_fixed, \
        troupe_test::run_loop, troupe_test::run_loop_heap, troupe_test::run_loop_fixed, \
        troupe_test::simulated, troupe_test::simulated_heap, troupe_test::simulated_fixed

/// How long an orderly end may take before it is called a hang. Never waited for in a good run.
inline constexpr std::chrono::minutes watchdog{4};

/// A system whose books are looked at when the test ends.
template <class Setup>
class fixture {
public:
    using config = typename Setup::config;
    using system_type = troupe::basic_system<config>;
    static constexpr bool driven = Setup::driven;

    explicit fixture(troupe::options<config> given = {}) : system(filled(given)) {}
    fixture(fixture const&) = delete;
    fixture& operator=(fixture const&) = delete;
    ~fixture() { end(); }

    /// Waits until nothing moves; the law must hold then.
    troupe::accounting settle() {
        system.wait_idle();
        troupe::accounting const books = system.books();
        INFO("sent " << books.sent << " handled " << books.handled << " dropped "
                     << books.dropped_total() << " queued " << books.queued);
        CHECK(books.balanced());
        return books;
    }

    /// Stops the system, once; afterwards nothing may be left of it.
    void end() {
        if (ended_) return;
        ended_ = true;
        settle();
        troupe::stop_report const report = system.stop(watchdog);
        CHECK(report.complete);
        check_empty(report);
    }

    /// What a complete report must say.
    static void check_empty(troupe::stop_report const& report) {
        CHECK(report.stragglers.empty());
        troupe::accounting const& books = report.books;
        INFO("sent " << books.sent << " handled " << books.handled << " dropped "
                     << books.dropped_total() << " queued " << books.queued);
        CHECK(books.balanced());
        CHECK(books.queued == 0);
        CHECK(books.actors == 0);
        CHECK(books.timers == 0);
        CHECK(books.blocks == 0);
    }

    /// Runs `act(i)` on `count` threads of their own until all have returned; a driven system is
    /// driven meanwhile. No assertions inside: Catch belongs to the test's thread.
    template <class Act>
    void on_threads(unsigned count, Act act) {
        std::atomic<unsigned>    running{count};
        std::vector<std::thread> threads;
        for (unsigned i = 0; i < count; ++i) {
            threads.emplace_back([&, i] {
                act(i);
                running.fetch_sub(1);
            });
        }
        if constexpr (driven) {
            while (running.load() != 0) {
                if (!system.poll_one()) std::this_thread::yield();
            }
        }
        for (std::thread& t : threads) t.join();
    }

    typename config::clock_type clock;  // before the system: it must outlive it
    system_type                 system;

private:
    troupe::options<config> filled(troupe::options<config> given) {
        if (given.workers == troupe::automatic) given.workers = Setup::workers;
        if (given.clock == nullptr) given.clock = &clock;
        return given;
    }

    bool ended_ = false;
};

/// Wakes a living actor with bits of its control word, as what comes late would.
inline void wake_with(troupe::any_ref const& whom, std::uint64_t bits) {
    using namespace troupe::detail;
    cell& c = *ref_access::cell_of(whom);
    c.door.load()->inside()->wake(nullptr, c, whom.identity() << control::generation_at, bits,
                                  root_token{});
}

/// Waits for something another thread does. Not a sleep: the other thread is expected to be there
/// in a moment, and a test that waits for ever is ended by the watchdog.
template <class Condition>
void await(Condition condition) {
    while (!condition()) std::this_thread::yield();
}

}  // namespace troupe_test
