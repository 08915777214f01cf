// SPDX-License-Identifier: BSL-1.0
#include "troupe/actor/watching.hpp"

#include "support/systems.hpp"
#include "support/trace.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace test_watching {

using namespace std::chrono_literals;
using namespace troupe_test;
using troupe::ended_by;
using troupe::watch_status;

/// What watchers were told, in order. Any thread.
class heard {
public:
    void add(troupe::terminated const& t) {
        std::lock_guard const held{lock_};
        all_.push_back(t);
    }
    std::vector<troupe::terminated> take() {
        std::lock_guard const held{lock_};
        return std::exchange(all_, {});
    }
    /// The ways in which they ended.
    std::string text() {
        std::string words;
        for (auto const& t : take()) {
            if (!words.empty()) words += ' ';
            words += to_string(t.how);
        }
        return words;
    }

private:
    std::mutex                      lock_;
    std::vector<troupe::terminated> all_;
};

struct look {
    troupe::any_ref at;
};
struct look_away {
    troupe::any_ref at;
};
struct look_and_away {
    troupe::any_ref at;
};
struct nothing {};
struct leave {};
struct fall {};

class observer {
public:
    using protocol = troupe::protocol<void(look), void(look_away), void(look_and_away),
                                      void(nothing), void(leave), void(fall)>;
    explicit observer(heard& h, int* failed = nullptr) : heard_(h), failed_(failed) {}
    void on(look l, troupe::context<observer>& self) {
        if (self.watch(l.at) != watch_status::watching && failed_ != nullptr) ++*failed_;
    }
    void on(look_away l, troupe::context<observer>& self) { self.unwatch(l.at); }
    void on(look_and_away l, troupe::context<observer>& self) {
        static_cast<void>(self.watch(l.at));
        self.unwatch(l.at);
        self.unwatch(l.at);
    }
    void on(nothing) {}
    void on(leave, troupe::context<observer>& self) { self.stop(); }
    void on(fall) { throw std::runtime_error{"the observer"}; }
    void on(troupe::terminated const& t) { heard_.add(t); }

private:
    heard& heard_;
    int*   failed_;
};

/// Ends in all ways.
class target {
public:
    using protocol = troupe::protocol<void(nothing), void(leave), void(fall)>;
    target() = default;
    explicit target(trace& said) : said_(&said) {}
    ~target() {
        if (said_ != nullptr) said_->add("~target");
    }
    void on(nothing) {}
    void on(leave, troupe::context<target>& self) { self.stop(); }
    void on(fall) { throw std::logic_error{"bad"}; }

private:
    trace* said_ = nullptr;
};

TEMPLATE_TEST_CASE("an end is told once, with how and why", "", TROUPE_TEST_SCHEDULERS) {
    heard             h;
    fixture<TestType> f;
    auto const        o = f.system.template spawn<observer>(h);
    auto const        t = f.system.template spawn<target>();
    o.send(look{t});
    f.settle();
    CHECK(h.text().empty());
    ended_by how = ended_by::stop;
    SECTION("stop") { f.system.stop(t); }
    SECTION("exit") {
        how = ended_by::exit;
        t.send(leave{});
    }
    SECTION("failure") {
        how = ended_by::failure;
        t.send(fall{});
    }
    auto const books = f.settle();
    CHECK(books.actors == 1);
    CHECK(books.handled == (how == ended_by::stop ? 1 : 2));  // signals are no messages
    auto const all = h.take();
    REQUIRE(all.size() == 1);
    CHECK(all[0].how == how);
    CHECK(all[0].who == troupe::any_ref{t});
    CHECK(all[0].actor == "test_watching::target");
    CHECK(static_cast<bool>(all[0].why) == (how == ended_by::failure));
    if (how == ended_by::failure) {
        CHECK(all[0].why.where() == troupe::failed_in::handler);
        CHECK(all[0].why.what() == "bad");
        CHECK(all[0].why.template is<std::logic_error>());
        CHECK(all[0].why.who() == troupe::any_ref{t});
    }
    f.system.stop(t);
    t.send(nothing{});
    f.settle();
    CHECK(h.take().empty());
}

TEMPLATE_TEST_CASE("the end of the system is told to who gets a turn before its own", "",
                   TROUPE_TEST_SCHEDULERS) {
    heard h;
    {
        fixture<TestType> f;
        auto const        o = f.system.template spawn<observer>(h);
        auto const        t = f.system.template spawn<target>();  // the younger one ends first
        o.send(look{t});
        f.settle();
    }
    std::string const text = h.text();
    CHECK((text == "shutdown" || text.empty()));
}

TEMPLATE_TEST_CASE("who is gone is told of at once", "", TROUPE_TEST_SCHEDULERS) {
    heard             h;
    fixture<TestType> f;
    auto const        o = f.system.template spawn<observer>(h);
    troupe::any_ref   who;
    SECTION("nobody") {}
    SECTION("one that has ended") {
        auto const t = f.system.template spawn<target>();
        f.system.stop(t);
        f.settle();
        who = t;
    }
    SECTION("of a system that has ended") {
        fixture<TestType> other;
        who = other.system.template spawn<target>();
    }
    o.send(look{who});
    f.settle();
    auto const all = h.take();
    REQUIRE(all.size() == 1);
    CHECK(all[0].how == ended_by::unknown);
    CHECK(all[0].who == who);
    CHECK(all[0].actor.empty());
    CHECK_FALSE(all[0].why);
    // That was the watch; another one is another.
    o.send(look{who});
    f.settle();
    CHECK(h.text() == "unknown");
}

TEMPLATE_TEST_CASE("however often one watches, the signal comes once", "", TROUPE_TEST_SCHEDULERS) {
    heard             h;
    fixture<TestType> f;
    auto const        o = f.system.template spawn<observer>(h);
    auto const        t = f.system.template spawn<target>();
    for (int i = 0; i < 10; ++i) o.send(look{t});
    f.settle();
    f.system.stop(t);
    f.settle();
    CHECK(h.text() == "stop");
}

struct heir {
    using protocol = troupe::protocol<void(look)>;
    explicit heir(trace& s) : said(s) {}
    void   on(look l, troupe::context<heir>& self) { static_cast<void>(self.watch(l.at)); }
    void   on(troupe::terminated const&, troupe::context<heir>&) { said.add("told"); }
    trace& said;
};

TEMPLATE_TEST_CASE("the object is destroyed and the name is free before the signal", "",
                   TROUPE_TEST_SCHEDULERS) {
    trace             said;
    fixture<TestType> f;
    auto const        h = f.system.template spawn<heir>(said);
    auto const        t = f.system.template spawn<target>(said);
    h.send(look{t});
    f.settle();
    f.system.stop(t);
    f.settle();
    CHECK(said.text() == "~target told");
}

TEMPLATE_TEST_CASE("what is watched no more is not told", "", TROUPE_TEST_SCHEDULERS) {
    heard             h;
    fixture<TestType> f;
    auto const        o = f.system.template spawn<observer>(h);
    auto const        t = f.system.template spawn<target>();
    SECTION("before the end") {
        o.send(look{t});
        o.send(look_away{t});
        f.settle();
        f.system.stop(t);
    }
    SECTION("when the signal is there already") {
        f.system.stop(t);
        f.settle();
        o.send(look_and_away{t});
    }
    SECTION("who was never watched") {
        o.send(look_away{t});
        o.send(look_away{troupe::any_ref{}});
        f.settle();
        f.system.stop(t);
    }
    f.settle();
    CHECK(h.take().empty());
}

TEMPLATE_TEST_CASE("watching and not, again and again, takes no more memory", "",
                   TROUPE_TEST_SCHEDULERS) {
    heard             h;
    fixture<TestType> f;
    auto const        o = f.system.template spawn<observer>(h);
    auto const        t = f.system.template spawn<target>();
    o.send(look_and_away{t});
    auto const once = f.settle();
    for (int i = 0; i < 500; ++i) o.send(look_and_away{t});
    CHECK(f.settle().blocks == once.blocks);
}

TEMPLATE_TEST_CASE("a watcher may end first", "", TROUPE_TEST_SCHEDULERS) {
    heard             h;
    fixture<TestType> f;
    auto const        t = f.system.template spawn<target>();
    auto const        idle = f.settle();
    for (int i = 0; i < 3; ++i) {
        auto const o = f.system.template spawn<observer>(h);
        o.send(look{t});
        o.send(look{o});  // itself, too
        if (i == 1) o.send(fall{});
        else o.send(leave{});
    }
    auto const books = f.settle();
    CHECK(books.actors == 1);
    CHECK(books.blocks <= idle.blocks + 1);  // the annex of the target
    f.system.stop(t);
    f.settle();
    CHECK(h.take().empty());
}

TEMPLATE_TEST_CASE("an actor of another system is watched as well", "", TROUPE_TEST_KINDS) {
    heard h;
    {
        fixture<TestType> near;
        {
            fixture<TestType> far;
            auto const        o = near.system.template spawn<observer>(h);
            auto const        t = far.system.template spawn<target>();
            auto const        u = far.system.template spawn<target>();
            o.send(look{t});
            o.send(look{u});
            o.send(look_and_away{far.system.template spawn<target>()});
            near.settle();
            CHECK(h.take().empty());
            t.send(fall{});
            far.settle();
            near.settle();
            auto const all = h.take();
            REQUIRE(all.size() == 1);
            CHECK(all[0].how == ended_by::failure);
            CHECK(all[0].why.what() == "bad");
            CHECK(all[0].who == troupe::any_ref{t});
        }
        near.settle();
        CHECK(h.text() == "shutdown");
    }
    // The watcher's system ends first.
    fixture<TestType> far;
    auto const        t = far.system.template spawn<target>();
    {
        fixture<TestType> near;
        auto const        o = near.system.template spawn<observer>(h);
        o.send(look{t});
        near.settle();
    }
    far.system.stop(t);
    far.settle();
    CHECK(h.take().empty());
}

TEMPLATE_TEST_CASE("a thousand watchers of one actor are told", "", TROUPE_TEST_SCHEDULERS) {
    heard                              h;
    fixture<TestType>                  f;
    auto const                         t = f.system.template spawn<target>();
    std::vector<troupe::ref<observer>> all;
    for (int i = 0; i < 1000; ++i) {
        all.push_back(f.system.template spawn<observer>(h));
        all.back().send(look{t});
        if (i % 10 == 0) all.back().send(look_away{t});
    }
    f.settle();
    t.send(leave{});
    f.settle();
    auto const told = h.take();
    CHECK(told.size() == 900);
    for (auto const& one : told) CHECK(one.how == ended_by::exit);
}

TEMPLATE_TEST_CASE("one watcher of thousands is told of each", "", TROUPE_TEST_SCHEDULERS) {
    heard                            h;
    fixture<TestType>                f;
    auto const                       o = f.system.template spawn<observer>(h);
    std::vector<troupe::ref<target>> all;
    int const                        many = 5000;
    for (int i = 0; i < many; ++i) {
        all.push_back(f.system.template spawn<target>());
        o.send(look{all.back()});
        o.send(look{all[static_cast<std::size_t>(i / 2)]});  // perhaps gone by then
    }
    f.settle();
    for (auto const& t : all) t.send(leave{});
    f.settle();
    auto told = h.take();
    REQUIRE(told.size() == static_cast<std::size_t>(many));
    std::sort(told.begin(), told.end(), [](auto const& a, auto const& b) { return a.who < b.who; });
    for (int i = 0; i < many; ++i) {
        auto const at = static_cast<std::size_t>(i);
        CHECK(told[at].who == troupe::any_ref{all[at]});
        CHECK(told[at].how == ended_by::exit);
    }
}

TEST_CASE("without memory nobody is watched, and that is said") {
    using tiny = setup<composed<troupe::run_loop_scheduler, troupe::fixed_pool<128 * 1024>>, 1>;
    heard                            h;
    int                              refused = 0;
    fixture<run_loop>                far;
    fixture<tiny>                    near;
    std::vector<troupe::ref<target>> all;
    auto const                       o = near.system.spawn<observer>(h, &refused);
    for (int round = 0; round < 2; ++round) {
        while (refused < 10) {
            all.push_back(far.system.spawn<target>());
            if (o.try_send(look{all.back()}) != troupe::send_status::accepted) ++refused;
            near.settle();
        }
        CHECK(all.size() > 100);
        o.send(look{all.front()});  // watched already: that needs nothing
        near.settle();
        for (auto const& t : all) far.system.stop(t);
        far.settle();
        near.settle();
        CHECK(h.take().size() == all.size() - static_cast<std::size_t>(std::exchange(refused, 0)));
        all.clear();
    }
}

TEST_CASE("it may be the target's system that has no memory") {
    using tiny = setup<composed<troupe::run_loop_scheduler, troupe::fixed_pool<128 * 1024>>, 1>;
    struct large {
        using protocol = troupe::protocol<void(nothing)>;
        void on(nothing) {}
        char data[60] = {};
    };
    heard                           h;
    int                             refused = 0;
    fixture<run_loop>               near;
    fixture<tiny>                   far;
    std::vector<troupe::ref<large>> all;
    while (auto one = far.system.try_spawn<large>()) all.push_back(*one);
    auto const o = near.system.spawn<observer>(h, &refused);
    for (auto const& t : all) o.send(look{t});
    near.settle();
    CHECK(refused > 0);
    for (auto const& t : all) far.system.stop(t);
    far.settle();
    near.settle();
    CHECK(h.take().size() == all.size() - static_cast<std::size_t>(refused));
}

// ---- restarts

struct child {};
struct other_child {};

/// Restarts both of its children.
class boss {
public:
    using protocol =
        troupe::protocol<troupe::ref<target>(child), troupe::ref<observer>(other_child)>;
    static constexpr auto supervision = troupe::one_for_one{.max_restarts = 1};
    explicit boss(heard& h) : heard_(h) {}
    void started(troupe::context<boss>& self) {
        target_ = self.spawn<target>();
        observer_ = self.spawn<observer>(std::ref(heard_));
    }
    troupe::ref<target>   on(child) { return target_; }
    troupe::ref<observer> on(other_child) { return observer_; }

private:
    heard&                heard_;
    troupe::ref<target>   target_;
    troupe::ref<observer> observer_;
};

template <class System, class Message>
auto ask_now(System& system, auto const& whom, Message m) {
    auto answer = whom.ask(m);
    answer.start();
    system.wait_idle();
    return std::move(answer).get();
}

TEMPLATE_TEST_CASE("a restart of the target is no end", "", TROUPE_TEST_SCHEDULERS) {
    heard             h;
    fixture<TestType> f;
    auto const        b = f.system.template spawn<boss>(h);
    auto const        o = f.system.template spawn<observer>(h);
    auto const        t = ask_now(f.system, b, child{});
    o.send(look{t});
    f.settle();
    t.send(fall{});
    f.settle();
    CHECK(h.take().empty());
    t.send(fall{});  // over its budget
    f.settle();
    auto const all = h.take();
    REQUIRE(all.size() == 1);
    CHECK(all[0].how == ended_by::failure);
    CHECK(all[0].why.what() == "bad");
}

TEMPLATE_TEST_CASE("a restart of the watcher ends its watches", "", TROUPE_TEST_SCHEDULERS) {
    heard             h;
    fixture<TestType> f;
    auto const        b = f.system.template spawn<boss>(h);
    auto const        o = ask_now(f.system, b, other_child{});
    auto const        t = f.system.template spawn<target>();
    auto const        u = f.system.template spawn<target>();
    o.send(look{t});
    o.send(fall{});
    o.send(look{u});
    f.settle();
    f.system.stop(t);
    f.settle();
    CHECK(h.take().empty());
    f.system.stop(u);
    f.settle();
    CHECK(h.text() == "stop");
}

// ---- when a signal comes

struct wait {};
struct flood {};

class answerer {
public:
    using protocol = troupe::protocol<int(wait)>;
    void on(wait, troupe::reply<int> r) { kept_.push_back(std::move(r)); }

private:
    std::vector<troupe::reply<int>> kept_;  // given up with this actor
};
class narrow {
public:
    using protocol = troupe::protocol<void(nothing), troupe::ref<answerer>(wait)>;
    using mailbox_type = troupe::bounded_mailbox<1>;
    void                                on(nothing) {}
    troupe::task<troupe::ref<answerer>> on(wait) { co_return troupe::ref<answerer>{}; }
};

/// Is suspended for long, or sends more than there is room for.
class busy {
public:
    using protocol = troupe::protocol<void(look), void(wait), void(flood), void(nothing)>;
    using mailbox_type = troupe::bounded_mailbox<1>;
    busy(trace& said, troupe::ref<answerer> a, troupe::ref<narrow> n)
        : said_(said), answerer_(a), narrow_(n) {}
    void           on(look l, troupe::context<busy>& self) { static_cast<void>(self.watch(l.at)); }
    troupe::task<> on(wait) {
        said_.add("waits");
        try {
            static_cast<void>(co_await answerer_.ask(wait{}));
        } catch (troupe::ask_error const&) {}
        said_.add("waited");
    }
    void on(flood) {
        for (int i = 0; i < 4; ++i) narrow_.send(nothing{});
        said_.add("flooded");
    }
    void on(nothing) { said_.add("message"); }
    void on(troupe::terminated const&, troupe::context<busy>& self) {
        said_.add("told");
        if (flooded_++ < 2) on(flood{});
        static_cast<void>(self.watch(troupe::any_ref{}));
        self.unwatch(troupe::any_ref{});
    }

private:
    trace&                said_;
    troupe::ref<answerer> answerer_;
    troupe::ref<narrow>   narrow_;
    int                   flooded_ = 0;
};

TEMPLATE_TEST_CASE(
    "a signal waits for a suspended handler, and comes before the messages behind it", "",
    TROUPE_TEST_SCHEDULERS) {
    trace             said;
    fixture<TestType> f;
    auto const        a = f.system.template spawn<answerer>();
    auto const        n = f.system.template spawn<narrow>();
    auto const        b = f.system.template spawn<busy, troupe::unbounded_mailbox>(said, a, n);
    auto const        t = f.system.template spawn<target>();
    b.send(look{t});
    b.send(wait{});
    b.send(nothing{});
    f.settle();
    f.system.stop(t);
    f.settle();
    CHECK(said.take() == "waits");
    f.system.stop(a);
    f.settle();
    CHECK(said.take() == "waited told flooded message");
}

TEMPLATE_TEST_CASE("a signal that has waited for a handler is not forgotten", "",
                   TROUPE_TEST_SCHEDULERS) {
    trace             said;
    fixture<TestType> f;
    auto const        a = f.system.template spawn<answerer>();
    auto const        n = f.system.template spawn<narrow>();
    auto const        b = f.system.template spawn<busy, troupe::unbounded_mailbox>(said, a, n);
    auto const        t = f.system.template spawn<target>();
    b.send(look{t});
    b.send(wait{});
    f.settle();
    f.system.stop(t);
    f.settle();
    f.system.stop(a);  // nothing else wakes it
    f.settle();
    CHECK(said.take() == "waits waited told flooded");
}

TEMPLATE_TEST_CASE("signals and full mailboxes of one get along", "", TROUPE_TEST_SCHEDULERS) {
    trace                            said;
    fixture<TestType>                f;
    auto const                       a = f.system.template spawn<answerer>();
    auto const                       n = f.system.template spawn<narrow>();
    auto const                       b = f.system.template spawn<busy>(said, a, n);
    std::vector<troupe::ref<target>> all;
    for (int i = 0; i < 4; ++i) {
        all.push_back(f.system.template spawn<target>());
        b.send(look{all.back()});
    }
    f.settle();
    b.send(flood{});
    for (auto const& t : all) t.send(leave{});
    f.settle();
    std::string const text = said.take();
    std::size_t       told = 0;
    for (std::size_t at = 0; (at = text.find("told", at)) != std::string::npos; ++at) ++told;
    CHECK(told == 4);
}

TEMPLATE_TEST_CASE("many signals are not one turn", "", TROUPE_TEST_DRIVEN) {
    heard                            h;
    fixture<TestType>                f;
    auto const                       o = f.system.template spawn<observer>(h);
    std::vector<troupe::ref<target>> all;
    for (int i = 0; i < 200; ++i) {
        all.push_back(f.system.template spawn<target>());
        o.send(look{all.back()});
    }
    f.settle();
    for (auto const& t : all) f.system.stop(t);
    std::size_t most = 0;
    std::size_t told = 0;
    while (f.system.poll_one()) {
        std::size_t const now = h.take().size();
        most = std::max(most, now);
        told += now;
    }
    CHECK(told == 200);
    CHECK(most <= 64);
}

// ---- on(terminated) itself

enum class answer { throws, fails, stops };

class sensitive {
public:
    using protocol = troupe::protocol<void(look), unsigned(wait)>;
    explicit sensitive(answer how) : how_(how) {}
    void     on(look l, troupe::context<sensitive>& self) { static_cast<void>(self.watch(l.at)); }
    unsigned on(wait, troupe::context<sensitive>& self) { return self.attempt(); }
    void     on(troupe::terminated const&, troupe::context<sensitive>& self) {
        if (how_ == answer::throws) throw std::runtime_error{"too much"};
        if (how_ == answer::fails) self.fail("too much");
        if (how_ == answer::stops) self.stop();
    }

private:
    answer how_;
};

TEMPLATE_TEST_CASE("on(terminated) may fail, and stop its actor", "", TROUPE_TEST_SCHEDULERS) {
    heard             h;
    auto const        how = GENERATE(answer::throws, answer::fails, answer::stops);
    fixture<TestType> f;
    auto const        o = f.system.template spawn<observer>(h);
    auto const        s = f.system.template spawn<sensitive>(how);
    auto const        t = f.system.template spawn<target>();
    o.send(look{s});
    s.send(look{t});
    f.settle();
    f.system.stop(t);
    auto const books = f.settle();
    CHECK(books.actors == 1);
    CHECK(books.failed == 0);  // of messages
    auto const all = h.take();
    REQUIRE(all.size() == 1);
    if (how == answer::stops) {
        CHECK(all[0].how == ended_by::exit);
    } else {
        CHECK(all[0].how == ended_by::failure);
        CHECK(all[0].why.where() == troupe::failed_in::signal);
        CHECK(all[0].why.what() == "too much");
    }
}

class keeper {
public:
    using protocol = troupe::protocol<troupe::ref<sensitive>(child)>;
    static constexpr auto supervision = troupe::one_for_one{};
    void started(troupe::context<keeper>& self) { child_ = self.spawn<sensitive>(answer::throws); }
    troupe::ref<sensitive> on(child) { return child_; }

private:
    troupe::ref<sensitive> child_;
};

TEMPLATE_TEST_CASE("an on(terminated) that fails is decided about as a handler is", "",
                   TROUPE_TEST_SCHEDULERS) {
    fixture<TestType> f;
    auto const        k = f.system.template spawn<keeper>();
    auto const        s = ask_now(f.system, k, child{});
    s.send(look{troupe::any_ref{}});
    f.settle();
    CHECK(ask_now(f.system, s, wait{}) == 1);
}

// ---- where one may watch

class early {
public:
    using protocol = troupe::protocol<>;
    early(heard& h, troupe::any_ref at) : heard_(h), at_(at) {}
    void started(troupe::context<early>& self) { static_cast<void>(self.watch(at_)); }
    void on(troupe::terminated const& t) { heard_.add(t); }

private:
    heard&          heard_;
    troupe::any_ref at_;
};
class late {
public:
    using protocol = troupe::protocol<>;
    late(heard& h, troupe::any_ref at) : heard_(h), at_(at) {}
    void stopping(troupe::context<late>& self) { static_cast<void>(self.watch(at_)); }
    void stopped(troupe::context<late>& self) { static_cast<void>(self.watch(self.ref())); }
    void on(troupe::terminated const& t) { heard_.add(t); }

private:
    heard&          heard_;
    troupe::any_ref at_;
};

TEMPLATE_TEST_CASE("`started` may watch, also on a thread outside", "", TROUPE_TEST_SCHEDULERS) {
    heard             h;
    fixture<TestType> f;
    auto const        t = f.system.template spawn<target>();
    f.system.template spawn<early>(h, t);
    f.system.template spawn<early>(h, troupe::any_ref{});
    f.settle();
    CHECK(h.text() == "unknown");
    f.system.stop(t);
    f.settle();
    CHECK(h.text() == "stop");
}

TEMPLATE_TEST_CASE("hooks of an end may watch, and hear nothing", "", TROUPE_TEST_SCHEDULERS) {
    heard             h;
    fixture<TestType> f;
    auto const        t = f.system.template spawn<target>();
    auto const        l = f.system.template spawn<late>(h, t);
    f.system.stop(l);
    f.settle();
    f.system.stop(t);
    f.settle();
    CHECK(h.take().empty());
}

/// Its name gets around before it has started.
class stillborn {
public:
    using protocol = troupe::protocol<>;
    explicit stillborn(troupe::ref<class gossip> to);
};
class gossip {
public:
    using protocol = troupe::protocol<void(nothing)>;
    using envelope_type = troupe::with_sender;
    explicit gossip(heard& h) : heard_(h) {}
    void on(nothing, troupe::context<gossip>& self) {
        static_cast<void>(self.watch(self.sender()));
    }
    void on(troupe::terminated const& t) { heard_.add(t); }

private:
    heard& heard_;
};
stillborn::stillborn(troupe::ref<gossip> to) {
    to.send(nothing{});
    throw std::runtime_error{"no"};
}

TEMPLATE_TEST_CASE("who was never started is told of too", "", TROUPE_TEST_SCHEDULERS) {
    heard             h;
    fixture<TestType> f;
    auto const        g = f.system.template spawn<gossip>(h);
    for (int i = 0; i < 50; ++i) CHECK_FALSE(f.system.template try_spawn<stillborn>(g).has_value());
    f.settle();
    auto const all = h.take();
    CHECK(all.size() == 50);
    for (auto const& one : all) {
        CHECK((one.how == ended_by::unknown || one.how == ended_by::failure));
    }
}

TEMPLATE_TEST_CASE("ends and watches that meet are told of exactly once", "",
                   TROUPE_TEST_SCHEDULERS) {
    heard              h;
    fixture<TestType>  f;
    std::atomic<int>   watched{0};
    constexpr unsigned threads = 3;
    f.on_threads(threads, [&](unsigned) {
        auto const o = f.system.template spawn<observer, troupe::unbounded_mailbox>(h);
        for (int i = 0; i < 300; ++i) {
            auto const t = f.system.template spawn<target>();
            if (i % 2 == 0) f.system.stop(t);
            o.send(look{t});
            watched.fetch_add(1);
            if (i % 2 == 1) f.system.stop(t);
            if (i % 3 == 0) o.send(look{t});
            f.system.stop(t);
        }
    });
    f.settle();
    auto const told = h.take();
    // A second watch after the signal is another one.
    CHECK(told.size() >= static_cast<std::size_t>(watched.load()));
    CHECK(told.size() <= static_cast<std::size_t>(watched.load() + 300));
}

}  // namespace test_watching
