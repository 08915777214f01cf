// SPDX-License-Identifier: BSL-1.0
#include "troupe/actor/asking.hpp"

#include "support/systems.hpp"

#include <any>
#include <chrono>
#include <latch>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace test_asking {

using namespace troupe_test;
using troupe::ask_errc;
using namespace std::chrono_literals;

struct twice {
    int n;
};
struct fails {};
struct fails_oddly {};
struct keeps {};
struct answer_all {
    int n;
};
struct drop_all {};
struct ping {};
struct text {};

class oracle {
public:
    using protocol =
        troupe::protocol<int(twice), int(fails), int(fails_oddly), int(keeps), void(answer_all),
                         void(drop_all), void(ping), std::string(text)>;
    int         on(twice t) { return 2 * t.n; }
    int         on(fails) { throw std::runtime_error{"no idea"}; }
    int         on(fails_oddly) { throw 42; }
    void        on(keeps, troupe::reply<int> r) { kept_.push_back(std::move(r)); }
    void        on(drop_all) { kept_.clear(); }
    void        on(ping) {}
    std::string on(text) { return std::string(100, 'x'); }
    void        on(answer_all a) {
        for (auto& r : kept_) {
            r(a.n);
            r(a.n + 1);  // a second answer does nothing
        }
        kept_.clear();
    }

private:
    std::vector<troupe::reply<int>> kept_;
};

template <class Result>
ask_errc code_of(Result const& r) {
    return r.error().code();
}

// Regression 1: the reply may be there before the asker has begun to wait.
TEMPLATE_TEST_CASE("an ask is answered, however fast", "", TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    auto const        a = f.system.template spawn<oracle>();
    for (int i = 0; i < 2000; ++i) {
        if (a.ask(twice{i}).get() != 2 * i) FAIL("wrong answer to " << i);
    }
    CHECK(a.template ask<twice>(21).get() == 42);
    CHECK(a.ask(twice{4}).result().value() == 8);
    a.ask(ping{}).get();
    CHECK(a.ask(ping{}).result().has_value());
    CHECK(a.ask(text{}).get() == std::string(100, 'x'));
}

TEMPLATE_TEST_CASE("threads ask the same actor at the same time and get their own answers", "",
                   TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    auto const        a = f.system.template spawn<oracle>();
    std::atomic<int>  wrong{0};
    f.on_threads(8, [&](unsigned i) {
        for (int n = 0; n < 200; ++n) {
            int const mine = static_cast<int>(i) * 1000 + n;
            if (a.ask(twice{mine}).get() != 2 * mine) wrong.fetch_add(1);
        }
    });
    CHECK(wrong.load() == 0);
}

TEMPLATE_TEST_CASE("start sends now, and the outcome is taken later", "", TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    auto const        a = f.system.template spawn<oracle>();
    auto              first = a.ask(twice{1}).start();
    auto              second = a.ask(twice{2});
    second.start();
    second.start();  // once is enough
    f.settle();
    CHECK(second.get() == 4);
    CHECK(first.get() == 2);
    CHECK(f.settle().handled == 2);
    // Taken twice: there is nothing left.
    CHECK(code_of(first.result()) == ask_errc::cancelled);
}

TEMPLATE_TEST_CASE("a request that is dropped unsent does nothing; a started one gives up", "",
                   TROUPE_TEST_KINDS) {
    fixture<TestType> f;
    auto const        a = f.system.template spawn<oracle>();
    { auto const dropped = a.ask(text{}); }
    CHECK(f.settle().sent == 0);
    {
        auto gives_up = a.ask(text{});
        gives_up.start();
    }
    { auto gives_up = a.ask(keeps{}).start(); }
    {
        auto finished = a.ask(text{}).start();
        f.settle();  // the answer is there, and nobody reads it
    }
    a.send(answer_all{1});
    auto const books = f.settle();
    CHECK(books.handled == 4);
    CHECK(books.blocks == 2);  // the objects of the root and the oracle, and no slot
}

TEMPLATE_TEST_CASE("a failing handler fails the ask, with the exception nested", "",
                   TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    auto const        a = f.system.template spawn<oracle>();
    auto const        outcome = a.ask(fails{}).result();
    REQUIRE_FALSE(outcome.has_value());
    CHECK(code_of(outcome) == ask_errc::failed);
    CHECK(std::string{outcome.error().what()}.find("fails") != std::string::npos);
    REQUIRE(outcome.error().nested() != nullptr);
    CHECK_THROWS_WITH(std::rethrow_exception(outcome.error().nested()), "no idea");
    auto const books = f.settle();
    CHECK(books.failed == 1);
    CHECK(books.handled == 1);
    // A class actor ends with its failure.
    CHECK(a.try_send(ping{}) == troupe::send_status::no_target);
    auto const b = f.system.template spawn<oracle>();
    CHECK_THROWS_AS(b.ask(fails_oddly{}).get(), troupe::ask_error);
    // An exception that nobody reads goes as well.
    auto const c = f.system.template spawn<oracle>();
    { auto const unread = c.ask(fails{}).start(); }
    f.settle();
}

TEMPLATE_TEST_CASE("a reply may be answered later, and a reply destroyed is abandoned", "",
                   TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    auto const        a = f.system.template spawn<oracle>();
    auto              first = a.ask(keeps{}).start();
    auto              second = a.ask(keeps{}).start();
    a.send(keeps{});  // sent, not asked: its reply is empty
    a.send(answer_all{7});
    CHECK(first.get() == 7);
    CHECK(second.get() == 7);
    auto third = a.ask(keeps{}).start();
    a.send(drop_all{});
    CHECK(code_of(third.result()) == ask_errc::abandoned);
    // Dead with the actor that kept it.
    auto fourth = a.ask(keeps{}).start();
    f.settle();
    f.system.stop(a);
    CHECK(code_of(fourth.result()) == ask_errc::abandoned);
}

TEMPLATE_TEST_CASE("a target that is gone before or while says so", "", TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    auto const        a = f.system.template spawn<oracle>();
    f.system.stop(a);
    f.settle();
    CHECK(code_of(a.ask(twice{1}).result()) == ask_errc::target_gone);
    CHECK_THROWS_AS(a.ask(twice{1}).get(), troupe::ask_error);
    // While it waits in the mailbox.
    auto const b = f.system.template spawn<oracle>();
    b.send(fails{});
    auto const result = b.ask(twice{1}).result();
    CHECK(code_of(result) == ask_errc::target_gone);
}

TEMPLATE_TEST_CASE("an ask expires at its time and not before; a late reply is dropped", "",
                   TROUPE_TEST_BY_HAND) {
    fixture<TestType> f;
    auto const        a = f.system.template spawn<oracle>();
    auto              waits = a.ask(keeps{}).within(100ms).start();
    CHECK(f.settle().timers == 1);
    f.clock.advance(100ms - 1ns);
    CHECK(f.settle().timers == 1);
    f.clock.advance(1ns);
    CHECK(f.settle().timers == 0);
    a.send(answer_all{1});
    f.settle();
    auto const outcome = waits.result();
    CHECK(code_of(outcome) == ask_errc::expired);
    // In time: the timer goes with the answer.
    auto in_time = a.ask(keeps{}).within(100ms).start();
    f.settle();
    f.clock.advance(99ms);
    a.send(answer_all{2});
    f.settle();
    CHECK(in_time.get() == 2);
    CHECK(f.settle().timers == 0);
    // Given up: so does its timer.
    { auto given_up = a.ask(keeps{}).within(1h).start(); }
    CHECK(f.settle().timers == 0);
    a.send(drop_all{});
    f.settle();
    CHECK(code_of(a.ask(keeps{}).within(-1s).result()) == ask_errc::expired);
}

struct ask_it {
    int n;
};
struct ask_blocking {};
struct ask_within {};
struct ask_text {};
struct ask_started {};

class asker {
public:
    using protocol = troupe::protocol<int(ask_it), ask_errc(ask_blocking), ask_errc(ask_within),
                                      std::size_t(ask_text), int(ask_started)>;
    explicit asker(troupe::ref<oracle> o) : oracle_(o) {}
    troupe::task<int> on(ask_it a) { co_return co_await oracle_.ask<twice>(a.n) + 1; }
    ask_errc          on(ask_blocking) { return oracle_.ask(twice{1}).result().error().code(); }
    troupe::task<ask_errc> on(ask_within) {
        auto waits = oracle_.ask<keeps>().within(50ms);
        try {
            static_cast<void>(co_await waits);
        } catch (troupe::ask_error const& e) { co_return e.code(); }
        co_return ask_errc::failed;
    }
    troupe::task<std::size_t> on(ask_text) { co_return (co_await oracle_.ask<text>()).size(); }
    troupe::task<int>         on(ask_started) {
        auto      one = oracle_.ask(twice{10}).start();
        auto      two = oracle_.ask(twice{100}).start();
        int const second = co_await two;
        int const first = co_await one;
        co_return first + second;
    }

private:
    troupe::ref<oracle> oracle_;
};

TEMPLATE_TEST_CASE("an actor awaits an ask", "", TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    auto const        o = f.system.template spawn<oracle>();
    auto const        a = f.system.template spawn<asker>(o);
    for (int i = 0; i < 500; ++i) {
        if (a.ask(ask_it{i}).get() != 2 * i + 1) FAIL("wrong answer to " << i);
    }
    CHECK(a.ask(ask_text{}).get() == 100);
    CHECK(a.ask(ask_started{}).get() == 220);
}

/// Can be made of a list of anything, of one of itself too.
using anything = std::vector<std::any>;
struct list_them {};
class lister {
public:
    using protocol = troupe::protocol<anything(list_them)>;
    anything on(list_them) { return {1, 2, 3}; }
};
class list_reader {
public:
    using protocol = troupe::protocol<std::size_t(list_them)>;
    explicit list_reader(troupe::ref<lister> from) : from_(from) {}
    troupe::task<std::size_t> on(list_them) { co_return (co_await from_.ask(list_them{})).size(); }

private:
    troupe::ref<lister> from_;
};

TEMPLATE_TEST_CASE("a reply that a list of itself could make arrives as it is", "",
                   TROUPE_TEST_KINDS) {
    fixture<TestType> f;
    auto const        from = f.system.template spawn<lister>();
    CHECK(from.ask(list_them{}).get().size() == 3);
    CHECK(f.system.template spawn<list_reader>(from).ask(list_them{}).get() == 3);
}

TEMPLATE_TEST_CASE("get and result in a handler do not wait", "", TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    auto const        o = f.system.template spawn<oracle>();
    auto const        a = f.system.template spawn<asker>(o);
    CHECK(a.ask(ask_blocking{}).get() == ask_errc::would_block);
    CHECK(f.settle().sent == 1);  // nothing went to the oracle
}

TEMPLATE_TEST_CASE("an awaited ask expires", "", TROUPE_TEST_BY_HAND) {
    fixture<TestType> f;
    auto const        o = f.system.template spawn<oracle>();
    auto const        a = f.system.template spawn<asker>(o);
    auto              outcome = a.ask(ask_within{}).start();
    f.settle();
    f.clock.advance(50ms);
    f.settle();
    CHECK(outcome.get() == ask_errc::expired);
    o.send(answer_all{1});  // late
    f.settle();
}

TEMPLATE_TEST_CASE("an actor that stops while it waits gives its ask up", "",
                   TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    auto const        o = f.system.template spawn<oracle>();
    auto const        a = f.system.template spawn<asker>(o);
    auto              outcome = a.ask(ask_within{}).start();
    auto              queued = a.ask(ask_it{1}).start();
    f.settle();
    f.system.stop(a);
    CHECK(code_of(outcome.result()) == ask_errc::target_gone);
    CHECK(code_of(queued.result()) == ask_errc::target_gone);
    CHECK(f.settle().timers == 0);
    o.send(answer_all{1});  // for nobody
    f.settle();
}

TEMPLATE_TEST_CASE("the target of an awaited ask may die", "", TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    auto const        o = f.system.template spawn<oracle>();
    auto const        a = f.system.template spawn<asker>(o);
    auto              outcome = a.ask(ask_within{}).start();
    f.settle();
    f.system.stop(o);
    CHECK(outcome.get() == ask_errc::abandoned);
    // An ask that throws out of a handler is the failure of that actor.
    auto const again = a.ask(ask_it{1}).result();
    REQUIRE(code_of(again) == ask_errc::failed);
    try {
        std::rethrow_exception(again.error().nested());
    } catch (troupe::ask_error const& e) { CHECK(e.code() == ask_errc::target_gone); }
}

// ---- cycles

struct pass {
    int  hops;
    bool last_catches;
};

class link {
public:
    using protocol = troupe::protocol<ask_errc(pass), void(troupe::ref<link>)>;
    void                   on(troupe::ref<link> next) { next_ = next; }
    troupe::task<ask_errc> on(pass p) {
        if (p.hops == 0) co_return ask_errc::failed;
        try {
            co_return co_await next_.ask<pass>(p.hops - 1, p.last_catches);
        } catch (troupe::ask_error const& e) {
            if (e.code() == ask_errc::cycle) co_return ask_errc::cycle;
            throw;
        }
    }

private:
    troupe::ref<link> next_;
};

template <class Setup>
void ask_ring(std::size_t size) {
    fixture<Setup>                 f;
    std::vector<troupe::ref<link>> all;
    for (std::size_t i = 0; i < size; ++i) all.push_back(f.system.template spawn<link>());
    for (std::size_t i = 0; i < size; ++i) all[i].send(all[(i + 1) % size]);
    // Not round to itself: no cycle.
    CHECK(all[0].ask(pass{static_cast<int>(size) - 1, true}).get() == ask_errc::failed);
    for (int i = 0; i < 20; ++i) {
        if (all[0].ask(pass{100, true}).get() != ask_errc::cycle) FAIL("no cycle found");
    }
    CHECK(f.settle().cycles >= 20);  // the messages are handled all the same, and ask again
    // All begin at once.
    auto one = all[0].ask(pass{100, true}).start();
    auto two = all[size - 1].ask(pass{100, true}).start();
    CHECK(one.get() == ask_errc::cycle);
    CHECK(two.get() == ask_errc::cycle);
}

TEMPLATE_TEST_CASE("actors that wait for each other are told of the cycle", "",
                   TROUPE_TEST_SCHEDULERS) {
    SECTION("one") { ask_ring<TestType>(1); }
    SECTION("two") { ask_ring<TestType>(2); }
    SECTION("three") { ask_ring<TestType>(3); }
    SECTION("nine") { ask_ring<TestType>(9); }
}

// An ask of a full mailbox mutes the asker as well: the edge of the ask must survive that.
struct busy {};
struct begin_full {};
struct question {};
struct back {};

class second;
class first_one {
public:
    using protocol = troupe::protocol<ask_errc(begin_full), int(back)>;
    explicit first_one(troupe::ref<troupe::protocol<void(busy), ask_errc(question)>> to)
        : to_(to) {}
    troupe::task<ask_errc> on(begin_full) {
        to_.send(busy{});
        to_.send(busy{});
        // Either of the two may be the one that is told.
        auto q = to_.ask<question>();
        try {
            co_return co_await q;
        } catch (troupe::ask_error const& e) { co_return e.code(); }
    }
    int on(back) { return 1; }

private:
    troupe::ref<troupe::protocol<void(busy), ask_errc(question)>> to_;
};
struct meet {
    troupe::ref<troupe::protocol<int(back)>> who;
};
class second_one {
public:
    using protocol = troupe::protocol<void(busy), ask_errc(question), void(meet)>;
    using mailbox_type = troupe::bounded_mailbox<1>;
    void                   on(busy) {}
    void                   on(meet m) { back_ = m.who; }
    troupe::task<ask_errc> on(question) {
        auto q = back_.ask<back>();
        try {
            static_cast<void>(co_await q);
        } catch (troupe::ask_error const& e) { co_return e.code(); }
        co_return ask_errc::failed;
    }

private:
    troupe::ref<troupe::protocol<int(back)>> back_;
};

TEMPLATE_TEST_CASE("a cycle of asks is found although a full mailbox has muted one of them", "",
                   TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    auto const        b = f.system.template spawn<second_one>();
    auto const        a = f.system.template spawn<first_one>(b);
    b.send(meet{a});
    f.settle();
    for (int i = 0; i < 20; ++i) {
        auto outcome = a.ask(begin_full{}).start();
        f.settle();
        if (outcome.get() != ask_errc::cycle) FAIL("no cycle found");
    }
}

// ---- two systems

TEST_CASE("actors of two systems ask each other") {
    fixture<two_workers>  here;
    fixture<four_workers> there;
    auto const            o = there.system.spawn<oracle>();
    auto const            a = here.system.spawn<asker>(o);
    for (int i = 0; i < 500; ++i) {
        if (a.ask(ask_it{i}).get() != 2 * i + 1) FAIL("wrong answer to " << i);
    }
    CHECK(a.ask(ask_text{}).get() == 100);
    auto outcome = a.ask(ask_within{}).start();
    o.ask(ping{}).get();
    here.settle();
    there.settle();
    here.system.stop(a);  // the asker ends, the asked one keeps its reply
    CHECK(code_of(outcome.result()) == ask_errc::target_gone);
    here.end();
    o.send(answer_all{1});
    there.settle();
}

TEST_CASE("a system that ends answers the asks of another one") {
    fixture<two_workers> here;
    // Not a fixture: the asker may still hold its slot, and a timer with it, when this has ended.
    std::optional<troupe::basic_system<two_workers::config>> there;
    there.emplace();
    auto const o = there->spawn<oracle>();
    auto const a = here.system.spawn<asker>(o);
    auto       outcome = a.ask(ask_within{}).start();
    here.settle();
    there->wait_idle();
    troupe::stop_report const report = there->stop(watchdog);
    CHECK(report.complete);
    CHECK(report.books.balanced());
    there.reset();
    CHECK(outcome.get() == ask_errc::abandoned);
    here.settle();
}

/// Its replies leave the system: the test answers.
class hands_out {
public:
    using protocol = troupe::protocol<int(keeps)>;
    explicit hands_out(std::optional<troupe::reply<int>>& to) : to_(to) {}
    void on(keeps, troupe::reply<int> r) { to_.emplace(std::move(r)); }

private:
    std::optional<troupe::reply<int>>& to_;
};

TEST_CASE("a reply is answered from another thread, or after its system has ended") {
    std::optional<troupe::reply<int>> out;
    {
        fixture<two_workers> f;
        auto const           a = f.system.spawn<hands_out>(out);
        auto                 asked = a.ask(keeps{}).start();
        f.settle();
        REQUIRE(out.has_value());
        std::thread other{[&] { (*out)(5); }};
        CHECK(asked.get() == 5);
        other.join();
        out.reset();
        { auto left = a.ask(keeps{}).start(); }
        f.settle();
        f.system.stop(a);
        f.settle();
        CHECK(out.has_value());
        if (*out) (*out)(6);  // nobody wants it, and its slot goes
        auto const b = f.system.spawn<hands_out>(out);
        { auto left = b.ask(keeps{}).start(); }
        f.settle();
        // The books of this end count the slot that is still out there, so they are not looked at.
        out.reset();
    }
    std::optional<troupe::reply<int>> late;
    {
        troupe::basic_system<two_workers::config> system;
        auto const                                a = system.spawn<hands_out>(late);
        a.send(keeps{});
        { auto left = a.ask(keeps{}).start(); }
        system.wait_idle();
        CHECK(system.stop(watchdog).complete);
    }
    (*late)(7);  // into nothing
    late.reset();
}

TEST_CASE("a system ends although a request that was started has not been taken") {
    std::optional<troupe::basic_system<two_workers::config>> system;
    system.emplace();
    auto const o = system->spawn<oracle>();
    auto       one = o.ask(ping{}).start();
    auto       two = o.ask(ping{}).start();
    auto       pending = o.ask(keeps{}).start();
    system->wait_idle();
    troupe::stop_report const report = system->stop(watchdog);
    CHECK(report.complete);
    CHECK(report.books.blocks == 3);
    CHECK(one.result().has_value());
    system.reset();
    // What was answered is still there, and so is its memory.
    CHECK(two.result().has_value());
    CHECK(code_of(pending.result()) == ask_errc::abandoned);
    CHECK(code_of(one.result()) == ask_errc::cancelled);  // taken already
}

TEST_CASE("a reply that left its system answers after its end") {
    std::optional<troupe::reply<int>>                        out;
    std::optional<troupe::basic_system<two_workers::config>> system;
    system.emplace();
    auto asked = system->spawn<hands_out>(out).ask(keeps{}).start();
    system->wait_idle();
    CHECK(system->stop(watchdog).complete);
    system.reset();
    SECTION("before it is waited for") {
        (*out)(7);
        CHECK(asked.get() == 7);
    }
    SECTION("while it is waited for") {
        std::thread other{[&] { (*out)(8); }};
        CHECK(asked.get() == 8);
        other.join();
    }
    SECTION("by nobody any more") {
        { auto const dropped = std::move(asked); }
        (*out)(9);
    }
    SECTION("never") {
        out.reset();
        CHECK(code_of(asked.result()) == ask_errc::abandoned);
    }
}

TEST_CASE("a reply takes the place of one of another system; each slot goes to its own pool") {
    fixture<two_workers>              near;
    fixture<two_workers>              far;
    std::optional<troupe::reply<int>> one;
    std::optional<troupe::reply<int>> two;
    // Nobody waits: who answers gives the slot back, and the books of the fixtures see where to.
    { auto const dropped = near.system.spawn<hands_out>(one).ask(keeps{}).start(); }
    { auto const dropped = far.system.spawn<hands_out>(two).ask(keeps{}).start(); }
    near.settle();
    far.settle();
    troupe::reply<int> kept = std::move(*one);
    kept(1);
    kept = std::move(*two);
    kept(2);
}

TEST_CASE("a request that was moved from is empty") {
    fixture<run_loop> f;
    auto const        o = f.system.spawn<oracle>();
    auto              first = o.ask(ping{});
    auto              second = std::move(first);
    CHECK(code_of(first.result()) == ask_errc::cancelled);  // NOLINT: that is what is tested
    CHECK(second.result().has_value());
    CHECK(f.settle().sent == 1);
}

TEST_CASE("actors of two systems that ask each other in a cycle are told") {
    fixture<simulated> near;
    fixture<simulated> far;
    auto const         a = near.system.spawn<link>();
    auto const         b = far.system.spawn<link>();
    a.send(b);
    b.send(a);
    auto outcome = a.ask(pass{100, true}).start();
    auto other = b.ask(pass{100, true}).start();
    while (near.system.run_until_idle() + far.system.run_until_idle() != 0) {}
    CHECK(outcome.get() == ask_errc::cycle);
    CHECK(other.get() == ask_errc::cycle);
    CHECK(near.system.books().cycles + far.system.books().cycles > 0);
}

TEST_CASE("an expired ask says who was asked, how long ago, and how much was queued") {
    fixture<run_loop_by_hand> f;
    auto const                o = f.system.spawn<oracle>();
    using namespace std::chrono_literals;
    auto kept = o.ask(keeps{}).within(200ms).start();
    f.settle();
    f.clock.advance(250ms);
    auto const outcome = kept.result();
    REQUIRE(code_of(outcome) == ask_errc::expired);
    troupe::ask_error const& e = outcome.error();
    CHECK(e.circumstances().age == 250ms);
    CHECK(e.circumstances().queued == 0);
    CHECK_THAT(std::string{e.circumstances().target}, troupe_test::contains("oracle"));
    CHECK_THAT(e.what(), troupe_test::contains("keeps: expired after 250 ms ("));
    CHECK_THAT(e.what(), troupe_test::contains("oracle, 0 queued)"));
}

// ---- what can throw while an answer is made

struct thrower {
    explicit thrower(int n) : value(n) {
        if (n < 0) throw std::invalid_argument{"negative"};
    }
    int value;
};
struct make_one {
    int n;
};

class makes {
public:
    using protocol = troupe::protocol<thrower(make_one)>;
    void on(make_one m, troupe::reply<thrower> r) {
        if (m.n < -1) {
            try {
                r(m.n);
            } catch (std::invalid_argument const&) {
                r(0);  // it has not been used up
            }
            return;
        }
        r(m.n);
    }
};

TEMPLATE_TEST_CASE("a reply whose value cannot be built ends its ask all the same", "",
                   TROUPE_TEST_KINDS) {
    fixture<TestType> f;
    auto const        a = f.system.template spawn<makes>();
    CHECK(a.ask(make_one{3}).get().value == 3);
    CHECK(a.ask(make_one{-5}).get().value == 0);
    auto const outcome = a.ask(make_one{-1}).result();
    REQUIRE_FALSE(outcome.has_value());
    CHECK(code_of(outcome) == ask_errc::abandoned);
}

struct moves_badly {
    explicit moves_badly(bool bad_) : bad(bad_) {}
    moves_badly(moves_badly&& o) : bad(o.bad) {
        if (bad && ++o.moves >= 1) throw std::runtime_error{"cannot move"};
    }
    bool bad;
    int  moves = 0;
};
struct move_it {
    bool bad;
};
class mover {
public:
    using protocol = troupe::protocol<moves_badly(move_it)>;
    troupe::task<moves_badly> on(move_it m) { co_return m.bad; }
};

TEMPLATE_TEST_CASE("a coroutine whose result cannot be moved out fails its ask", "",
                   TROUPE_TEST_KINDS) {
    fixture<TestType> f;
    auto const        a = f.system.template spawn<mover>();
    auto              asked = a.ask(move_it{true}).start();
    f.settle();
    auto const books = f.system.books();
    CHECK(books.failed == 1);
    CHECK(books.blocks == 2);  // the root, the slot; the mover has failed and is gone
}

/// Throws at its n-th move.
struct jumpy {
    jumpy() = default;
    jumpy(jumpy&& other) : armed(other.armed) {  // NOLINT: that it throws is the point
        if (armed && ++moves == throws_at) throw std::runtime_error{"moved once too often"};
    }
    bool              armed = false;
    static inline int moves = 0;
    static inline int throws_at = 0;
};
class jumps {
public:
    using protocol = troupe::protocol<jumpy(ping)>;
    jumpy on(ping) {
        jumpy value;
        value.armed = true;
        return value;
    }
};

TEST_CASE("a reply whose move throws ends in that exception, wherever it is moved") {
    bool answered = false;
    for (int at = 1; !answered; ++at) {
        REQUIRE(at < 20);
        fixture<run_loop> f;
        jumpy::moves = 0;
        jumpy::throws_at = at;
        auto const a = f.system.spawn<jumps>();
        try {
            static_cast<void>(a.ask(ping{}).get());
            answered = true;
        } catch (std::exception const& e) {
            CHECK_THAT(e.what(), troupe_test::contains("moved once too often"));
        }
    }
}

TEST_CASE("an ask with a deadline ends with the system that was asked, wherever its reply is") {
    std::optional<troupe::reply<int>>                        out;
    std::optional<troupe::basic_system<two_workers::config>> system;
    system.emplace();
    auto asked = system->spawn<hands_out>(out).ask(keeps{}).within(1h).start();
    system->wait_idle();
    SECTION("taken after the end") { CHECK(system->stop(watchdog).complete); }
    SECTION("taken after the system is gone") { system.reset(); }
    CHECK(code_of(asked.result()) == ask_errc::target_gone);
    CHECK(out.has_value());
    (*out)(1);  // late, and nobody wants it
}

}  // namespace test_asking
