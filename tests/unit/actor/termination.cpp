// SPDX-License-Identifier: BSL-1.0
#include "troupe/actor/termination.hpp"

#include "support/systems.hpp"
#include "support/trace.hpp"

#include <atomic>
#include <chrono>
#include <latch>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace test_termination {

using namespace std::chrono_literals;
using namespace troupe_test;
using troupe::ask_errc;
using troupe::ended_by;

struct nothing {};
struct leave {};
struct fall {};
struct tick {};

class target {
public:
    using protocol = troupe::protocol<void(nothing), void(leave), void(fall), void(tick)>;
    explicit target(int* alive = nullptr) : alive_(alive) {
        if (alive_ != nullptr) ++*alive_;
    }
    ~target() {
        if (alive_ != nullptr) --*alive_;
    }
    void on(nothing) { touch(); }
    void on(leave, troupe::context<target>& self) { self.stop(); }
    void on(fall) { throw std::runtime_error{"bad"}; }
    void on(tick) { touch(); }
    void started(troupe::context<target>& self) {
        static_cast<void>(self.every(1us, tick{}));
        touch();
    }
    void stopped() { touch(); }

private:
    void touch() {
        if (alive_ != nullptr) *alive_ += 0;
    }
    int* alive_;
};

/// Nothing but an end to wait for.
class plain {
public:
    using protocol = troupe::protocol<void(nothing), void(leave), void(fall)>;
    void on(nothing) {}
    void on(leave, troupe::context<plain>& self) { self.stop(); }
    void on(fall) { throw std::runtime_error{"bad"}; }
};

TEMPLATE_TEST_CASE("a thread outside waits for an end", "", TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    auto const        p = f.system.template spawn<plain>();
    auto              end = f.system.termination(p);
    end.start().start();
    SECTION("stop") {
        f.system.stop(p);
        auto const t = end.get();
        CHECK(t.how == ended_by::stop);
        CHECK(t.who == troupe::any_ref{p});
        CHECK(t.actor == "test_termination::plain");
    }
    SECTION("exit") {
        p.send(leave{});
        CHECK(end.get().how == ended_by::exit);
    }
    SECTION("failure") {
        p.send(fall{});
        auto const t = end.get();
        CHECK(t.how == ended_by::failure);
        CHECK(t.why.what() == "bad");
    }
    // Taken once.
    auto const again = end.result();
    REQUIRE_FALSE(again.has_value());
    CHECK(again.error().code() == ask_errc::cancelled);
    CHECK(f.settle().actors == 0);
}

TEMPLATE_TEST_CASE("the end of one that is gone is there at once", "", TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    auto const        p = f.system.template spawn<plain>();
    f.system.stop(p);
    f.settle();
    CHECK(f.system.termination(p).get().how == ended_by::unknown);
    CHECK(f.system.termination(p).get().who == troupe::any_ref{p});
    CHECK(f.system.termination(troupe::any_ref{}).get().how == ended_by::unknown);
    CHECK(f.system.stop_and_wait(p, 0s));
    CHECK(f.system.stop_and_wait(troupe::any_ref{}, 0s));
    troupe::any_ref other;
    {
        fixture<TestType> ended;
        other = ended.system.template spawn<plain>();
    }
    CHECK(f.system.termination(other).get().how == ended_by::unknown);
    CHECK(f.system.stop_and_wait(other, 0s));
}

TEMPLATE_TEST_CASE("an end that does not come in time expires, and leaves nothing", "",
                   TROUPE_TEST_BY_HAND) {
    fixture<TestType> f;
    auto const        p = f.system.template spawn<plain>();
    auto const        before = f.settle().blocks;
    for (int i = 0; i < 100; ++i) {
        auto end = f.system.termination(p).within(1s);
        end.start();
        f.clock.advance(1s);
        f.settle();
        auto const outcome = end.result();
        REQUIRE_FALSE(outcome.has_value());
        CHECK(outcome.error().code() == ask_errc::expired);
        CHECK(outcome.error().circumstances().target == "test_termination::plain");
    }
    for (int i = 0; i < 100; ++i) f.system.termination(p).within(1s).start();
    auto const books = f.settle();
    CHECK(books.blocks <= before + 1);  // its annex
    CHECK(books.timers == 0);
    // Without time to wait it may be gone already where a worker runs it; told it is in any case.
    bool const in_time = f.system.stop_and_wait(p, 0s);
    if constexpr (fixture<TestType>::driven) CHECK_FALSE(in_time);
    CHECK(f.settle().actors == 0);
}

TEMPLATE_TEST_CASE("what is not begun does nothing, and what is dropped neither", "",
                   TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    auto const        p = f.system.template spawn<plain>();
    { auto unused = f.system.termination(p); }
    std::optional<troupe::request<troupe::terminated>> moved;
    {
        auto first = f.system.termination(p);
        first.start();
        moved.emplace(std::move(first));
    }
    f.settle();
    f.system.stop(p);
    CHECK(moved->get().how == ended_by::stop);
}

TEMPLATE_TEST_CASE("after stop_and_wait its owner may take everything away", "",
                   TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    for (int i = 0; i < 200; ++i) {
        auto       alive = std::make_unique<int>(0);
        auto const t = f.system.template spawn<target>(alive.get());
        for (int k = 0; k < 10; ++k) t.send(nothing{});
        REQUIRE(f.system.stop_and_wait(t, watchdog));
        CHECK(*alive == 0);
    }
}

TEMPLATE_TEST_CASE("several wait for one end, some of them no more", "", TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    std::atomic<int>  told{0};
    for (int round = 0; round < 20; ++round) {
        auto const p = f.system.template spawn<plain>();
        f.on_threads(4, [&](unsigned i) {
            if (i == 0) {
                f.system.stop(p);
            } else if (i == 1) {
                f.system.termination(p).start();
            } else if (i == 2) {
                auto end = f.system.termination(p);
                if (end.result().has_value()) told.fetch_add(1);
            } else {
                while (!f.system.stop_and_wait(p, 1us)) {}
                told.fetch_add(1);
            }
        });
    }
    CHECK(told.load() == 40);
}

// ---- in handlers

struct run {
    troupe::any_ref at;
};
struct run_for_a_while {
    troupe::any_ref at;
};

class waiter {
public:
    using protocol = troupe::protocol<troupe::terminated(run), std::string(run_for_a_while),
                                      std::string(nothing), std::string(leave)>;
    troupe::task<troupe::terminated> on(run r, troupe::context<waiter>& self) {
        co_return co_await self.stop_and_wait(r.at);
    }
    troupe::task<std::string> on(run_for_a_while r, troupe::context<waiter>& self) {
        try {
            co_return std::string{to_string((co_await self.termination(r.at).within(100s)).how)};
        } catch (troupe::ask_error const& e) { co_return std::string{to_string(e.code())}; }
    }
    /// Of itself.
    troupe::task<std::string> on(nothing, troupe::context<waiter>& self) {
        std::string said;
        try {
            static_cast<void>(co_await self.termination(self.ref()));
        } catch (troupe::ask_error const& e) { said += to_string(e.code()); }
        try {
            static_cast<void>(co_await self.stop_and_wait(self.ref()));
        } catch (troupe::ask_error const& e) { said += to_string(e.code()); }
        co_return said;
    }
    /// On a worker nobody sleeps.
    std::string on(leave, troupe::context<waiter>& self) {
        auto const child = self.spawn<plain>();
        auto const outcome = self.stop_and_wait(child).result();
        return outcome.has_value() ? "an end" : std::string{to_string(outcome.error().code())};
    }
};

TEMPLATE_TEST_CASE("a handler awaits the end of another actor", "", TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    auto const        w = f.system.template spawn<waiter>();
    auto const        p = f.system.template spawn<plain>();
    auto const        t = w.ask(run{p}).get();
    CHECK(t.how == ended_by::stop);
    CHECK(t.who == troupe::any_ref{p});
    CHECK(w.ask(run{p}).get().how == ended_by::unknown);
    CHECK(w.ask(run{troupe::any_ref{}}).get().how == ended_by::unknown);
    CHECK(w.ask(nothing{}).get() == "would blockwould block");
    CHECK(w.ask(leave{}).get() == "would block");
}

TEMPLATE_TEST_CASE("a handler waits for an end as long as it likes", "", TROUPE_TEST_BY_HAND) {
    fixture<TestType> f;
    auto const        w = f.system.template spawn<waiter>();
    auto const        p = f.system.template spawn<plain>();
    auto              first = w.ask(run_for_a_while{p});
    first.start();
    f.settle();
    f.clock.advance(100s);
    CHECK(first.get() == "expired");
    auto second = w.ask(run_for_a_while{p});
    second.start();
    f.settle();
    f.system.stop(p);
    CHECK(second.get() == "stop");
    // One that ends while it waits.
    auto const q = f.system.template spawn<plain>();
    auto       third = w.ask(run_for_a_while{q});
    third.start();
    f.settle();
    f.system.stop(w);
    CHECK_FALSE(third.result().has_value());
    CHECK(f.settle().timers == 0);
    f.system.stop(q);
    f.settle();
}

TEMPLATE_TEST_CASE("an actor of another system is waited for as well", "", TROUPE_TEST_KINDS) {
    fixture<TestType> near;
    auto const        w = near.system.template spawn<waiter>();
    using far_system = typename fixture<TestType>::system_type;
    std::optional<far_system> far{std::in_place};
    auto const                p = far->template spawn<plain>();
    auto const                q = far->template spawn<plain>();
    auto                      first = w.ask(run{p});
    first.start();
    auto second = w.ask(run_for_a_while{q});
    second.start();
    near.settle();
    far->wait_idle();
    near.settle();
    CHECK(first.get().how == ended_by::stop);
    auto kept = near.system.termination(q);
    kept.start();
    near.settle();
    far.reset();
    CHECK(kept.get().how == ended_by::shutdown);
    near.settle();
    CHECK(second.get() == "shutdown");
}

// ---- an end that waits for us in turn

class asks_back {
public:
    using protocol = troupe::protocol<void(run)>;
    asks_back(troupe::ref<waiter> w, trace& said) : waiter_(w), said_(said) {}
    void           on(run) {}
    troupe::task<> stopping() {
        try {
            static_cast<void>(co_await waiter_.ask(leave{}));
        } catch (troupe::ask_error const& e) { said_.add(to_string(e.code())); }
    }
    static constexpr auto hooks = troupe::hook_deadlines{.stopping = 2s};

private:
    troupe::ref<waiter> waiter_;
    trace&              said_;
};

TEMPLATE_TEST_CASE("a hook that asks who waits for it is cut at its deadline", "",
                   TROUPE_TEST_BY_HAND) {
    trace             said;
    fixture<TestType> f;
    auto const        w = f.system.template spawn<waiter>();
    auto const        b = f.system.template spawn<asks_back>(w, said);
    auto              end = w.ask(run{b});
    end.start();
    f.settle();
    f.clock.advance(2s);
    f.settle();
    CHECK(end.get().how == ended_by::stop);
}

// ---- a system that is given up

struct hold_on {
    std::latch* inside;
    std::latch* open;
};
class stuck {
public:
    using protocol = troupe::protocol<void(hold_on)>;
    void on(hold_on h) {
        h.inside->count_down();
        h.open->wait();
    }
};
class observer {
public:
    using protocol = troupe::protocol<void(run)>;
    explicit observer(trace& said) : said_(said) {}
    void on(run r, troupe::context<observer>& self) { static_cast<void>(self.watch(r.at)); }
    void on(troupe::terminated const& t) { said_.add(to_string(t.how)); }

private:
    trace& said_;
};

TEST_CASE("when a system is given up, who waits for its actors elsewhere is told") {
    // Static: the handler, left alone, looks at them when this test has returned.
    static std::latch                                  inside{1};
    static std::latch                                  open{1};
    trace                                              said;
    troupe::any_ref                                    who;
    fixture<two_workers>                               near;
    auto const                                         o = near.system.spawn<observer>(said);
    auto const                                         w = near.system.spawn<waiter>();
    std::optional<troupe::request<troupe::terminated>> outside;
    std::optional<decltype(w.ask(run_for_a_while{}))>  in_handler;
    {
        using far_config = composed<troupe::work_stealing_scheduler>;
        troupe::basic_system<far_config> far{{.workers = 2, .stop_deadline = 1ms}};
        auto const                       s = far.spawn<stuck>();
        who = s;
        s.send(hold_on{&inside, &open});
        inside.wait();
        o.send(run{s});
        near.settle();
        outside.emplace(far.termination(s));
        outside->start();
        in_handler.emplace(w.ask(run_for_a_while{s}));
        in_handler->start();
        near.settle();
        CHECK_FALSE(far.stop_and_wait(s, 0s));
    }
    CHECK(outside->result().error().code() == ask_errc::target_gone);
    CHECK(in_handler->get() == "target gone");
    near.settle();
    CHECK(said.text() == "shutdown");
    // It still runs, and nothing can be waited for there.
    auto const outcome = near.system.termination(who).result();
    REQUIRE_FALSE(outcome.has_value());
    CHECK(outcome.error().code() == ask_errc::target_gone);
    CHECK_FALSE(near.system.stop_and_wait(who, 0s));
    open.count_down();
}

TEST_CASE("without memory the end is not waited for, and nobody is stopped") {
    using tiny = setup<composed<troupe::run_loop_scheduler, troupe::fixed_pool<128 * 1024>>, 1>;
    fixture<tiny>                                    f;
    auto const                                       p = f.system.spawn<plain>();
    std::vector<troupe::request<troupe::terminated>> all;
    for (;;) {
        all.push_back(f.system.termination(p));
        all.back().start();
        if (f.system.books().blocks == all.size() - 1 + 1) break;
        if (all.size() > 2000) break;
    }
    CHECK_FALSE(f.system.stop_and_wait(p, 0s));
    f.system.stop(p);
    f.settle();
    std::size_t ended = 0;
    for (auto& one : all) {
        auto const outcome = one.result();
        if (outcome.has_value()) ++ended;
        else CHECK(outcome.error().code() == ask_errc::pool_exhausted);
    }
    CHECK(ended > 100);
    CHECK(ended < all.size());
}

}  // namespace test_termination
