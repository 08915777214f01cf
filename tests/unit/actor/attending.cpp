// SPDX-License-Identifier: BSL-1.0
#include "troupe/actor/attending.hpp"

#include "support/systems.hpp"
#include "support/trace.hpp"

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

namespace test_attending {

using namespace std::chrono_literals;
using namespace troupe_test;
using troupe::drop_cause;
namespace control = troupe::detail::control;

struct job {
    int number;
};
struct flush {};

/// Answers later, or never.
class store {
public:
    using protocol = troupe::protocol<int(flush), void(job)>;
    explicit store(trace* said, bool answers = true) : said_(said), answers_(answers) {}
    void on(flush, troupe::reply<int> r) {
        said_->add("flush");
        if (answers_) r(1);
        else kept_.push_back(std::move(r));
    }
    void on(job j) { said_->add(std::string{"job"} + std::to_string(j.number)); }

private:
    trace*                          said_;
    bool                            answers_;
    std::vector<troupe::reply<int>> kept_;
};

class leaf {
public:
    using protocol = troupe::protocol<>;
    explicit leaf(trace* said) : said_(said) {}
    ~leaf() { said_->add("~leaf"); }
    void stopped() { said_->add("leaf.stopped"); }

private:
    trace* said_;
};

/// With all hooks.
class whole {
public:
    using protocol = troupe::protocol<void(job), int(flush)>;
    static constexpr auto hooks = troupe::hook_deadlines{.stopping = 2s};

    whole(trace* said, troupe::ref<store> to) : said_(said), to_(to) { said_->add("built"); }
    ~whole() { said_->add("destroyed"); }
    void started(troupe::context<whole>& self) {
        said_->add("started");
        static_cast<void>(self.spawn<leaf>(said_));
    }
    troupe::task<> stopping(troupe::context<whole>& self) {
        said_->add("stopping");
        to_.send(job{1});
        auto const refused = self.try_spawn<leaf>(said_);
        if (!refused.has_value() && refused.error().code() == troupe::spawn_errc::stopped) {
            said_->add("no-spawn");
        }
        int const got = co_await to_.ask(flush{});
        said_->add(std::string{"flushed"} + std::to_string(got));
    }
    void stopped() { said_->add("stopped"); }
    void hand_back(job&& j) { said_->add(std::string{"back"} + std::to_string(j.number)); }
    void on(job j, troupe::context<whole>& self) {
        if (j.number == 0) self.stop();
    }
    int on(flush) { return 0; }

private:
    trace*             said_;
    troupe::ref<store> to_;
};

TEMPLATE_TEST_CASE("an end is: messages handed back, stopping, children, stopped, destructor", "",
                   TROUPE_TEST_DRIVEN) {
    trace             said;
    fixture<TestType> f;
    auto const        s = f.system.template spawn<store>(&said);
    auto const        w = f.system.template spawn<whole>(&said, s);
    w.send(job{0});
    w.send(job{2});
    w.send(job{3});
    auto asked = w.ask(flush{});
    asked.start();
    auto const books = f.settle();
    CHECK(said.take() == "built started back2 back3 stopping no-spawn job1 flush flushed1 "
                         "leaf.stopped ~leaf stopped destroyed");
    CHECK(books.dropped_by(drop_cause::handed_back) == 2);
    CHECK(books.dropped_by(drop_cause::dead) == 1);
    CHECK(asked.result().error().code() == troupe::ask_errc::target_gone);
    CHECK(f.system.dead_letters().size() == 1);
    CHECK(books.actors == 1);
}

TEMPLATE_TEST_CASE("a `stopping` that waits too long is cut", "", TROUPE_TEST_BY_HAND) {
    trace             said;
    fixture<TestType> f;
    auto const        s = f.system.template spawn<store>(&said, false);
    auto const        w = f.system.template spawn<whole>(&said, s);
    f.system.stop(w);
    CHECK(f.settle().actors == 3);  // with its leaf: children still live
    said.take();
    f.clock.advance(2s - 1ns);
    CHECK(f.settle().actors == 3);
    f.clock.advance(1ns);
    CHECK(f.settle().actors == 1);
    CHECK(said.take() == "leaf.stopped ~leaf stopped destroyed");
}

/// Each hook throws, or says so by fail().
class thrower {
public:
    using protocol = troupe::protocol<void(job)>;
    thrower(trace* said, bool throws) : said_(said), throws_(throws) {}
    ~thrower() { said_->add("destroyed"); }
    void stopping(troupe::context<thrower>& self) { bad("stopping", self); }
    void stopped(troupe::context<thrower>& self) { bad("stopped", self); }
    void hand_back(job&&, troupe::context<thrower>& self) { bad("hand_back", self); }
    void on(job, troupe::context<thrower>& self) { self.stop(); }

private:
    void bad(char const* where, troupe::context<thrower>& self) {
        said_->add(where);
        if (throws_) throw std::runtime_error{where};
        self.fail(where);
    }
    trace* said_;
    bool   throws_;
};

TEMPLATE_TEST_CASE("a `stopping` that waits is not cut by a timer from before", "",
                   TROUPE_TEST_BY_HAND) {
    trace             said;
    fixture<TestType> f;
    auto const        s = f.system.template spawn<store>(&said, false);
    auto const        w = f.system.template spawn<whole>(&said, s);
    wake_with(w, control::stop | control::due);
    CHECK(f.settle().actors == 3);
    wake_with(w, control::due);
    CHECK(f.settle().actors == 3);
    CHECK(said.take() == "built started stopping no-spawn job1 flush");
    f.clock.advance(2s);
    CHECK(f.settle().actors == 1);
}

TEMPLATE_TEST_CASE("a hook that fails changes nothing in the end of its actor", "",
                   TROUPE_TEST_KINDS) {
    trace      said;
    bool const throws = GENERATE(true, false);
    {
        fixture<TestType> f;
        auto const        t = f.system.template spawn<thrower>(&said, throws);
        f.on_threads(1, [&](unsigned) {
            t.send(job{1});
            t.send(job{2});
        });
        auto const books = f.settle();
        CHECK(books.actors == 0);
        CHECK(books.failed == 0);
        CHECK(books.handled + books.dropped_by(drop_cause::dead) == 2);
    }
    std::string const text = said.text();
    CHECK(text.ends_with("stopping stopped destroyed"));
}

/// Fails, and flushes when it ends.
class failing {
public:
    using protocol = troupe::protocol<void(job)>;
    failing(trace* said, troupe::ref<store> to, bool parent)
        : said_(said), to_(to), parent_(parent) {}
    ~failing() { said_->add("destroyed"); }
    void started(troupe::context<failing>& self) {
        if (parent_) static_cast<void>(self.spawn<leaf>(said_));
    }
    troupe::task<> stopping() {
        said_->add("stopping");
        static_cast<void>(co_await to_.ask(flush{}));
        said_->add("flushed");
    }
    void stopped() { said_->add("stopped"); }
    void on(job) { throw std::runtime_error{"job"}; }

private:
    trace*             said_;
    troupe::ref<store> to_;
    bool               parent_;
};
class judge {
public:
    using protocol = troupe::protocol<void(job)>;
    judge(trace* said, troupe::ref<store> to) : said_(said), to_(to) {}
    troupe::verdict on_failure(troupe::failure const&) { return troupe::verdict::stop; }
    void            on(job j, troupe::context<judge>& self) {
        self.spawn<failing>(said_, to_, j.number != 0).send(j);
    }

private:
    trace*             said_;
    troupe::ref<store> to_;
};

TEMPLATE_TEST_CASE("the `stopping` of one that its parent ends may wait, too", "",
                   TROUPE_TEST_SCHEDULERS) {
    trace             said;
    fixture<TestType> f;
    auto const        s = f.system.template spawn<store>(&said);
    auto const        j = f.system.template spawn<judge>(&said, s);
    auto const        blocks = f.settle().blocks;
    for (int i = 0; i < 2; ++i) {
        j.send(job{i});
        CHECK(f.settle().actors == 2);
        CHECK(said.take() == (i == 0
                                  ? "stopping flush flushed stopped destroyed"
                                  : "stopping flush flushed leaf.stopped ~leaf stopped destroyed"));
        CHECK(f.settle().blocks == blocks);
    }
}

}  // namespace test_attending
