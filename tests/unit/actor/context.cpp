// SPDX-License-Identifier: BSL-1.0

#include "troupe/actor/context.hpp"

#include <stdexcept>
#include <string>
#include <utility>

#include "support/systems.hpp"

namespace test_context {

using namespace std::chrono_literals;

struct tick {
    std::string text;
};
struct begin {};
struct cease {};
struct how_many {};

class clockwork {
public:
    using protocol = troupe::protocol<void(tick), void(begin), bool(cease), std::size_t(how_many)>;
    void on(tick const& t) { seen_ += t.text.size(); }
    void on(begin, troupe::context<clockwork>& self) { timer_ = self.every(10ms, tick{"x"}); }
    bool on(cease, troupe::context<clockwork>& self) { return self.cancel(timer_); }
    std::size_t on(how_many) const { return seen_; }

private:
    std::size_t   seen_ = 0;
    troupe::timer timer_;
};

class desk {
public:
    using protocol = troupe::protocol<std::size_t(how_many), std::size_t(cease)>;
    explicit desk(troupe::ref<clockwork> next) : next_(next) {}
    void on(how_many m, troupe::context<desk>& self, troupe::reply<std::size_t> r) {
        self.forward(next_, m, std::move(r));
    }
    std::size_t on(cease, troupe::context<desk>& self) {
        self.fail("on purpose");
        return 0;
    }

private:
    troupe::ref<clockwork> next_;
};

struct each {
    std::chrono::nanoseconds interval;
};
class hasty {
public:
    using protocol = troupe::protocol<void(each), void(tick)>;
    void on(each e, troupe::context<hasty>& self) {
        static_cast<void>(self.every(e.interval, tick{"x"}));
    }
    void on(tick const&) {}
};

TEST_CASE("a period that is not positive is refused, by name and value") {
    for (auto const interval : {0ns, -1ns}) {
        troupe_test::fixture<troupe_test::run_loop_by_hand> f;
        auto const outcome = f.system.spawn<hasty>().ask(each{interval}).result();
        REQUIRE(outcome.error().code() == troupe::ask_errc::failed);
        CHECK_THAT(outcome.error().what(), troupe_test::contains("every: the interval is " +
                                                                 std::to_string(interval.count()) +
                                                                 " ns; it must be at least 1 ns"));
        CHECK(f.settle().timers == 0);
    }
}

struct timed : troupe::defaults {
    using clock_type = troupe::manual_clock;
    using log_type = troupe::null_log;
};
struct timed_loop : timed {
    using scheduler_type = troupe::run_loop_scheduler;
};

TEMPLATE_TEST_CASE("a periodic timer keeps its rhythm and skips what it has missed", "", timed,
                   timed_loop) {
    troupe::manual_clock           clock;
    troupe::basic_system<TestType> system{{.clock = &clock}};
    troupe::ref<clockwork> const   a = system.template spawn<clockwork>();
    auto const                     after = [&](troupe::duration span) {
        clock.advance(span);
        system.wait_idle();
        return a.ask(how_many{}).get();
    };
    a.send(begin{});
    system.wait_idle();
    CHECK(after(9ms) == 0);
    CHECK(after(1ms) == 1);
    CHECK(after(10ms) == 2);
    CHECK(after(95ms) == 3);  // one late shot for nine times
    CHECK(after(5ms) == 4);   // and the old rhythm
    CHECK(a.ask(cease{}).get());
    CHECK_FALSE(a.ask(cease{}).get());
    CHECK(after(1h) == 4);
    a.send(begin{});
    system.wait_idle();
    CHECK(system.books().timers == 1);
    troupe::stop_report const report = system.stop(10s);
    CHECK(report.complete);
    CHECK(report.books.balanced());
    CHECK(report.books.timers == 0);
    CHECK(report.books.blocks == 0);
}

TEMPLATE_TEST_CASE("a forwarded ask is answered by the next actor, or its asker is told", "", timed,
                   timed_loop) {
    troupe::basic_system<TestType> system;
    auto const                     next = system.template spawn<clockwork>();
    auto const                     first = system.template spawn<desk>(next);
    next.send(tick{"three"});
    CHECK(first.ask(how_many{}).get() == 5);
    system.stop(next);
    system.wait_idle();
    auto const gone = first.ask(how_many{}).result();
    REQUIRE_FALSE(gone.has_value());
    CHECK(gone.error().code() == troupe::ask_errc::target_gone);
}

TEMPLATE_TEST_CASE("a handler that calls fail has failed as if it had thrown", "", timed,
                   timed_loop) {
    troupe::basic_system<TestType> system;
    auto const first = system.template spawn<desk>(system.template spawn<clockwork>());
    auto const failed = first.ask(cease{}).result();
    REQUIRE_FALSE(failed.has_value());
    CHECK(failed.error().code() == troupe::ask_errc::failed);
    system.wait_idle();
    CHECK(first.try_send(how_many{}) == troupe::send_status::no_target);
    CHECK(system.books().failed == 1);
}

// ---- fail() is the failure of the handler that called it, and of nobody else

struct go {};
class server {
public:
    using protocol = troupe::protocol<int(go)>;
    int on(go) { return 1; }
};
class fails_and_waits {
public:
    using protocol = troupe::protocol<void(go)>;
    explicit fails_and_waits(troupe::ref<server> s) : server_(s) {}
    troupe::task<> on(go, troupe::context<fails_and_waits>& self) {
        self.fail("before it waited");
        static_cast<void>(co_await server_.ask<go>());
    }

private:
    troupe::ref<server> server_;
};
class fails_and_throws {
public:
    using protocol = troupe::protocol<void(go)>;
    void on(go, troupe::context<fails_and_throws>& self) {
        self.fail("and more");
        throw std::runtime_error{"thrown"};
    }
};
class never_starts {
public:
    using protocol = troupe::protocol<void(go)>;
    void started(troupe::context<never_starts>& self) { self.fail("not today"); }
    void on(go) {}
};
class tries_it {
public:
    using protocol = troupe::protocol<bool(go)>;
    bool on(go, troupe::context<tries_it>& self) {
        auto const made = self.try_spawn<never_starts>();
        return !made && made.error().code() == troupe::spawn_errc::constructor;
    }
};

TEMPLATE_TEST_CASE("fail() hits the actor that called it, though its handler waits or throws", "",
                   TROUPE_TEST_SCHEDULERS) {
    troupe_test::fixture<TestType> f;
    auto const                     s = f.system.template spawn<server>();
    auto const                     waits = f.system.template spawn<fails_and_waits>(s);
    auto const                     throws = f.system.template spawn<fails_and_throws>();
    CHECK(waits.ask(go{}).result().error().code() == troupe::ask_errc::failed);
    CHECK(throws.ask(go{}).result().error().code() == troupe::ask_errc::failed);
    CHECK(s.ask(go{}).get() == 1);
    auto const books = f.settle();
    CHECK(books.failed == 2);
    CHECK(books.actors == 1);
}

TEMPLATE_TEST_CASE("fail() in `started` fails the spawn, not the one that spawns", "",
                   TROUPE_TEST_SCHEDULERS) {
    troupe_test::fixture<TestType> f;
    auto const                     outside = f.system.template try_spawn<never_starts>();
    REQUIRE_FALSE(outside);
    CHECK(outside.error().code() == troupe::spawn_errc::constructor);
    CHECK_THAT(outside.error().what(), troupe_test::contains("not today"));
    auto const parent = f.system.template spawn<tries_it>();
    CHECK(parent.ask(go{}).get());
    auto const books = f.settle();
    CHECK(books.failed == 0);
    CHECK(books.actors == 1);
}

}  // namespace test_context
