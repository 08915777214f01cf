// SPDX-License-Identifier: BSL-1.0
#include "troupe/actor/hooks.hpp"

#include "support/systems.hpp"
#include "support/trace.hpp"

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>

namespace test_hooks {

using namespace std::chrono_literals;
using namespace troupe_test;

/// Writes down which hooks were late, as the log has it, and counts what the metrics sink is told.
struct told : by_hand<troupe::run_loop_scheduler> {
    struct log_type {
        trace late;
        void  write(troupe::log_record const& r) noexcept {
            if (r.id == troupe::log_event::hook_overdue)
                late.add(std::string{r.detail} + "@" + std::string{r.path});
        }
    };
    struct metrics_type {
        std::uint64_t late = 0;
        void          count(troupe::metric id, std::uint64_t n) noexcept {
            if (id == troupe::metric::hooks_overdue) late += n;
        }
    };
};
using here = setup<told, 1>;

struct fall {};

/// Each hook takes its time on the clock of the test.
class slow {
public:
    using protocol = troupe::protocol<void(fall)>;
    static constexpr troupe::hook_deadlines hooks{
        .started = 1s, .stopping = 2s, .stopped = 3s, .restarting = 4s};

    slow(troupe::manual_clock& clock, troupe::duration more) : clock_(clock), more_(more) {}
    void started() { clock_.advance(1s + more_); }
    void stopping() { clock_.advance(2s + more_); }
    void stopped() { clock_.advance(3s + more_); }
    void restarting(troupe::failure const&) { clock_.advance(4s + more_); }
    void on(fall) { throw std::runtime_error{"down"}; }

private:
    troupe::manual_clock& clock_;
    troupe::duration      more_;
};

struct get {};
class parent {
public:
    using protocol = troupe::protocol<troupe::ref<slow>(get)>;
    static constexpr troupe::one_for_one supervision{};
    parent(troupe::manual_clock& clock, troupe::duration more) : clock_(clock), more_(more) {}
    void started(troupe::context<parent>& self) {
        child_ = self.spawn<slow>(troupe::name{"child"}, std::ref(clock_), more_);
    }
    troupe::ref<slow> on(get) { return child_; }

private:
    troupe::manual_clock& clock_;
    troupe::duration      more_;
    troupe::ref<slow>     child_;
};

TEST_CASE("a hook that takes longer than its deadline is told of, and counted, each time") {
    fixture<here> f;
    auto const    p = f.system.spawn<parent>(troupe::name{"parent"}, std::ref(f.clock), 1ns);
    trace&        late = f.system.log_sink().late;
    CHECK(late.take() == "started@parent/child");
    auto child = p.ask(get{});
    child.start();
    f.settle();
    child.get().send(fall{});
    f.settle();
    CHECK(late.take() == "restarting@parent/child started@parent/child");
    f.system.stop(p);
    f.settle();
    CHECK(late.take() == "stopping@parent/child stopped@parent/child");
    CHECK(f.system.metrics().late == 5);
}

TEST_CASE("a hook that takes as long as its deadline is in time") {
    fixture<here> f;
    auto const    p = f.system.spawn<parent>(std::ref(f.clock), 0ns);
    auto          child = p.ask(get{});
    child.start();
    f.settle();
    child.get().send(fall{});
    f.settle();
    f.system.stop(p);
    f.settle();
    CHECK(f.system.log_sink().late.text().empty());
    CHECK(f.system.metrics().late == 0);
}

// ---- which hooks an object has

struct begin {};

/// Writes down its hooks, and fails where it should.
struct plot {
    trace said;
    int   objects = 0;
    int   bad_start = 0;      // the object whose `started` fails; 0: none
    bool  bad_child = false;  // its declared child fails to start instead
};

class small_child {
public:
    using protocol = troupe::protocol<>;
    explicit small_child(plot* p) : plot_(p) {
        if (p->bad_child && p->objects == p->bad_start) throw std::runtime_error{"child"};
    }
    ~small_child() { plot_->said.add("~child"); }

private:
    plot* plot_;
};

class subject {
public:
    using protocol = troupe::protocol<void(fall), void(begin)>;
    using children = troupe::children<troupe::child<small_child>>;
    explicit subject(plot* p) : plot_(p) { ++p->objects; }
    ~subject() { plot_->said.add("destroyed"); }
    auto arguments(troupe::child<small_child>) const { return std::tuple{plot_}; }
    void started(troupe::context<subject>& self) {
        self.ref().send(begin{});
        if (!plot_->bad_child && plot_->objects == plot_->bad_start) {
            throw std::runtime_error{"started"};
        }
        plot_->said.add("started");
    }
    void restarting(troupe::failure const&) { plot_->said.add("restarting"); }
    void stopping() { plot_->said.add("stopping"); }
    void stopped() { plot_->said.add("stopped"); }
    void hand_back(begin&&) { plot_->said.add("back"); }
    void on(fall) { throw std::runtime_error{"fall"}; }
    void on(begin) {}

private:
    plot* plot_;
};

class keeper {
public:
    using protocol = troupe::protocol<troupe::ref<subject>(get)>;
    static constexpr troupe::one_for_one supervision{
        .max_restarts = 1, .within = 1h, .backoff = {.first = 1s}};
    explicit keeper(plot* p) : plot_(p) {}
    void started(troupe::context<keeper>& self) { child_ = self.spawn<subject>(plot_); }
    troupe::ref<subject> on(get) { return child_; }

private:
    plot*                plot_;
    troupe::ref<subject> child_;
};

TEMPLATE_TEST_CASE("one that was never started only has its destructor", "",
                   TROUPE_TEST_SCHEDULERS) {
    plot p;
    p.bad_start = 1;
    p.bad_child = GENERATE(true, false);
    fixture<TestType> f;
    CHECK_FALSE(f.system.template try_spawn<subject>(&p).has_value());
    f.settle();
    CHECK(p.said.take() == (p.bad_child ? "destroyed" : "~child destroyed"));
}

TEMPLATE_TEST_CASE("nor has one that fails to start when it is built again", "",
                   TROUPE_TEST_BY_HAND) {
    plot p;
    p.bad_start = 2;
    p.bad_child = GENERATE(true, false);
    {
        fixture<TestType> f;
        auto const        k = f.system.template spawn<keeper>(&p);
        auto              c = k.ask(get{});
        c.start();
        f.settle();
        CHECK(p.said.take() == "started");
        c.get().send(fall{});
        f.settle();
        CHECK(p.said.take() == "restarting ~child destroyed");
        f.clock.advance(1s);
        // The second failure is one too many: the keeper ends.
        CHECK(f.settle().actors == 0);
        CHECK(p.said.take() == (p.bad_child ? "destroyed" : "~child destroyed"));
    }
}

TEMPLATE_TEST_CASE("a stop while it has no object runs no hook", "", TROUPE_TEST_BY_HAND) {
    plot p;
    {
        fixture<TestType> f;
        auto const        k = f.system.template spawn<keeper>(&p);
        auto              c = k.ask(get{});
        c.start();
        f.settle();
        auto const child = c.get();
        child.send(fall{});
        f.settle();
        CHECK(p.said.take() == "started restarting ~child destroyed");
        child.send(begin{});
        f.system.stop(child);
        CHECK(f.settle().actors == 1);
        CHECK(p.said.take().empty());
        CHECK(f.system.dead_letters().size() == 1);
    }
}

/// Its end takes a turn of its own: meanwhile its parent, which is being replaced, can be stopped.
class slow_child {
public:
    using protocol = troupe::protocol<>;
    slow_child(trace* said, troupe::any_ref parent, std::function<void(troupe::any_ref)> act)
        : said_(said), parent_(parent), act_(std::move(act)) {}
    void stopped() {
        said_->add("child");
        act_(parent_);
    }

private:
    trace*                               said_;
    troupe::any_ref                      parent_;
    std::function<void(troupe::any_ref)> act_;
};
class replaced {
public:
    using protocol = troupe::protocol<void(fall)>;
    replaced(trace* said, std::function<void(troupe::any_ref)> act)
        : said_(said), act_(std::move(act)) {}
    ~replaced() { said_->add("destroyed"); }
    void started(troupe::context<replaced>& self) {
        self.spawn<slow_child>(said_, troupe::any_ref{self.ref()}, act_);
    }
    void restarting(troupe::failure const&) { said_->add("restarting"); }
    void stopping() { said_->add("stopping"); }
    void stopped() { said_->add("stopped"); }
    void on(fall) { throw std::runtime_error{"fall"}; }

private:
    trace*                               said_;
    std::function<void(troupe::any_ref)> act_;
};
class replacer {
public:
    using protocol = troupe::protocol<troupe::ref<replaced>(get)>;
    static constexpr troupe::one_for_one supervision{};
    replacer(trace* said, std::function<void(troupe::any_ref)> act)
        : said_(said), act_(std::move(act)) {}
    void started(troupe::context<replacer>& self) { child_ = self.spawn<replaced>(said_, act_); }
    troupe::ref<replaced> on(get) { return child_; }

private:
    trace*                               said_;
    std::function<void(troupe::any_ref)> act_;
    troupe::ref<replaced>                child_;
};

TEMPLATE_TEST_CASE("an object that was told of its restart is not told of its end too", "",
                   TROUPE_TEST_SCHEDULERS) {
    trace             said;
    fixture<TestType> f;
    auto const        r = f.system.template spawn<replacer>(
        &said, [&](troupe::any_ref parent) { f.system.stop(parent); });
    auto c = r.ask(get{});
    c.start();
    f.settle();
    c.get().send(fall{});
    CHECK(f.settle().actors == 1);
    CHECK(said.take() == "restarting child destroyed");
}

}  // namespace test_hooks
