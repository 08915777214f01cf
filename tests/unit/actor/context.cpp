// SPDX-License-Identifier: BSL-1.0

#include "troupe/actor/context.hpp"

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

}  // namespace test_context
