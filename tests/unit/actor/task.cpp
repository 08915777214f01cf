// SPDX-License-Identifier: BSL-1.0
#include "troupe/actor/task.hpp"

#include "support/systems.hpp"

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace test_task {

using namespace troupe_test;

struct key {
    int n;
};
struct open {};
struct look {};

class gate {
public:
    using protocol = troupe::protocol<int(key), void(open)>;
    void on(key k, troupe::reply<int> r) { waiting_.emplace_back(k.n, std::move(r)); }
    void on(open) {
        for (auto& [n, r] : waiting_) r(n);
        waiting_.clear();
    }

private:
    std::vector<std::pair<int, troupe::reply<int>>> waiting_;
};

struct begin {
    std::string text;
};
struct other {};
struct nested {
    int depth;
};
struct throws_deep {
    int depth;
};
struct catches_deep {
    int depth;
};
struct throws_at_once {};

using lines = std::vector<std::string>;

// Says when it goes.
struct witness {
    std::shared_ptr<int> alive;
};

class waits {
public:
    using protocol =
        troupe::protocol<std::string(begin), void(other), int(nested), int(throws_deep),
                         int(catches_deep), void(throws_at_once), lines(look)>;
    waits(troupe::ref<gate> g, std::shared_ptr<int> alive) : gate_(g), alive_(std::move(alive)) {}

    // The message is taken by reference: it must be there after the wait.
    troupe::task<std::string> on(begin const& b) {
        witness const w{alive_};
        log_.push_back("begin " + b.text);
        int const n = co_await gate_.ask<key>(1);
        log_.push_back("end " + b.text);
        co_return b.text + std::to_string(n);
    }
    void on(other) { log_.push_back("other"); }

    troupe::task<int> deep(int depth) {
        witness const w{alive_};
        if (depth == 0) co_return co_await gate_.ask<key>(1);
        co_return co_await deep(depth - 1) + 1;
    }
    troupe::task<int> on(nested n) { co_return co_await deep(n.depth); }

    troupe::task<int> fails(int depth) {
        witness const w{alive_};
        if (depth == 0) {
            static_cast<void>(co_await gate_.ask<key>(1));
            throw std::runtime_error{"from below"};
        }
        co_return co_await fails(depth - 1) + 1;
    }
    troupe::task<int> on(throws_deep t) { co_return co_await fails(t.depth); }
    troupe::task<int> on(catches_deep t) {
        try {
            co_return co_await fails(t.depth);
        } catch (std::runtime_error const& e) {
            if (std::string{"from below"} == e.what()) co_return -1;
        }
        co_return -2;
    }
    troupe::task<> on(throws_at_once) {
        throw std::runtime_error{"at once"};
        co_return;
    }
    lines on(look) const { return log_; }

private:
    troupe::ref<gate>    gate_;
    std::shared_ptr<int> alive_;
    lines                log_;
};

template <class Setup>
struct stage {
    fixture<Setup>       f;
    std::shared_ptr<int> alive = std::make_shared<int>(0);
    troupe::ref<gate>    g = f.system.template spawn<gate>();
    troupe::ref<waits>   a = f.system.template spawn<waits>(g, alive);
};

TEMPLATE_TEST_CASE("while a handler waits its actor handles nothing else", "",
                   TROUPE_TEST_SCHEDULERS) {
    stage<TestType> s;
    auto            first = s.a.ask(begin{"one"}).start();
    s.a.send(other{});
    auto second = s.a.ask(begin{"two"}).start();
    s.a.send(other{});
    auto const seen = s.f.settle();
    CHECK(seen.queued == 1 + 3 - 0);  // the suspended one, and what waits behind it
    s.g.send(open{});
    CHECK(first.get() == "one1");
    s.f.settle();
    s.g.send(open{});
    CHECK(second.get() == "two1");
    s.f.settle();
    CHECK(s.a.ask(look{}).get() ==
          lines{"begin one", "end one", "other", "begin two", "end two", "other"});
}

TEMPLATE_TEST_CASE("tasks await tasks, to any depth", "", TROUPE_TEST_KINDS) {
    stage<TestType> s;
    for (int const depth : {0, 1, 10, 1000}) {
        auto outcome = s.a.ask(nested{depth}).start();
        s.f.settle();
        s.g.send(open{});
        CHECK(outcome.get() == depth + 1);
    }
    s.f.settle();
    CHECK(s.alive.use_count() == 2);
}

TEMPLATE_TEST_CASE("an exception goes up through the tasks that wait", "", TROUPE_TEST_KINDS) {
    for (int const depth : {0, 1, 100}) {
        stage<TestType> s;
        auto            caught = s.a.ask(catches_deep{depth}).start();
        s.f.settle();
        s.g.send(open{});
        CHECK(caught.get() == -1);
        CHECK(s.f.settle().failed == 0);
        auto thrown = s.a.ask(throws_deep{depth}).start();
        s.f.settle();
        s.g.send(open{});
        auto const outcome = thrown.result();
        REQUIRE_FALSE(outcome.has_value());
        CHECK(outcome.error().code() == troupe::ask_errc::failed);
        REQUIRE(outcome.error().nested() != nullptr);
        CHECK_THROWS_WITH(std::rethrow_exception(outcome.error().nested()), "from below");
        CHECK(s.f.settle().failed == 1);
        CHECK(s.alive.use_count() == 1);  // the frames, and the actor with them
    }
    stage<TestType> s;
    CHECK(s.a.ask(throws_at_once{}).result().error().code() == troupe::ask_errc::failed);
}

TEMPLATE_TEST_CASE("stopping an actor destroys the frames of its handler, and its message", "",
                   TROUPE_TEST_SCHEDULERS) {
    stage<TestType> s;
    auto            first = s.a.ask(nested{20}).start();
    s.f.settle();
    CHECK(s.alive.use_count() == 2 + 21);
    s.f.system.stop(s.a);
    CHECK(first.result().error().code() == troupe::ask_errc::target_gone);
    s.f.settle();
    CHECK(s.alive.use_count() == 1);
    s.g.send(open{});  // for nobody
    s.f.settle();
}

TEMPLATE_TEST_CASE("stopping a system destroys the frames of suspended handlers", "",
                   TROUPE_TEST_SCHEDULERS) {
    auto alive = std::make_shared<int>(0);
    {
        fixture<TestType> f;
        auto const        g = f.system.template spawn<gate>();
        for (int i = 0; i < 5; ++i) {
            auto const a = f.system.template spawn<waits>(g, alive);
            a.send(begin{"for ever"});
            a.send(nested{3});
            a.send(other{});
        }
        CHECK(f.settle().queued == 15);
        CHECK(alive.use_count() == 1 + 10);
    }
    CHECK(alive.use_count() == 1);
}

TEMPLATE_TEST_CASE("a chain of suspended tasks may be long: it ends without recursion", "",
                   TROUPE_TEST_DRIVEN) {
    stage<TestType> s;
    auto            outcome = s.a.ask(nested{2000}).start();
    s.f.settle();
    s.g.send(open{});
    CHECK(outcome.get() == 2001);
}

struct huge {};
class oversized {
public:
    using protocol = troupe::protocol<int(huge)>;
    troupe::task<int> on(huge, troupe::context<oversized>& self) {
        char volatile big[40'000] = {};
        seen_ = big;  // its address is known outside: no compiler may leave it out of the frame
        big[39'999] = 1;
        co_await [](troupe::ref<oversized> me) -> troupe::task<> {
            static_cast<void>(me);
            co_return;
        }(self.ref());
        co_return seen_[39'999];
    }

private:
    char volatile* seen_ = nullptr;
};

TEMPLATE_TEST_CASE("a frame that no block can hold is a named status", "", TROUPE_TEST_KINDS) {
    fixture<TestType> f;
    auto const        a = f.system.template spawn<oversized>();
    auto const        outcome = a.ask(huge{}).result();
    REQUIRE_FALSE(outcome.has_value());
    CHECK(outcome.error().code() == troupe::ask_errc::frame_too_large);
    CHECK(f.settle().failed == 1);
}

// A task that nobody awaits never runs.
TEST_CASE("a task that is dropped does not run, also outside of actors") {
    bool       ran = false;
    auto const lazy = [](bool& r) -> troupe::task<> {
        r = true;
        co_return;
    };
    {
        auto t = lazy(ran);
        auto moved = std::move(t);
        t = std::move(moved);
    }
    CHECK_FALSE(ran);
}

struct run_twice {};
class awaits_values {
public:
    using protocol = troupe::protocol<std::string(run_twice)>;
    troupe::task<std::unique_ptr<int>> made(int n) { co_return std::make_unique<int>(n); }
    troupe::task<std::string>          on(run_twice) {
        auto        one = co_await made(1);
        auto        t = made(2);
        auto        two = co_await std::move(t);
        std::string text = std::to_string(*one);
        text += std::to_string(*two);
        co_return text;
    }
};

TEMPLATE_TEST_CASE("a task gives a value that can only be moved", "", TROUPE_TEST_KINDS) {
    fixture<TestType> f;
    CHECK(f.system.template spawn<awaits_values>().ask(run_twice{}).get() == "12");
}

}  // namespace test_task
