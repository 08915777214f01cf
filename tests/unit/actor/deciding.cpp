// SPDX-License-Identifier: BSL-1.0
#include "troupe/actor/deciding.hpp"

#include "support/systems.hpp"
#include "support/trace.hpp"

#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>

namespace test_deciding {

using namespace std::chrono_literals;
using namespace troupe_test;
using troupe::verdict;

struct bad_input : std::invalid_argument {
    using std::invalid_argument::invalid_argument;
};
struct fail_now {
    bool input = false;
};
struct add {};
struct sum {};

/// Counts; fails on demand.
class counter {
public:
    using protocol = troupe::protocol<void(fail_now), void(add), int(sum)>;
    explicit counter(trace* said) : said_(said) {}
    ~counter() { said_->add("~"); }
    void on(fail_now f) {
        if (f.input) throw bad_input{"input"};
        throw std::runtime_error{"state"};
    }
    void on(add) { ++sum_; }
    int  on(sum) const { return sum_; }

private:
    trace* said_;
    int    sum_ = 0;
};

struct child {};

/// Says `how` to each failure.
class parent {
public:
    using protocol = troupe::protocol<troupe::ref<counter>(child), void(fail_now)>;
    parent(trace* said, verdict how) : said_(said), how_(how) {}
    ~parent() { said_->add("~parent"); }
    void    started(troupe::context<parent>& self) { child_ = self.spawn<counter>(said_); }
    verdict on_failure(troupe::failure const& f, troupe::context<parent>&) {
        said_->add(f.is<bad_input>() ? "input?" : "state?");
        CHECK_FALSE(f.is<std::bad_alloc>());
        CHECK(f.is<std::exception>());
        CHECK(f.where() == troupe::failed_in::handler);
        CHECK(f.came_from<counter>());
        CHECK(f.message().find("fail_now") != std::string_view::npos);
        return f.is<std::logic_error>() ? verdict::resume : how_;
    }
    troupe::ref<counter> on(child) { return child_; }
    void                 on(fail_now) { throw std::runtime_error{"parent"}; }

private:
    trace*               said_;
    verdict              how_;
    troupe::ref<counter> child_;
};

/// Its parent, in turn.
class grandparent {
public:
    using protocol = troupe::protocol<troupe::ref<parent>(child)>;
    static constexpr auto supervision = troupe::one_for_one{};
    grandparent(trace* said, verdict how, verdict own) : said_(said), how_(how), own_(own) {}
    void started(troupe::context<grandparent>& self) { child_ = self.spawn<parent>(said_, how_); }
    verdict on_failure(troupe::failure const& f) {
        said_->add(std::string{"grand("}
                       .append(to_string(f.where()))
                       .append(":")
                       .append(f.cause() ? f.cause().what() : "-")
                       .append(")"));
        return own_;
    }
    troupe::ref<parent> on(child) { return child_; }

private:
    trace*              said_;
    verdict             how_;
    verdict             own_;
    troupe::ref<parent> child_;
};

/// The child's end and the grandparent's verdict come in any order: they are of two actors.
bool in_order(trace const& said, std::string const& first, std::string const& then) {
    auto const        word = [](std::string const& w) { return std::string{" "}.append(w) + ' '; };
    std::string const text = word(said.text());
    auto const        at = text.find(word(first));
    return at != std::string::npos && text.find(word(then), at) != std::string::npos;
}

template <class Fixture, class Parent>
auto child_of(Fixture& f, Parent const& p) {
    auto answer = p.ask(child{});
    answer.start();
    f.system.wait_idle();
    return std::move(answer).get();
}
template <class Fixture>
int sum_of(Fixture& f, troupe::ref<counter> const& c) {
    auto answer = c.ask(sum{});
    answer.start();
    f.system.wait_idle();
    return std::move(answer).get();
}

TEMPLATE_TEST_CASE("each verdict is carried out", "", TROUPE_TEST_SCHEDULERS) {
    trace             said;
    fixture<TestType> f;
    auto const        spawn = [&](verdict how) {
        auto const p = f.system.template spawn<parent>(&said, how);
        auto const c = child_of(f, p);
        c.send(add{});
        c.send(fail_now{});
        c.send(add{});
        f.settle();
        return c;
    };
    SECTION("resume") {
        troupe::ref<counter> const c = spawn(verdict::resume);
        CHECK(sum_of(f, c) == 2);
        CHECK(said.text() == "state?");
    }
    SECTION("restart") {
        troupe::ref<counter> const c = spawn(verdict::restart);
        CHECK(sum_of(f, c) == 1);
        CHECK(said.text() == "state? ~");
        c.send(fail_now{true});
        CHECK(sum_of(f, c) == 1);
        CHECK(said.text() == "state? ~ input?");
    }
    SECTION("stop") {
        spawn(verdict::stop);
        CHECK(f.settle().actors == 1);
        CHECK(said.text() == "state? ~");
    }
    SECTION("escalate") {
        spawn(verdict::escalate);
        CHECK(f.settle().actors == 0);
        CHECK(said.text() == "state? ~ ~parent");
    }
}

TEMPLATE_TEST_CASE("what a child escalates is decided by the parent of its parent", "",
                   TROUPE_TEST_KINDS) {
    trace             said;
    fixture<TestType> f;
    auto const        run = [&](verdict own) {
        auto const g = f.system.template spawn<grandparent>(&said, verdict::escalate, own);
        auto const p = child_of(f, g);
        child_of(f, p).send(fail_now{});
        f.settle();
        return p;
    };
    SECTION("resume: it goes on without that child") {
        run(verdict::resume);
        CHECK(f.settle().actors == 2);
        CHECK(in_order(said, "state?", "grand(child:state)"));
    }
    SECTION("restart: it comes back with a new one") {
        auto const p = run(verdict::restart);
        CHECK(f.settle().actors == 3);
        CHECK(in_order(said, "state?", "grand(child:state)"));
        CHECK(in_order(said, "grand(child:state)", "~parent"));
        CHECK(in_order(said, "~", "~parent"));
        CHECK(sum_of(f, child_of(f, p)) == 0);
    }
    SECTION("stop") {
        run(verdict::stop);
        CHECK(f.settle().actors == 1);
    }
    SECTION("escalate: to the top, and all of it ends") {
        run(verdict::escalate);
        CHECK(f.settle().actors == 0);
    }
}

// A child fails while its parent has failed itself: it waits for the parent's fate.
TEMPLATE_TEST_CASE("a child and its parent fail together", "", TROUPE_TEST_SCHEDULERS) {
    trace             said;
    fixture<TestType> f;
    verdict const     own = GENERATE(verdict::resume, verdict::restart, verdict::stop);
    auto const        g = f.system.template spawn<grandparent>(&said, verdict::restart, own);
    auto const        p = child_of(f, g);
    auto const        c = child_of(f, p);
    for (int i = 0; i < 3; ++i) {
        p.send(fail_now{});
        c.send(fail_now{});
    }
    auto const books = f.settle();
    CHECK(books.actors == (own == verdict::stop ? 1u : 3u));
}

TEMPLATE_TEST_CASE("the window of restarts slides exactly", "", TROUPE_TEST_BY_HAND) {
    trace             said;
    fixture<TestType> f;  // one_for_one{}: three in five seconds
    auto const        p = f.system.template spawn<parent>(&said, verdict::restart);
    auto const        c = child_of(f, p);
    for (int i = 0; i < 3; ++i) {
        c.send(fail_now{});
        f.settle();
        f.clock.advance(1s);
    }
    SECTION("one nanosecond too early") {
        f.clock.advance(2s - 1ns);
        c.send(fail_now{});
        CHECK(f.settle().actors == 0);
    }
    SECTION("in time, again and again") {
        f.clock.advance(2s);
        for (int i = 0; i < 9; ++i) {
            c.send(fail_now{});
            CHECK(f.settle().actors == 2);
            f.clock.advance(5s);
        }
    }
    SECTION("a resumed failure costs nothing") {
        for (int i = 0; i < 9; ++i) c.send(fail_now{true});
        CHECK(f.settle().actors == 2);
    }
}

/// Its decider is asked while its handler waits for the very child that has failed.
class waiting_parent {
public:
    using protocol = troupe::protocol<void(child)>;
    static constexpr auto supervision = troupe::one_for_one{};
    explicit waiting_parent(trace* said) : said_(said) {}
    void    started(troupe::context<waiting_parent>& self) { child_ = self.spawn<counter>(said_); }
    verdict on_failure(troupe::failure const&, troupe::context<waiting_parent>& self) {
        said_->add("asked");
        // A decider may do what a handler may.
        auto const other = self.spawn<counter>(said_);
        other.send(add{});
        self.stop(other);
        return verdict::restart;
    }
    troupe::task<> on(child) {
        child_.send(fail_now{});
        said_->add(std::string{"sum"} + std::to_string(co_await child_.ask(sum{})));
    }

private:
    trace*               said_;
    troupe::ref<counter> child_;
};

TEMPLATE_TEST_CASE("a parent that waits for its failed child decides meanwhile", "",
                   TROUPE_TEST_SCHEDULERS) {
    trace             said;
    fixture<TestType> f;
    auto const        p = f.system.template spawn<waiting_parent>(&said);
    p.send(child{});
    CHECK(f.settle().actors == 2);
    std::string const text = said.text();
    CHECK(text.starts_with("asked"));
    CHECK(text.ends_with("sum0") != text.ends_with("~"));
}

/// Deciders that fail.
class bad_decider {
public:
    using protocol = troupe::protocol<troupe::ref<counter>(child)>;
    bad_decider(trace* said, bool throws) : said_(said), throws_(throws) {}
    void    started(troupe::context<bad_decider>& self) { child_ = self.spawn<counter>(said_); }
    verdict on_failure(troupe::failure const&, troupe::context<bad_decider>& self) {
        if (throws_) throw std::runtime_error{"decider"};
        self.fail("decider");
        return verdict::resume;
    }
    troupe::ref<counter> on(child) { return child_; }

private:
    trace*               said_;
    bool                 throws_;
    troupe::ref<counter> child_;
};

TEMPLATE_TEST_CASE("a decider that fails escalates", "", TROUPE_TEST_KINDS) {
    trace             said;
    fixture<TestType> f;
    auto const        p = f.system.template spawn<bad_decider>(&said, GENERATE(true, false));
    child_of(f, p).send(fail_now{});
    CHECK(f.settle().actors == 0);
}

/// Functions as children: a failure leaves their state as it was.
class of_functions {
public:
    using protocol = troupe::protocol<troupe::ref<troupe::protocol<int(int)>>(child)>;
    static constexpr auto supervision = troupe::one_for_one{.max_restarts = 0};
    void                  started(troupe::context<of_functions>& self) {
        child_ = self.spawn([n = 0](int by) mutable {
            n += by;
            if (by == 0) throw std::runtime_error{"zero"};
            return n;
        });
    }
    troupe::ref<troupe::protocol<int(int)>> on(child) { return child_; }

private:
    troupe::ref<troupe::protocol<int(int)>> child_;
};

TEMPLATE_TEST_CASE("a supervised function goes on with its state", "", TROUPE_TEST_KINDS) {
    fixture<TestType> f;
    auto const        c = child_of(f, f.system.template spawn<of_functions>());
    auto const        ask = [&](int n) {
        auto answer = c.ask(n);
        answer.start();
        f.system.wait_idle();
        return std::move(answer).result();
    };
    CHECK(ask(5).value() == 5);
    CHECK(ask(0).error().code() == troupe::ask_errc::failed);
    CHECK(ask(2).value() == 7);
}

/// The configuration supervises what hangs at the top.
struct supervised_top : composed<troupe::run_loop_scheduler> {
    static constexpr auto supervision = troupe::one_for_one{.max_restarts = 1};
};

TEST_CASE("a configuration with `supervision` restarts the actors at the top") {
    trace                             said;
    fixture<setup<supervised_top, 1>> f;
    auto const                        c = f.system.spawn<counter>(&said);
    auto const                        other = f.system.spawn<counter>(&said);
    c.send(add{});
    c.send(fail_now{});
    c.send(add{});
    CHECK(sum_of(f, c) == 1);
    c.send(fail_now{});
    CHECK(f.settle().actors == 1);
    other.send(add{});
    CHECK(sum_of(f, other) == 1);
}

// ---- verdicts that meet something else

struct hit {
    std::size_t which;
    bool        finally;
};
struct lost : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Ends for good when it says so.
class member {
public:
    using protocol = troupe::protocol<void(hit)>;
    void on(hit h) {
        if (h.finally) throw lost{"for good"};
        throw std::runtime_error{"again"};
    }
};
class leader {
public:
    using protocol = troupe::protocol<void(hit)>;
    static constexpr troupe::one_for_all supervision{};
    void                                 started(troupe::context<leader>& self) {
        for (auto& m : members_) m = self.spawn<member>();
    }
    verdict on_failure(troupe::failure const& f) {
        return f.is<lost>() ? verdict::stop : verdict::restart;
    }
    void on(hit h) { members_[h.which].send(h); }

private:
    troupe::ref<member> members_[3];
};

// Only a run loop lets both fail before the parent hears of it: who fails while its group goes down
// anyway is not decided about.
TEST_CASE("a verdict of stop stands, also when the group is restarted before it is heard") {
    std::size_t const first = GENERATE(0u, 1u, 2u);
    for (std::size_t second = 0; second < 3; ++second) {
        if (second == first) continue;
        fixture<run_loop> f;
        auto const        l = f.system.spawn<leader>();
        l.send(hit{first, true});
        l.send(hit{second, false});
        CHECK(f.settle().actors == 3);  // the leader and two members
        l.send(hit{second, false});
        CHECK(f.settle().actors == 3);
    }
}

struct leave_badly {};
class torn {
public:
    using protocol = troupe::protocol<void(leave_badly)>;
    void on(leave_badly, troupe::context<torn>& self) {
        self.stop();
        throw lost{"torn"};
    }
};
struct get_torn {};
class keeper {
public:
    using protocol = troupe::protocol<troupe::ref<torn>(get_torn)>;
    explicit keeper(trace* said) : said_(said) {}
    verdict on_failure(troupe::failure const& f) {
        said_->add(std::string{f.what()});
        return verdict::stop;
    }
    troupe::ref<torn> on(get_torn, troupe::context<keeper>& self) {
        return self.spawn<torn, troupe::permanent>();
    }

private:
    trace* said_;
};

TEMPLATE_TEST_CASE("a permanent child that stops itself and fails in one handler has failed", "",
                   TROUPE_TEST_SCHEDULERS) {
    trace             said;
    fixture<TestType> f;
    auto const        k = f.system.template spawn<keeper>(&said);
    auto const        t = k.ask(get_torn{}).get();
    auto              end = f.system.termination(t);
    end.start();
    f.settle();
    t.send(leave_badly{});
    auto const told = end.get();
    CHECK(told.how == troupe::ended_by::failure);
    CHECK(told.why.what() == "torn");
    CHECK(f.settle().actors == 1);
    CHECK(said.text() == "torn");
}

}  // namespace test_deciding
