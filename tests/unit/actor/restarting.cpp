// SPDX-License-Identifier: BSL-1.0
#include "troupe/actor/restarting.hpp"

#include "support/systems.hpp"
#include "support/trace.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace test_restarting {

using namespace std::chrono_literals;
using namespace troupe_test;
using troupe::drop_cause;
using troupe::verdict;

/// What the children of a test do; the test holds it.
struct script {
    trace            said;
    std::vector<int> handled;         // by the objects, in order
    int              built = 0;       // objects so far
    int              fails_at = -1;   // the message that fails
    int              bad_builds = 0;  // this many constructors throw, after the first
    int              bad_starts = 0;  // as many `started`
    int              alive = 0;
};

struct work {
    int number;
};
struct leave {};
struct tries {};
struct tick {};
struct arm {};

class worker {
public:
    using protocol =
        troupe::protocol<void(work), void(leave), unsigned(tries), void(tick), void(arm)>;

    worker(script* s, std::string name) : script_(s), name_(std::move(name)) {
        ++script_->built;
        if (script_->built > 1 && script_->bad_builds > 0) {
            --script_->bad_builds;
            throw std::runtime_error{"no"};
        }
        ++script_->alive;
    }
    ~worker() {
        --script_->alive;
        script_->said.add("~" + name_);
    }
    void started() {
        if (script_->built > 1 && script_->bad_starts > 0) {
            --script_->bad_starts;
            throw std::runtime_error{"not started"};
        }
        script_->said.add("+" + name_);
    }
    void restarting(troupe::failure const& f) {
        script_->said.add(std::string{"again("}.append(f.what()) + ")");
    }
    void on(work w) {
        if (w.number == script_->fails_at) throw std::logic_error{"bad"};
        script_->handled.push_back(w.number);
    }
    void     on(leave, troupe::context<worker>& self) { self.stop(); }
    unsigned on(tries, troupe::context<worker>& self) { return self.attempt(); }
    void     on(tick) { script_->said.add("tick"); }
    void     on(arm, troupe::context<worker>& self) {
        static_cast<void>(self.every(1s, tick{}));
        throw std::runtime_error{"armed"};
    }

private:
    script*     script_;
    std::string name_;
};

struct child {};

template <class Strategy, class... Policies>
class boss {
public:
    using protocol = troupe::protocol<troupe::ref<worker>(child)>;
    static constexpr auto supervision = Strategy::value;
    explicit boss(script* s) : script_(s) {}
    void started(troupe::context<boss>& self) {
        child_ = self.template spawn<worker, Policies...>(script_, "w");
    }
    troupe::ref<worker> on(child) { return child_; }

private:
    script*             script_;
    troupe::ref<worker> child_;
};

struct at_once {
    static constexpr troupe::one_for_one value{};
};
struct at_once_dropping {
    static constexpr troupe::one_for_one value{.mailbox = troupe::mail::drop};
};
struct delayed {
    static constexpr troupe::one_for_one value{
        .max_restarts = 10, .within = 100s, .backoff = {.first = 1s, .max = 4s}};
};

template <class System, class Message>
auto ask_now(System& system, auto const& target, Message m) {
    auto answer = target.ask(m);
    answer.start();
    system.wait_idle();
    return std::move(answer).get();
}

TEMPLATE_TEST_CASE("a restart gives a fresh object in place, and the messages behind stay in order",
                   "", TROUPE_TEST_SCHEDULERS) {
    script s;
    s.fails_at = 10;
    {
        fixture<TestType> f;
        auto const        b = f.system.template spawn<boss<at_once>>(&s);
        auto const        w = ask_now(f.system, b, child{});
        for (int i = 1; i <= 1000; ++i) w.send(work{i});
        auto const books = f.settle();
        CHECK(books.handled == 1001);
        CHECK(books.failed == 1);
        REQUIRE(s.handled.size() == 999);
        for (int i = 0; i < 999; ++i)
            CHECK(s.handled[static_cast<std::size_t>(i)] == i + 1 + (i >= 9));
        CHECK(s.said.take() == "+w again(bad) ~w +w");
        CHECK(s.built == 2);
        CHECK(ask_now(f.system, w, tries{}) == 1);
        CHECK(f.settle().actors == 2);
    }
    CHECK(s.said.text() == "~w");
    CHECK(s.alive == 0);
}

TEMPLATE_TEST_CASE("with mail::drop what is queued is counted, and its askers are told", "",
                   TROUPE_TEST_DRIVEN) {
    script s;
    s.fails_at = 10;
    fixture<TestType> f;
    auto const        b = f.system.template spawn<boss<at_once_dropping>>(&s);
    auto const        w = ask_now(f.system, b, child{});
    for (int i = 1; i <= 1000; ++i) w.send(work{i});
    auto late = w.ask(tries{});
    late.start();
    auto const books = f.settle();
    CHECK(books.dropped_by(drop_cause::restarted) == 991);
    CHECK(s.handled.size() == 9);
    auto const outcome = late.result();
    REQUIRE_FALSE(outcome.has_value());
    CHECK(outcome.error().code() == troupe::ask_errc::restarted);
    w.send(work{1});
    f.settle();
    CHECK(s.handled.size() == 10);
}

TEMPLATE_TEST_CASE("timers of an object end with it", "", TROUPE_TEST_BY_HAND) {
    script            s;
    fixture<TestType> f;
    auto const        b = f.system.template spawn<boss<at_once>>(&s);
    auto const        w = ask_now(f.system, b, child{});
    w.send(arm{});
    CHECK(f.settle().timers == 0);
    f.clock.advance(10s);
    f.settle();
    CHECK(s.said.take() == "+w again(armed) ~w +w");
}

TEMPLATE_TEST_CASE("a child that waits for its delay has no object, and keeps its messages", "",
                   TROUPE_TEST_BY_HAND) {
    script s;
    s.fails_at = 1;
    fixture<TestType> f;
    auto const        b = f.system.template spawn<boss<delayed>>(&s);
    auto const        w = ask_now(f.system, b, child{});
    for (int const wait : {1, 2, 4, 4}) {
        CHECK(s.alive == 1);
        w.send(work{1});
        w.send(work{2});
        CHECK(f.settle().timers == 1);
        CHECK(s.alive == 0);
        f.clock.advance(std::chrono::seconds{wait} - 1ns);
        CHECK(f.settle().queued == 1);
        f.clock.advance(1ns);
        CHECK(f.settle().queued == 0);
    }
    CHECK(s.built == 5);
    CHECK(s.handled == std::vector<int>{2, 2, 2, 2});
    // It has run long enough: the next delay is the first again.
    f.clock.advance(100s);
    w.send(work{1});
    f.settle();
    f.clock.advance(1s);
    f.settle();
    CHECK(s.built == 6);
    // Stop wins over a delay.
    w.send(work{1});
    w.send(work{2});
    f.settle();
    f.system.stop(w);
    auto const books = f.settle();
    CHECK(books.actors == 1);
    CHECK(books.timers == 0);
    CHECK(books.dropped_by(drop_cause::dead) == 1);
}

TEMPLATE_TEST_CASE("a delay is not cut short by a timer from before", "", TROUPE_TEST_BY_HAND) {
    script s;
    s.fails_at = 1;
    {
        fixture<TestType> f;
        auto const        b = f.system.template spawn<boss<delayed>>(&s);
        auto const        w = ask_now(f.system, b, child{});
        w.send(work{1});
        f.settle();
        wake_with(w, troupe::detail::control::due);
        CHECK(f.settle().timers == 1);
        CHECK(s.built == 1);
        f.clock.advance(1s);
        CHECK(f.settle().timers == 0);
        CHECK(s.built == 2);
    }
    CHECK(s.alive == 0);
}

TEMPLATE_TEST_CASE("a restart that fails is tried again, and counted", "", TROUPE_TEST_KINDS) {
    script s;
    s.fails_at = 1;
    fixture<TestType> f;
    auto const        b = f.system.template spawn<boss<at_once>>(&s);
    auto const        w = ask_now(f.system, b, child{});
    SECTION("the constructor") {
        s.bad_builds = 2;
        w.send(work{1});
        w.send(work{2});
        f.settle();
        CHECK(s.built == 4);
        CHECK(s.said.take() == "+w again(bad) ~w +w");
        CHECK(s.handled == std::vector<int>{2});
        CHECK(ask_now(f.system, w, tries{}) == 3);
    }
    SECTION("`started`") {
        s.bad_starts = 1;
        w.send(work{1});
        w.send(work{2});
        f.settle();
        CHECK(s.built == 3);
        // No `restarting`: it has not begun to live.
        CHECK(s.said.take() == "+w again(bad) ~w ~w +w");
        CHECK(s.handled == std::vector<int>{2});
    }
    SECTION("the budget is for both, and at its end all is over") {
        s.bad_builds = 5;
        w.send(work{1});
        w.send(work{2});
        auto const books = f.settle();
        CHECK(s.built == 4);  // the first, and three restarts
        CHECK(books.actors == 0);
        CHECK(books.dropped_by(drop_cause::dead) == 1);
    }
    CHECK(s.alive == (f.settle().actors == 0 ? 0 : 1));
}

TEMPLATE_TEST_CASE("a permanent child comes back when it stops itself, others do not", "",
                   TROUPE_TEST_KINDS) {
    script            s;
    fixture<TestType> f;
    SECTION("permanent") {
        auto const b = f.system.template spawn<boss<at_once, troupe::permanent>>(&s);
        auto const w = ask_now(f.system, b, child{});
        w.send(leave{});
        w.send(work{2});
        CHECK(f.settle().actors == 2);
        CHECK(f.settle().failed == 0);
        CHECK(s.handled == std::vector<int>{2});
        CHECK(s.said.take() == "+w again(it has stopped itself) ~w +w");
        f.system.stop(w);  // by somebody else: final
        CHECK(f.settle().actors == 1);
    }
    SECTION("transient") {
        auto const b = f.system.template spawn<boss<at_once>>(&s);
        ask_now(f.system, b, child{}).send(leave{});
        CHECK(f.settle().actors == 1);
        CHECK(s.built == 1);
    }
    SECTION("a temporary child is not restarted at all") {
        s.fails_at = 1;
        auto const b = f.system.template spawn<boss<at_once, troupe::temporary>>(&s);
        ask_now(f.system, b, child{}).send(work{1});
        CHECK(f.settle().actors == 1);
        CHECK(s.built == 1);
    }
}

struct every_fiftieth {
    using protocol = troupe::protocol<void(int)>;
    explicit every_fiftieth(std::atomic<int>* s) : sum(s) {}
    void on(int i) {
        if (i % 50 == 0) throw std::runtime_error{"every fiftieth"};
        sum->fetch_add(1);
    }
    std::atomic<int>* sum;
};
struct reader_of_one {
    using protocol = troupe::protocol<troupe::ref<every_fiftieth>(child)>;
    static constexpr auto supervision = troupe::one_for_one{.max_restarts = troupe::unlimited};
    explicit reader_of_one(std::atomic<int>* s) : sum(s) {}
    void started(troupe::context<reader_of_one>& self) {
        reader = self.spawn<every_fiftieth, troupe::bounded_mailbox<1>>(sum);
    }
    troupe::ref<every_fiftieth> on(child) { return reader; }
    std::atomic<int>*           sum;
    troupe::ref<every_fiftieth> reader;
};

// Senders of a full mailbox wait while the object is replaced, and none of them is lost.
TEMPLATE_TEST_CASE("a mailbox of one place, many senders and a failing reader lose nothing", "",
                   TROUPE_TEST_THREADED) {
    std::atomic<int>  sum{0};
    fixture<TestType> f;
    auto const        t = f.system.template spawn<reader_of_one>(&sum);
    auto const        r = t.ask(child{}).get();
    f.on_threads(4, [&](unsigned) {
        for (int i = 1; i <= 1000; ++i) r.send(i);
    });
    auto const books = f.settle();
    CHECK(sum.load() == 4 * 980);
    CHECK(books.failed == 80);
    CHECK(books.dropped_total() == 0);
}

struct burst {};
struct pings {};

/// Sends more than its target can take, and is muted.
class chatterbox {
public:
    using protocol = troupe::protocol<void(burst), int(pings)>;
    explicit chatterbox(troupe::ref<worker> to) : to_(to) {}
    void on(burst) {
        for (int i = 1; i <= 4; ++i) to_.send(work{i});
    }
    int on(pings) { return ++pings_; }

private:
    troupe::ref<worker> to_;
    int                 pings_ = 0;
};

TEMPLATE_TEST_CASE("who is muted for an actor goes on when it is restarted", "",
                   TROUPE_TEST_BY_HAND) {
    script s;
    s.fails_at = 1;
    fixture<TestType> f;
    auto const        b = f.system.template spawn<boss<delayed, troupe::bounded_mailbox<1>>>(&s);
    auto const        w = ask_now(f.system, b, child{});
    auto const        c = f.system.template spawn<chatterbox>(w);
    c.send(burst{});
    f.settle();
    CHECK(s.alive == 0);
    // The child has no object, and what it was sent waits; its sender does not.
    CHECK(ask_now(f.system, c, pings{}) == 1);
    CHECK(f.settle().queued == 3);
    f.clock.advance(1s);
    CHECK(f.settle().queued == 0);
    CHECK(s.handled == std::vector<int>{2, 3, 4});
}

}  // namespace test_restarting
