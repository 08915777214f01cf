// SPDX-License-Identifier: BSL-1.0
#include "troupe/system/system.hpp"

#include "support/systems.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <functional>
#include <latch>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace test_system {

using namespace troupe_test;
using namespace std::chrono_literals;

struct ping {};
struct halt {};
struct work {
    int left;
};
struct hold_on {
    std::latch* inside;
    std::latch* open;
};
struct grow {
    int depth;
    int width;
};

// ---- the end of actors

struct journal {
    std::mutex               lock;
    std::vector<std::string> lines;
    void                     add(std::string line) {
        std::lock_guard const held{lock};
        lines.push_back(std::move(line));
    }
};

class node {
public:
    using protocol = troupe::protocol<void(grow), void(halt), void(ping), void(hold_on)>;
    node(journal& j, std::string path) : journal_(j), path_(std::move(path)) {}
    ~node() { journal_.add(path_); }
    void on(grow g, troupe::context<node>& self) {
        if (g.depth == 0) return;
        for (int i = 0; i < g.width; ++i) {
            auto const child = self.spawn<node>(journal_, path_ + static_cast<char>('0' + i));
            child.send(grow{g.depth - 1, g.width});
        }
    }
    void on(halt, troupe::context<node>& self) {
        self.stop();
        self.stop();
    }
    void on(ping) {}
    void on(hold_on h) {
        h.inside->count_down();
        h.open->wait();
    }

private:
    journal&    journal_;
    std::string path_;
};

// Leaves first, siblings in the reverse order of their start: children of "r" are "r0", "r1", ...
void check_order(std::vector<std::string> const& lines) {
    for (std::size_t i = 0; i < lines.size(); ++i) {
        for (std::size_t k = i + 1; k < lines.size(); ++k) {
            std::string const& first = lines[i];
            std::string const& later = lines[k];
            // No ancestor before its descendant.
            if (later.size() > first.size() && later.compare(0, first.size(), first) == 0) {
                FAIL(first << " ended before " << later);
            }
            if (first.size() == later.size() && first.size() > 1 &&
                first.compare(0, first.size() - 1, later, 0, later.size() - 1) == 0 &&
                first.back() < later.back()) {
                FAIL("siblings " << first << " ended before " << later);
            }
        }
    }
}

TEMPLATE_TEST_CASE("an actor ends after its children, the youngest first", "",
                   TROUPE_TEST_SCHEDULERS) {
    journal j;
    {
        fixture<TestType> f;
        auto const        a = f.system.template spawn<node>(j, "r");
        a.send(grow{4, 4});
        auto const alive = f.settle();
        CHECK(alive.actors == 1 + 4 + 16 + 64 + 256);
        SECTION("by another") { f.system.stop(a); }
        SECTION("by itself") { a.send(halt{}); }
        SECTION("several times") {
            f.on_threads(4, [&](unsigned) {
                for (int i = 0; i < 10; ++i) f.system.stop(a);
            });
        }
        SECTION("with its system") { f.end(); }
        if (f.settle().actors > 0) FAIL("somebody is left");
        CHECK(j.lines.size() == 341);
    }
    check_order(j.lines);
}

class stops_at_start {
public:
    using protocol = troupe::protocol<void(ping)>;
    void started(troupe::context<stops_at_start>& self) {
        self.ref().send(ping{});
        self.stop();
    }
    void on(ping) {}
};

TEMPLATE_TEST_CASE("an actor may be stopped while it starts", "", TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    auto const        a = f.system.template spawn<stops_at_start>();
    auto const        books = f.settle();
    CHECK(books.actors == 0);
    CHECK(books.dropped_by(troupe::drop_cause::dead) == 1);
    CHECK(a.try_send(ping{}) == troupe::send_status::no_target);
}

TEMPLATE_TEST_CASE("stopping nobody does nothing", "", TROUPE_TEST_KINDS) {
    fixture<TestType> f;
    f.system.stop(troupe::ref<node>{});
    auto const a = f.system.spawn([](ping) {});
    f.system.stop(a);
    f.system.stop(a);
    f.settle();
    f.system.stop(a);
    CHECK(f.settle().actors == 0);
}

// Any thread, any order, while messages and new children come.
TEMPLATE_TEST_CASE("a tree is stopped from many threads while it grows", "",
                   TROUPE_TEST_SCHEDULERS) {
    for (int round = 0; round < 10; ++round) {
        journal           j;
        fixture<TestType> f;
        auto const        a = f.system.template spawn<node>(j, "r");
        a.send(grow{3, 3});
        f.on_threads(4, [&](unsigned i) {
            for (int k = 0; k < 20; ++k) a.send(ping{});
            if (i % 2 == 0) f.system.stop(a);
            for (int k = 0; k < 20; ++k) a.send(ping{});
        });
        CHECK(f.settle().actors == 0);
        check_order(j.lines);
    }
}

// ---- the end of the system

TEMPLATE_TEST_CASE("an idle system ends at once, completely; again it says the same", "",
                   TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    auto const        a = f.system.spawn([](ping) { return 1; });
    CHECK(a.ask(ping{}).get() == 1);
    f.settle();
    auto const first = f.system.stop(watchdog);
    CHECK(first.complete);
    f.check_empty(first);
    auto const second = f.system.stop(0ns);
    CHECK(second.complete);
    CHECK(second.stragglers.empty());
}

TEMPLATE_TEST_CASE("many systems are made and ended, half of them with work in flight", "",
                   TROUPE_TEST_SCHEDULERS) {
    for (int i = 0; i < 100; ++i) {
        fixture<TestType> f;
        journal           j;
        auto const        a = f.system.template spawn<node>(j, "r");
        if (i % 2 == 0) {
            a.send(grow{2, 2});
            for (int k = 0; k < 50; ++k) a.send(ping{});
        }
        auto const report = f.system.stop(watchdog);
        CHECK(report.complete);
        f.check_empty(report);
        f.end();
    }
}

class worker_bee {
public:
    using protocol = troupe::protocol<void(work)>;
    explicit worker_bee(std::atomic<int>& done) : done_(done) {}
    void on(work w, troupe::context<worker_bee>& self) {
        done_.fetch_add(1);
        if (w.left > 0) self.ref().send(work{w.left - 1});
    }

private:
    std::atomic<int>& done_;
};

TEMPLATE_TEST_CASE("a stop drains: what is queued, and what handlers send meanwhile", "",
                   TROUPE_TEST_SCHEDULERS) {
    std::atomic<int>  done{0};
    fixture<TestType> f;
    auto const        a = f.system.template spawn<worker_bee>(done);
    for (int i = 0; i < 100; ++i) a.send(work{9});
    auto const report = f.system.stop(watchdog);
    CHECK(report.complete);
    CHECK(done.load() == 1000);
    CHECK(report.books.handled == 1000);
    CHECK(report.books.dropped_total() == 0);
}

TEMPLATE_TEST_CASE("a system is stopped by several threads at once", "", TROUPE_TEST_THREADED) {
    for (int round = 0; round < 10; ++round) {
        std::atomic<int>  done{0};
        fixture<TestType> f;
        auto const        a = f.system.template spawn<worker_bee>(done);
        for (int i = 0; i < 20; ++i) a.send(work{9});
        std::atomic<int> complete{0};
        f.on_threads(6, [&](unsigned) {
            if (f.system.stop(watchdog).complete) complete.fetch_add(1);
        });
        CHECK(complete.load() == 6);
        CHECK(done.load() == 200);
    }
}

template <class System>
class ends_all {
public:
    using protocol = troupe::protocol<bool(halt)>;
    explicit ends_all(System& system) : system_(system) {}
    bool on(halt) { return system_.stop(watchdog).complete || system_.stop(0ns).complete; }

private:
    System& system_;
};

TEMPLATE_TEST_CASE("a handler may begin the end of its system, and does not wait for it", "",
                   TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    using system_type = typename fixture<TestType>::system_type;
    auto const a = f.system.template spawn<ends_all<system_type>>(f.system);
    CHECK_FALSE(a.ask(halt{}).get());
    CHECK(f.system.try_spawn([](ping) {}).error().code() == troupe::spawn_errc::stopped);
    CHECK(f.system.stop(watchdog).complete);
}

TEMPLATE_TEST_CASE("a system ends while sixteen threads send, ask and spawn", "",
                   TROUPE_TEST_SCHEDULERS) {
    for (int round = 0; round < 5; ++round) {
        fixture<TestType>     f;
        auto const            a = f.system.spawn([](ping) { return 1; });
        std::atomic<unsigned> begun{0};
        std::atomic<bool>     complete{false};
        f.on_threads(16, [&](unsigned i) {
            if (i == 0) {
                if constexpr (!TestType::driven) {
                    await([&] { return begun.load() > 8; });
                    complete.store(f.system.stop(watchdog).complete);
                }
                return;
            }
            for (int k = 0; k < 100; ++k) {
                a.send(ping{});
                static_cast<void>(a.ask(ping{}).result());
                static_cast<void>(f.system.try_spawn([](ping) {}));
                if (k == 5) begun.fetch_add(1);
            }
        });
        if constexpr (!TestType::driven) CHECK(complete.load());
    }
}

// The destructor always returns: here before the stuck handler does.
struct told : troupe::defaults {
    struct log_type {
        void write(troupe::log_record const& r) noexcept {
            if (std::string_view{r.event} != "straggler") return;
            auto const room = sizeof text - 1;
            text[std::string_view{r.detail}.copy(text, room)] = '\0';
            count.fetch_add(1);
        }
        static inline char             text[256] = {};
        static inline std::atomic<int> count{0};
    };
};

class stuck {
public:
    using protocol = troupe::protocol<void(hold_on)>;
    explicit stuck(std::latch& gone) : left_(gone) {}
    ~stuck() { left_.count_down(); }
    void on(hold_on h) {
        h.inside->count_down();
        h.open->wait();
    }

private:
    std::latch& left_;
};

TEST_CASE("a stuck handler does not hold up the destructor, and is reported by name") {
    // Static: the handler, left alone, looks at them when this test has returned.
    static std::latch inside{1};
    static std::latch open{1};
    static std::latch left{1};
    std::string       line;
    {
        troupe::basic_system<told> system{{.workers = 2, .stop_deadline = 1ms}};
        auto const                 a = system.spawn<stuck>(troupe::name{"sleepyhead"}, left);
        a.send(hold_on{&inside, &open});
        inside.wait();
        auto const report = system.stop(0ns);
        CHECK_FALSE(report.complete);
        REQUIRE(report.stragglers.size() == 1);
        line = to_string(report.stragglers[0]);
        CHECK_THAT(line, contains("sleepyhead: ") && contains("stuck, running, in "));
    }
    CHECK(told::log_type::count.load() == 1);
    // The same words as in the report, but for how long it has lasted.
    CHECK(std::string_view{told::log_type::text}.substr(0, line.rfind(" for ")) ==
          std::string_view{line}.substr(0, line.rfind(" for ")));
    open.count_down();
}

// ---- how a system ends

static_assert(noexcept(std::declval<troupe::system&>().stop(troupe::ref<node>{})));
static_assert(noexcept(std::declval<troupe::context<node>&>().stop(troupe::ref<node>{})));
static_assert(noexcept(std::declval<troupe::context<node>&>().stop()));

/// Has always something to do.
class restless {
public:
    using protocol = troupe::protocol<void(ping)>;
    explicit restless(std::atomic<bool>& runs) : runs_(runs) {}
    void on(ping, troupe::context<restless>& self) {
        runs_.store(true);
        self.ref().send(ping{});
    }

private:
    std::atomic<bool>& runs_;
};

TEMPLATE_TEST_CASE("a stop that does not drain gives the dead letters what is queued", "",
                   TROUPE_TEST_DRIVEN) {
    std::atomic<int>  done{0};
    fixture<TestType> f;
    auto const        a = f.system.template spawn<worker_bee>(done);
    for (int i = 0; i < 100; ++i) a.send(work{9});
    auto const report = f.system.stop(watchdog, troupe::stop_mode::now);
    CHECK(report.complete);
    CHECK(report.took > 0ns);
    f.check_empty(report);
    CHECK(done.load() < 100);
    CHECK(report.books.dropped_by(troupe::drop_cause::dead) > 0);
}

TEMPLATE_TEST_CASE("a stop that does not drain ends a system that is never idle", "",
                   TROUPE_TEST_SCHEDULERS) {
    std::atomic<bool> runs{false};
    fixture<TestType> f;
    auto const        a = f.system.template spawn<restless>(runs);
    a.send(ping{});
    auto const report = f.system.stop(watchdog, troupe::stop_mode::now);
    CHECK(report.complete);
    f.check_empty(report);
}

TEMPLATE_TEST_CASE("a drain handles what is queued, refuses what comes, and leaves the actors", "",
                   TROUPE_TEST_SCHEDULERS) {
    std::atomic<int>  done{0};
    fixture<TestType> f;
    auto const        a = f.system.template spawn<worker_bee>(done);
    for (int i = 0; i < 100; ++i) a.send(work{9});
    CHECK(f.system.drain(watchdog));
    CHECK(done.load() == 1000);
    CHECK(f.system.books().actors == 1);
    CHECK(a.try_send(work{0}) == troupe::send_status::stopping);
    CHECK(f.system.try_spawn([](ping) {}).error().code() == troupe::spawn_errc::stopped);
    CHECK(f.system.drain(watchdog));  // again it says the same
    auto const report = f.system.stop(watchdog);
    CHECK(report.complete);
    CHECK(f.system.drain(0ns));
    CHECK(report.books.handled == 1000);
    CHECK(report.books.dropped_by(troupe::drop_cause::dead) == 1);
}

struct stumble {};
struct step {};
/// Fails once, and comes back after a while.
class walker {
public:
    using protocol = troupe::protocol<void(stumble), void(step)>;
    explicit walker(std::atomic<int>* steps) : steps_(steps) {}
    void on(stumble) { throw std::runtime_error{"stumbled"}; }
    void on(step) { ++*steps_; }

private:
    std::atomic<int>* steps_;
};
struct ask_for_walker {};
template <int Milliseconds>
class guide {
public:
    using protocol = troupe::protocol<troupe::ref<walker>(ask_for_walker)>;
    static constexpr troupe::one_for_one supervision{
        .backoff = {.first = std::chrono::milliseconds{Milliseconds}}};
    explicit guide(std::atomic<int>* steps) : steps_(steps) {}
    void started(troupe::context<guide>& self) { walker_ = self.template spawn<walker>(steps_); }
    troupe::ref<walker> on(ask_for_walker) { return walker_; }

private:
    std::atomic<int>*   steps_;
    troupe::ref<walker> walker_;
};

TEMPLATE_TEST_CASE("a drain, and a stop, wait for a restart where messages wait for it", "",
                   TROUPE_TEST_SCHEDULERS) {
    std::atomic<int>  steps{0};
    fixture<TestType> f;
    auto const        w = f.system.template spawn<guide<20>>(&steps).ask(ask_for_walker{}).get();
    w.send(stumble{});
    for (int i = 0; i < 3; ++i) w.send(step{});
    bool const drains = GENERATE(true, false);
    if (drains) CHECK(f.system.drain(watchdog));
    else CHECK(f.system.stop(watchdog).complete);
    CHECK(steps.load() == 3);
    CHECK(f.system.books().queued == 0);
}

TEMPLATE_TEST_CASE(
    "a drain waits for a restart as long as it may, and not for one that nobody needs", "",
    TROUPE_TEST_KINDS) {
    std::atomic<int>  steps{0};
    fixture<TestType> f;
    auto const g = f.system.template spawn<guide<3'600'000>>(&steps).ask(ask_for_walker{}).get();
    g.send(stumble{});
    bool const waits = GENERATE(true, false);
    if (waits) g.send(step{});
    CHECK(f.system.drain(waits ? 1ms : troupe::duration{watchdog}) == !waits);
    CHECK(f.system.stop(watchdog, waits ? troupe::stop_mode::now : troupe::stop_mode::drain)
              .complete);
    CHECK(steps.load() == 0);
}

TEMPLATE_TEST_CASE("a drain of a system that is never idle ends with its time", "",
                   TROUPE_TEST_SCHEDULERS) {
    std::atomic<bool> runs{false};
    fixture<TestType> f;
    f.system.template spawn<restless>(runs).send(ping{});
    CHECK_FALSE(f.system.drain(1ms));
    CHECK(f.system.stop(watchdog, troupe::stop_mode::now).complete);
}

TEMPLATE_TEST_CASE("several threads drain, and stop, at once", "", TROUPE_TEST_THREADED) {
    for (int round = 0; round < 10; ++round) {
        std::atomic<int>  done{0};
        fixture<TestType> f;
        auto const        a = f.system.template spawn<worker_bee>(done);
        for (int i = 0; i < 20; ++i) a.send(work{9});
        std::atomic<int> well{0};
        f.on_threads(6, [&](unsigned i) {
            bool const ended =
                i % 2 == 0 ? f.system.drain(watchdog) : f.system.stop(watchdog).complete;
            if (ended) well.fetch_add(1);
        });
        CHECK(well.load() == 6);
        CHECK(done.load() == 200);
    }
}

// Without it they would wait for most of the watchdog's time.
TEMPLATE_TEST_CASE("`now` ends the draining of others", "", TROUPE_TEST_THREADED) {
    bool const        drains = GENERATE(true, false);
    std::atomic<bool> runs{false};
    std::atomic<bool> first{false};
    std::atomic<bool> second{false};
    fixture<TestType> f;
    auto const        a = f.system.template spawn<restless>(runs);
    a.send(ping{});
    await([&] { return runs.load(); });
    f.on_threads(2, [&](unsigned i) {
        if (i == 0) {
            first.store(drains ? f.system.drain(watchdog) : f.system.stop(watchdog).complete);
        } else {
            await([&] { return a.try_send(ping{}) == troupe::send_status::stopping; });
            second.store(f.system.stop(watchdog, troupe::stop_mode::now).complete);
        }
    });
    CHECK(first.load() == !drains);
    CHECK(second.load());
}

template <class System>
class drains_all {
public:
    using protocol = troupe::protocol<bool(halt)>;
    explicit drains_all(System& system) : system_(system) {}
    bool on(halt) { return system_.drain(watchdog); }

private:
    System& system_;
};

TEMPLATE_TEST_CASE("a drain in a handler only begins to refuse", "", TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    using system_type = typename fixture<TestType>::system_type;
    auto const a = f.system.template spawn<drains_all<system_type>>(f.system);
    CHECK_FALSE(a.ask(halt{}).get());
    CHECK(a.try_send(halt{}) == troupe::send_status::stopping);
    CHECK(f.system.drain(watchdog));
}

/// Stops its system in one place of its life.
enum class moment { constructor, started, stopping, stopped, destructor, restarting };
template <class System>
class ends_all_there {
public:
    using protocol = troupe::protocol<void(halt)>;
    ends_all_there(System* system, moment at, std::atomic<int>* told)
        : system_(system), at_(at), told_(told) {
        here(moment::constructor);
    }
    ~ends_all_there() { here(moment::destructor); }
    void started() { here(moment::started); }
    void stopping() { here(moment::stopping); }
    void stopped() { here(moment::stopped); }
    void restarting(troupe::failure const&) { here(moment::restarting); }
    void on(halt, troupe::context<ends_all_there>& self) { self.fail("as told"); }

private:
    void here(moment m) {
        if (m != at_) return;
        for (auto const mode : {troupe::stop_mode::drain, troupe::stop_mode::now}) {
            troupe::stop_report const report = system_->stop(watchdog, mode);
            if (!report.complete && report.stragglers.empty()) told_->fetch_add(1);
        }
    }
    System*           system_;
    moment            at_;
    std::atomic<int>* told_;
};
template <class System>
class keeps_one {
public:
    using protocol = troupe::protocol<void(halt)>;
    static constexpr auto supervision = troupe::one_for_one{};
    keeps_one(System* system, moment at, std::atomic<int>* told)
        : system_(system), at_(at), told_(told) {}
    void on(halt, troupe::context<keeps_one>& self) {
        auto const one = self.template try_spawn<ends_all_there<System>>(system_, at_, told_);
        if (one && at_ == moment::restarting) one->send(halt{});
    }

private:
    System*           system_;
    moment            at_;
    std::atomic<int>* told_;
};

TEMPLATE_TEST_CASE("wherever an actor stops its system, that begins the end and does not wait", "",
                   TROUPE_TEST_SCHEDULERS) {
    for (moment const at : {moment::constructor, moment::started, moment::stopping, moment::stopped,
                            moment::destructor, moment::restarting}) {
        std::atomic<int> told{0};
        {
            fixture<TestType> f;
            using system_type = typename fixture<TestType>::system_type;
            auto const a = f.system.template spawn<keeps_one<system_type>>(&f.system, at, &told);
            a.send(halt{});
            auto const report = f.system.stop(watchdog);
            CHECK(report.complete);
            f.check_empty(report);
        }
        CHECK(told.load() == 2);
    }
}

TEMPLATE_TEST_CASE("a constructor on a thread outside begins the end of its system, too", "",
                   TROUPE_TEST_KINDS) {
    std::atomic<int>  told{0};
    fixture<TestType> f;
    using system_type = typename fixture<TestType>::system_type;
    moment const at = GENERATE(moment::constructor, moment::started);
    auto const   born =
        f.system.template try_spawn<ends_all_there<system_type>>(&f.system, at, &told);
    CHECK(told.load() == 2);
    CHECK(born.has_value());
    CHECK(f.system.stop(watchdog).complete);
}

/// Fails as soon as it lives.
class fails_again {
public:
    using protocol = troupe::protocol<void(ping)>;
    fails_again(std::atomic<bool>* runs, bool here) : runs_(runs), here_(here) {}
    void started(troupe::context<fails_again>& self) {
        if (here_ && self.attempt() != 0) self.fail("as told");
        else self.ref().send(ping{});
    }
    void on(ping, troupe::context<fails_again>& self) {
        runs_->store(true);
        self.fail("as told");
    }

private:
    std::atomic<bool>* runs_;
    bool               here_;
};
template <class Strategy>
class restarts_all {
public:
    using protocol = troupe::protocol<void(ping)>;
    static constexpr auto supervision = Strategy{.max_restarts = troupe::unlimited};
    restarts_all(std::atomic<bool>* runs, bool here) : runs_(runs), here_(here) {}
    void started(troupe::context<restarts_all>& self) {
        for (int i = 0; i < 3; ++i) self.template spawn<fails_again>(runs_, here_);
    }
    void on(ping) {}

private:
    std::atomic<bool>* runs_;
    bool               here_;
};

TEMPLATE_TEST_CASE("a system ends while its actors are restarted without end", "",
                   TROUPE_TEST_SCHEDULERS) {
    for (bool const here : {false, true}) {
        for (auto const mode : {troupe::stop_mode::drain, troupe::stop_mode::now}) {
            std::atomic<bool> runs{false};
            fixture<TestType> f;
            f.system.template spawn<restarts_all<troupe::one_for_one>>(&runs, here);
            f.system.template spawn<restarts_all<troupe::rest_for_one>>(&runs, here);
            f.system.template spawn<restarts_all<troupe::one_for_all>>(&runs, here);
            if constexpr (!TestType::driven) await([&] { return runs.load(); });
            auto report = f.system.stop(1ms, mode);
            if (!report.complete) report = f.system.stop(watchdog, troupe::stop_mode::now);
            CHECK(report.complete);
            f.check_empty(report);
        }
    }
}

// ---- in a hurry

/// Keeps what it is asked.
class silent {
public:
    using protocol = troupe::protocol<int(ping)>;
    void on(ping, troupe::reply<int> r) { kept_.push_back(std::move(r)); }

private:
    std::vector<troupe::reply<int>> kept_;
};
class says_goodbye {
public:
    using protocol = troupe::protocol<void(ping)>;
    static constexpr auto hooks = troupe::hook_deadlines{.stopping = std::chrono::hours{1}};
    says_goodbye(troupe::ref<silent> to, journal& j) : to_(to), journal_(j) {}
    ~says_goodbye() { journal_.add("gone"); }
    troupe::task<> stopping() {
        journal_.add("stopping");
        try {
            static_cast<void>(co_await to_.ask(ping{}));
        } catch (troupe::ask_error const&) { journal_.add("answered"); }
        journal_.add("not reached");
    }
    void stopped() { journal_.add("stopped"); }
    void on(ping) {}

private:
    troupe::ref<silent> to_;
    journal&            journal_;
};

TEMPLATE_TEST_CASE("where nobody moves the clock a hook that waits is cut, and no other is begun",
                   "", troupe_test::run_loop_by_hand, troupe_test::simulated_by_hand) {
    journal           j;
    fixture<TestType> far;
    fixture<TestType> f;
    auto const        to = far.system.template spawn<silent>();
    for (int i = 0; i < 2; ++i) f.system.template spawn<says_goodbye>(to, j);
    auto const report = f.system.stop(watchdog);
    CHECK(report.complete);
    f.check_empty(report);
    // One began and was cut; for the other it was too late. Both have ended in order.
    CHECK(j.lines == std::vector<std::string>{"stopping", "stopped", "gone", "stopped", "gone"});
    far.system.run_until_idle();
}

TEMPLATE_TEST_CASE("when most of its time is over no hook holds up the end of a system", "",
                   TROUPE_TEST_SCHEDULERS) {
    journal             j;
    fixture<one_worker> far;
    fixture<TestType>   f;
    auto const          to = far.system.template spawn<silent>();
    for (int i = 0; i < 100; ++i) f.system.template spawn<says_goodbye>(to, j);
    auto report = f.system.stop(8ms);
    // The hooks are cut by now. What is left to do is not measured here.
    while (!report.complete) report = f.system.stop(1ms);
    f.check_empty(report);
    CHECK(std::count(j.lines.begin(), j.lines.end(), "stopped") == 100);
    CHECK(std::count(j.lines.begin(), j.lines.end(), "stopping") < 100);
    CHECK(std::count(j.lines.begin(), j.lines.end(), "not reached") == 0);
}

TEMPLATE_TEST_CASE("a system that is given time again lets hooks wait again", "",
                   TROUPE_TEST_DRIVEN) {
    using troupe::detail::ref_access;
    journal           j;
    fixture<TestType> f;
    auto const        to = f.system.template spawn<silent>();
    auto const        a = f.system.template spawn<says_goodbye>(to, j);
    auto const        b = f.system.template spawn<says_goodbye>(to, j);
    auto const        take = [&] { return std::exchange(j.lines, {}); };
    using lines = std::vector<std::string>;
    troupe::detail::core& home = *ref_access::cell_of(a)->door.load()->inside();
    home.hurry();
    f.system.stop(a);
    f.settle();
    CHECK(take() == lines{"stopped", "gone"});
    home.take_time();
    f.system.stop(b);
    f.settle();
    CHECK(take() == lines{"stopping"});
    home.hurry();
    f.settle();
    CHECK(take() == lines{"stopped", "gone"});
}

class stuck_at_the_end {
public:
    using protocol = troupe::protocol<void(ping)>;
    stuck_at_the_end(std::latch& inside, std::latch& open, std::latch& left)
        : inside_(inside), open_(open), left_(left) {}
    ~stuck_at_the_end() { left_.count_down(); }
    void stopping() {
        inside_.count_down();
        open_.wait();
    }
    void on(ping) {}

private:
    std::latch& inside_;
    std::latch& open_;
    std::latch& left_;
};

TEST_CASE("a stuck hook does not hold up the destructor either") {
    static std::latch inside{1};
    static std::latch open{1};
    static std::latch left{1};
    int const         before = told::log_type::count.load();
    {
        troupe::basic_system<told> system{{.workers = 2, .stop_deadline = 1ms}};
        auto const a = system.spawn<stuck_at_the_end>(troupe::name{"last"}, inside, open, left);
        system.stop(a);
        inside.wait();
    }
    CHECK(told::log_type::count.load() == before + 1);
    CHECK_THAT(told::log_type::text, contains("last: ") && contains(", ending, in stopping"));
    open.count_down();
}

// ---- waiting for idleness

TEMPLATE_TEST_CASE("wait_idle waits for all that is queued, not for timers or suspended handlers",
                   "", TROUPE_TEST_SCHEDULERS) {
    std::atomic<int>  done{0};
    fixture<TestType> f;
    auto const        a = f.system.template spawn<worker_bee>(done);
    for (int round = 1; round <= 50; ++round) {
        a.send(work{99});
        f.system.wait_idle();
        if (done.load() != round * 100) FAIL("not idle in round " << round);
    }
}

TEMPLATE_TEST_CASE("several threads wait for idleness", "", TROUPE_TEST_THREADED) {
    std::atomic<int>  done{0};
    fixture<TestType> f;
    auto const        a = f.system.template spawn<worker_bee>(done);
    std::atomic<int>  early{0};
    f.on_threads(6, [&](unsigned) {
        for (int k = 0; k < 20; ++k) {
            a.send(work{20});
            f.system.wait_idle();
        }
    });
    CHECK(done.load() == 6 * 20 * 21);
    CHECK(early.load() == 0);
}

template <class System>
class waits_inside {
public:
    using protocol = troupe::protocol<int(ping)>;
    explicit waits_inside(System& system) : system_(system) {}
    int on(ping) {
        system_.wait_idle();
        return 1;
    }

private:
    System& system_;
};

TEMPLATE_TEST_CASE("wait_idle in a handler returns at once", "", TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    using system_type = typename fixture<TestType>::system_type;
    CHECK(f.system.template spawn<waits_inside<system_type>>(f.system).ask(ping{}).get() == 1);
}

// ---- driven systems

TEST_CASE("poll_one runs one turn, run_until_idle all of them") {
    std::atomic<int>  done{0};
    fixture<run_loop> f;
    auto const        a = f.system.spawn<worker_bee>(done);
    auto const        b = f.system.spawn<worker_bee>(done);
    f.system.run_until_idle();
    a.send(work{0});
    b.send(work{0});
    CHECK(f.system.poll_one());
    CHECK(done.load() == 1);
    CHECK(f.system.run_until_idle() == 1);
    CHECK(done.load() == 2);
    CHECK_FALSE(f.system.poll_one());
}

TEST_CASE("a driven system that another thread has driven can be ended by this one") {
    std::atomic<int>  done{0};
    fixture<run_loop> f;
    auto const        a = f.system.spawn<worker_bee>(done);
    std::thread       other{[&] {
        a.send(work{99});
        f.system.run_until_idle();
    }};
    other.join();
    CHECK(done.load() == 100);
    CHECK(f.system.stop(watchdog).complete);
}

TEST_CASE("a simulation takes the same steps in every run") {
    auto const once = [] {
        std::vector<std::string> steps;
        journal                  j;
        fixture<simulated>       f;
        auto const               a = f.system.spawn<node>(j, "r");
        a.send(grow{3, 3});
        f.system.run_until_idle();
        f.system.stop(a);
        f.settle();
        return j.lines;
    };
    CHECK(once() == once());
}

// ---- several systems

TEST_CASE("systems in one process do not know each other") {
    fixture<two_workers> one;
    fixture<run_loop>    two;
    fixture<simulated>   three;
    auto const           a = one.system.spawn([](ping) { return 1; });
    auto const           b = two.system.spawn([](ping) { return 2; });
    auto const           c = three.system.spawn([](ping) { return 3; });
    CHECK(a.ask(ping{}).get() == 1);
    CHECK(b.ask(ping{}).get() == 2);
    CHECK(c.ask(ping{}).get() == 3);
    three.end();
    CHECK(b.ask(ping{}).get() == 2);
    CHECK(a.ask(ping{}).get() == 1);
    CHECK(one.settle().sent == 2);
    CHECK(two.settle().sent == 2);
}

// P13.
struct friends {
    troupe::ref<troupe::protocol<void(ping)>> who;
};
class holder {
public:
    using protocol = troupe::protocol<void(friends), void(ping)>;
    explicit holder(std::shared_ptr<int> alive) : alive_(std::move(alive)) {}
    void on(friends m, troupe::context<holder>& self) {
        friends_.push_back(m.who);
        auto me = self.ref();
        calls_.push_back([me, alive = alive_] { me.send(ping{}); });
        calls_.back()();
    }
    void on(ping) {}

private:
    std::shared_ptr<int>                                   alive_;
    std::vector<troupe::ref<troupe::protocol<void(ping)>>> friends_;
    std::vector<std::function<void()>>                     calls_;
};

TEMPLATE_TEST_CASE("actors that hold each other and themselves are gone with their system", "",
                   TROUPE_TEST_SCHEDULERS) {
    auto const alive = std::make_shared<int>(0);
    {
        fixture<TestType>                f;
        std::vector<troupe::ref<holder>> all;
        for (int i = 0; i < 10; ++i) all.push_back(f.system.template spawn<holder>(alive));
        for (auto const& a : all) {
            for (auto const& b : all) a.send(friends{b});
        }
        f.settle();
        CHECK(alive.use_count() == 1 + 10 + 100);
    }
    CHECK(alive.use_count() == 1);
}

struct parcel {};
class depot_of_parcels {
public:
    using protocol = troupe::protocol<void(parcel)>;
    void on(parcel) {}
};

TEST_CASE("a dead letter names the actor that was alive when it was lost") {
    using one = troupe::bounded_mailbox<1, troupe::overflow::drop_newest>;
    using latest = troupe::bounded_mailbox<1, troupe::overflow::drop_oldest>;
    fixture<simulated> f;
    auto const         newest = f.system.spawn<depot_of_parcels, one>();
    auto const         oldest = f.system.spawn<depot_of_parcels, latest>();
    newest.send(parcel{});
    newest.send(parcel{});                         // overflow
    static_cast<void>(newest.try_send(parcel{}));  // refused
    oldest.send(parcel{});
    oldest.send(parcel{});  // overflow
    f.system.stop(newest);
    f.settle();
    newest.send(parcel{});  // gone
    std::size_t named = 0;
    auto const  letters = f.system.dead_letters();
    for (troupe::dead_letter const& l : letters) {
        if (l.actor == troupe::type_name<depot_of_parcels>()) ++named;
        else CHECK(l.actor.empty());
    }
    REQUIRE(letters.size() >= 4);
    CHECK(named == letters.size() - 1);
    CHECK(letters.back().actor.empty());
}

struct end_it {};
template <class System>
class ends_it {
public:
    using protocol = troupe::protocol<void(end_it)>;
    explicit ends_it(System& system) : system_(system) {}
    void on(end_it) { static_cast<void>(system_.stop(std::chrono::nanoseconds{0})); }

private:
    System& system_;
};
class slow_to_be_born {
public:
    using protocol = troupe::protocol<void(end_it)>;
    slow_to_be_born(std::atomic<bool>& inside, std::atomic<bool>& go_on, std::atomic<int>& alive)
        : alive_(alive) {
        inside = true;
        troupe_test::await([&] { return go_on.load(); });
        ++alive_;
    }
    ~slow_to_be_born() { --alive_; }
    void on(end_it) {}

private:
    std::atomic<int>& alive_;
};

TEST_CASE("an actor that is born while a handler stops the system ends with it") {
    std::atomic<bool> inside{false};
    std::atomic<bool> go_on{false};
    std::atomic<int>  alive{0};
    using config = troupe_test::two_workers::config;
    troupe::basic_system<config> system{{.workers = 2}};
    auto const  stopper = system.template spawn<ends_it<troupe::basic_system<config>>>(system);
    bool        born = false;
    std::thread other{[&] {
        born = system.template try_spawn<slow_to_be_born>(inside, go_on, alive).has_value();
    }};
    troupe_test::await([&] { return inside.load(); });
    stopper.send(end_it{});
    troupe_test::await([&] {
        return stopper.try_send(end_it{}) == troupe::send_status::no_target ||
               stopper.try_send(end_it{}) == troupe::send_status::stopping;
    });
    go_on = true;
    other.join();
    CHECK(born);
    troupe::stop_report const report = system.stop(troupe_test::watchdog);
    CHECK(report.complete);
    CHECK(report.books.blocks == 0);
    CHECK(alive == 0);
}

}  // namespace test_system
