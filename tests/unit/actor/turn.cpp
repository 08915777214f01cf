// SPDX-License-Identifier: BSL-1.0
#include "troupe/actor/turn.hpp"

#include "support/systems.hpp"

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace test_turn {

using namespace troupe_test;
using troupe::drop_cause;

struct note {
    int what;
};
class writer {
public:
    using protocol = troupe::protocol<void(note)>;
    writer(char me, std::string& line) : me_(me), line_(line) {}
    void on(note) { line_ += me_; }

private:
    char         me_;
    std::string& line_;
};

TEST_CASE("a turn has an end: an actor that gets more than it can do lets the others run") {
    std::string       line;
    fixture<run_loop> f;
    auto const        a = f.system.spawn<writer>('a', line);
    auto const        b = f.system.spawn<writer>('b', line);
    f.settle();
    for (int i = 0; i < 100; ++i) a.send(note{i});
    b.send(note{0});
    f.settle();
    REQUIRE(line.size() == 101);
    // The rest is less than another look at the clock is worth.
    CHECK(line.find('b') == 64);
    CHECK(f.system.books().handled == 101);
}

TEST_CASE("a turn goes on with what waited at its end, so that a receiver keeps pace") {
    std::string               line;
    fixture<run_loop_by_hand> f;
    auto const                a = f.system.spawn<writer, troupe::unbounded_mailbox>('a', line);
    auto const                b = f.system.spawn<writer>('b', line);
    f.settle();
    for (int i = 0; i < 64 * 10; ++i) a.send(note{i});
    b.send(note{0});
    f.settle();
    REQUIRE(line.size() == 641);
    CHECK(line.find('b') == 640);
}

/// Moves the clock a little with each message.
class slow_writer {
public:
    using protocol = troupe::protocol<void(note)>;
    slow_writer(troupe::manual_clock& clock, troupe::duration step, std::string& line)
        : clock_(clock), step_(step), line_(line) {}
    void on(note) {
        clock_.advance(step_);
        line_ += 'a';
    }

private:
    troupe::manual_clock& clock_;
    troupe::duration      step_;
    std::string&          line_;
};

TEST_CASE("a turn that goes on ends with its slice of time") {
    std::string                               line;
    troupe::manual_clock                      clock;
    troupe::options<run_loop_by_hand::config> options;
    options.clock = &clock;
    fixture<run_loop_by_hand> f{options};
    // The slice begins after 64 messages, with a few to see how long they take: 16 us here. Then 64
    // take 128 us, and after two of these the slice of 250 us is over.
    auto const a = f.system.spawn<slow_writer, troupe::unbounded_mailbox>(
        clock, std::chrono::microseconds{2}, line);
    auto const b = f.system.spawn<writer>('b', line);
    f.settle();
    for (int i = 0; i < 64 * 10; ++i) a.send(note{i});
    b.send(note{0});
    f.settle();
    REQUIRE(line.size() == 641);
    CHECK(line.find('b') == 64 + 8 + 64 + 64);
}

/// Sends 300 messages for each it gets, and itself the next.
class flooder {
public:
    using protocol = troupe::protocol<void(note)>;
    flooder(troupe::ref<writer> to, std::string& line) : to_(to), line_(line) {}
    void on(note n, troupe::context<flooder>& self) {
        line_ += 'f';
        for (int i = 0; i < 300; ++i) to_.send(note{i});
        if (n.what > 0) self.ref().send(note{n.what - 1});
    }

private:
    troupe::ref<writer> to_;
    std::string&        line_;
};

TEST_CASE("a turn ends after many sends: a flood is handled while it is in the cache") {
    std::string       line;
    fixture<run_loop> f;
    auto const        w = f.system.spawn<writer, troupe::unbounded_mailbox>('.', line);
    auto const        a = f.system.spawn<flooder>(w, line);
    f.settle();
    a.send(note{9});
    f.settle();
    CHECK(line.size() == 10 + 3000);
    // The sends are counted from the second message of a turn on.
    CHECK(line.find('.') == 2);
}

// ---- failures

/// Keeps what it is told.
struct recording : troupe::defaults {
    using scheduler_type = troupe::run_loop_scheduler;
    struct log_type {
        static constexpr troupe::log_level floor = troupe::log_level::warning;

        std::vector<std::string> lines;
        void                     write(troupe::log_record const& r) noexcept {
            std::string line{r.event};
            for (auto const part : {r.actor, r.message, r.detail, r.path}) {
                line += '|';
                line += part;
            }
            lines.push_back(std::move(line));
        }
    };
};

struct fail_with_words {};
struct fail_oddly {};
class fragile {
public:
    using protocol = troupe::protocol<int(note), void(fail_with_words), void(fail_oddly)>;
    int  on(note n) { return n.what; }
    void on(fail_with_words) { throw std::runtime_error{"the words"}; }
    void on(fail_oddly) { throw 42; }
};

TEST_CASE("a handler that throws is told with actor, name, message and what it said") {
    troupe::basic_system<recording> system;
    auto const                      a = system.spawn<fragile>(troupe::name{"glass"});
    a.send(fail_with_words{});
    system.wait_idle();
    REQUIRE(system.log_sink().lines.size() == 1);
    CHECK_THAT(system.log_sink().lines[0], contains("actor failed|") && contains("fragile|") &&
                                               contains("fail_with_words|") &&
                                               contains("the words|glass"));
    auto const b = system.spawn<fragile>();
    b.send(fail_oddly{});
    system.wait_idle();
    REQUIRE(system.log_sink().lines.size() == 2);
    CHECK_THAT(system.log_sink().lines[1], contains("not a std::exception|fragile#"));
}

TEMPLATE_TEST_CASE("an actor that fails has handled that message, and none after it", "",
                   TROUPE_TEST_DRIVEN) {
    fixture<TestType> f;
    auto const        a = f.system.template spawn<fragile>();
    a.send(note{1});
    a.send(fail_with_words{});
    a.send(note{2});
    auto       last = a.ask(note{3}).start();
    auto const books = f.settle();
    CHECK(books.handled == 2);
    CHECK(books.failed == 1);
    CHECK(books.dropped_by(drop_cause::dead) == 2);
    CHECK(last.result().error().code() == troupe::ask_errc::target_gone);
    CHECK(books.actors == 0);
}

TEMPLATE_TEST_CASE("an actor made of a function goes on after a failure", "", TROUPE_TEST_DRIVEN) {
    fixture<TestType> f;
    auto const        a = f.system.spawn([](note n) {
        if (n.what < 0) throw std::runtime_error{"no"};
        return n.what;
    });
    a.send(note{-1});
    CHECK(a.ask(note{5}).get() == 5);
    CHECK(f.settle().failed == 1);
    CHECK(f.settle().actors == 1);
}

// ---- messages are destroyed when they were handled, not later

struct tracked {
    std::shared_ptr<int> alive;
};
class counts_living {
public:
    using protocol = troupe::protocol<void(tracked), long(note)>;
    explicit counts_living(std::shared_ptr<int> a) : alive_(std::move(a)) {}
    void on(tracked const&) {}
    long on(note) const { return alive_.use_count(); }

private:
    std::shared_ptr<int> alive_;
};

TEMPLATE_TEST_CASE("a message is gone before the next one is handled", "", TROUPE_TEST_SCHEDULERS) {
    auto const        alive = std::make_shared<int>(0);
    fixture<TestType> f;
    auto const        a = f.system.template spawn<counts_living>(alive);
    for (int i = 0; i < 10; ++i) {
        a.send(tracked{alive});
        CHECK(a.ask(note{0}).get() == 2);
    }
}

// ---- a failure is nobody else's

struct question {};
class keeper {
public:
    using protocol = troupe::protocol<int(question)>;
    void on(question, troupe::reply<int> r) { kept_.emplace(std::move(r)); }

private:
    std::optional<troupe::reply<int>> kept_;
};

/// Waits for ever; when its frame is destroyed, a guard in it says that it has failed.
class guarded {
public:
    using protocol = troupe::protocol<void(note)>;
    explicit guarded(troupe::ref<keeper> to) : to_(to) {}
    troupe::task<> on(note, troupe::context<guarded>& self) {
        struct guard {
            troupe::context<guarded>& self;
            ~guard() { self.fail("interrupted"); }
        } const g{self};
        static_cast<void>(co_await to_.ask(question{}));
    }

private:
    troupe::ref<keeper> to_;
};

TEMPLATE_TEST_CASE("what a frame says that is destroyed is not the next actor's failure", "",
                   TROUPE_TEST_KINDS) {
    fixture<TestType> f;
    auto const        to = f.system.template spawn<keeper>();
    auto const        waits = f.system.template spawn<guarded>(to);
    auto const        innocent = f.system.template spawn<fragile>();
    waits.send(note{0});
    f.settle();
    f.system.stop(waits);
    f.settle();
    for (int i = 0; i < 10; ++i) CHECK(innocent.ask(note{i}).get() == i);
    CHECK(f.system.books().failed == 0);
}

}  // namespace test_turn
