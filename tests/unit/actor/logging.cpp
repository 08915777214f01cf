// SPDX-License-Identifier: BSL-1.0
#include "troupe/actor/logging.hpp"

#include "support/systems.hpp"

#include <chrono>
#include <latch>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace test_logging {

using namespace std::chrono_literals;
using namespace troupe_test;
using troupe::kept_record;
using troupe::log_event;
using troupe::log_level;
using troupe::log_topic;
using troupe::memory_log;
using troupe::name;

template <class Scheduler, class Clock = troupe::monotonic_clock>
struct kept : composed<Scheduler, troupe::slab_pool, Clock> {
    using log_type = memory_log;
};
using two_workers = setup<kept<troupe::work_stealing_scheduler>, 2>;
using run_loop = setup<kept<troupe::run_loop_scheduler>, 1>;
using simulated = setup<kept<troupe::simulated_scheduler>, 4>;
#define TROUPE_TEST_LOGGED two_workers, run_loop, simulated

std::string path_of(std::string_view type, troupe::any_ref const& r) {
    return std::string{type} + "#" + std::to_string(r.identity() & 0xffff'ffff);
}

struct work {
    int cents = 0;
};
struct fall {};
struct tell {};

/// Says what it does.
class teller {
public:
    using protocol = troupe::protocol<int(work), void(fall), void(tell)>;

    void started(troupe::context<teller>& self) { self.log(log_level::info, "opens"); }
    int  on(work w, troupe::context<teller>& self) {
        self.log(log_level::info, "transferred",
                  {{"cents", w.cents}, {"to", std::string{"bob"}}, {"ok", true}});
        self.log<log_level::debug>("in detail", {{"took", 5ns}});
        return w.cents;
    }
    void on(fall) { throw std::runtime_error{"down"}; }
    void on(tell, troupe::context<teller>& self) {
        self.log(log_level::warning, "a child comes");
        self.spawn([](work) {});
        self.log(log_level::warning, "a child is there");
    }
    void stopped(troupe::context<teller>& self) { self.log(log_level::warning, "closes"); }
};

TEMPLATE_TEST_CASE("a handler logs with its actor's type and path and the message it handles", "",
                   TROUPE_TEST_LOGGED) {
    fixture<TestType> f;
    memory_log&       log = f.system.log_sink();
    auto const        a = f.system.template spawn<teller>();
    auto const        b = f.system.template spawn<teller>(name{"bob"});
    a.send(work{500});
    f.settle();
    auto const said = log.last("transferred");
    REQUIRE(said);
    CHECK(said->level == log_level::info);
    CHECK(said->id == log_event::said);
    CHECK(said->actor == troupe::type_name<teller>());
    CHECK(said->path == path_of("teller", a));
    CHECK(said->message == troupe::type_name<work>());
    CHECK((*said)["cents"] == "500");
    CHECK((*said)["to"] == "bob");
    CHECK((*said)["ok"] == "true");
    CHECK(said->worker >= 0);
    CHECK(said->time <= f.system.now());
    CHECK((*log.last("in detail"))["took"] == "5");
    b.send(tell{});
    f.settle();
    CHECK(log.last("a child comes")->path == "bob");
    CHECK(log.last("a child is there")->message == troupe::type_name<tell>());
    f.system.stop(b);
    f.settle();
    CHECK(log.last("closes")->path == "bob");
    CHECK(log.last("closes")->message.empty());  // a hook handles none
    CHECK(log.last("opens")->message.empty());
}

TEMPLATE_TEST_CASE("anybody may log through the system", "", TROUPE_TEST_LOGGED) {
    fixture<TestType> f;
    f.system.log(log_level::critical, "the roof is on fire", {{"floors", 3}});
    auto const said = f.system.log_sink().last("the roof is on fire");
    REQUIRE(said);
    CHECK(said->level == log_level::critical);
    CHECK(said->actor.empty());
    CHECK(said->path.empty());
    CHECK(said->worker == -1);
    CHECK((*said)["floors"] == "3");
}

// ---- floors

struct from_warning : composed<troupe::run_loop_scheduler> {
    using log_type = troupe::leveled<memory_log, log_level::warning>;
};

/// A type that counts how often its words are asked for.
enum class counted : std::uint8_t { word };
std::atomic<int> asked{0};
std::string_view to_string(counted) noexcept {
    ++asked;
    return "word";
}

TEST_CASE("below the floor of its sink a system tells nothing") {
    fixture<setup<from_warning, 1>> f;
    memory_log&                     log = f.system.log_sink();
    auto const                      a = f.system.spawn<teller>();
    a.send(work{5});
    f.settle();
    CHECK(log.size() == 0);
    f.system.log(log_level::info, "no");
    f.system.log(log_level::warning, "yes");
    CHECK(log.size() == 1);
    a.send(fall{});
    f.settle();
    CHECK(log.count(log_event::actor_failed) == 1);
    CHECK(log.count("closes") == 1);
    CHECK(log.size() == 3);
}

struct unloggable {};

/// What it logs below its floor is not even looked at: else this does not compile.
class quiet {
public:
    using protocol = troupe::protocol<void(work), troupe::ref<teller>(tell)>;
    static constexpr log_level log_floor = log_level::warning;

    void on(work, troupe::context<quiet>& self) {
        self.log<log_level::info>("nothing is left of this", {{"field", unloggable{}}});
        self.log<log_level::debug>("nor of this", {{"field", counted::word}});
        self.log(log_level::info, "this is not told");
        self.log<log_level::error>("but this is", {{"field", counted::word}});
    }
    troupe::ref<teller> on(tell, troupe::context<quiet>& self) {
        return self.spawn<teller>(name{"below"});
    }
};

TEMPLATE_TEST_CASE("below the floor of its class an actor tells nothing, not even of its life", "",
                   TROUPE_TEST_LOGGED) {
    fixture<TestType> f;
    memory_log&       log = f.system.log_sink();
    asked = 0;
    auto const a = f.system.template spawn<quiet>();
    a.send(work{});
    f.settle();
    CHECK(log.count("but this is") == 1);
    CHECK(asked == 1);
    for (kept_record const& r : log.records()) {
        CHECK((r.actor.empty() || r.level >= log_level::warning));
    }
    f.system.stop(a);
    f.settle();
    CHECK(log.count(log_event::actor_started) == 0);
    CHECK(log.count(log_event::actor_stopped) == 0);
}

// ---- calls

/// Its calls are told; one of them waits for another actor.
class observed {
public:
    using protocol = troupe::protocol<int(work), int(tell), void(fall)>;
    static constexpr log_level log_floor = log_level::debug;

    int               on(work w) { return w.cents; }
    troupe::task<int> on(tell, troupe::context<observed>& self) {
        auto const next = self.spawn<teller>();
        co_return co_await next.ask(work{7});
    }
    void on(fall) { throw std::runtime_error{"down"}; }
};
/// Only their ends.
class measured : public observed {
public:
    using protocol = troupe::protocol<int(work)>;
    static constexpr log_level log_floor = log_level::info;
    int                        on(work w) { return w.cents; }
};

TEMPLATE_TEST_CASE("the calls of an actor whose class names a floor are told, with their duration",
                   "", TROUPE_TEST_LOGGED) {
    fixture<TestType> f;
    memory_log&       log = f.system.log_sink();
    auto const        a = f.system.template spawn<observed>();
    a.send(work{});
    f.settle();
    CHECK(log.count(log_event::call_begun) == 1);
    CHECK(log.count(log_event::call_completed) == 1);
    auto const done = log.last(log_event::call_completed);
    CHECK(done->path == path_of("observed", a));
    CHECK(done->message == troupe::type_name<work>());
    CHECK(std::stoll(std::string{(*done)["duration"]}) >= 0);
    a.send(tell{});
    f.settle();
    CHECK(log.count(log_event::call_begun) == 2);
    CHECK(log.count(log_event::call_completed) == 2);
    CHECK(log.last(log_event::call_completed)->message == troupe::type_name<tell>());
    a.send(fall{});
    f.settle();
    CHECK(log.count(log_event::call_begun) == 3);
    CHECK(log.count(log_event::call_completed) == 2);  // the failure was told instead
    CHECK(log.count(log_event::actor_failed) == 1);
    auto const b = f.system.template spawn<measured>();
    b.send(work{});
    f.settle();
    CHECK(log.count(log_event::call_begun) == 3);
    CHECK(log.count(log_event::call_completed) == 3);
    auto const c = f.system.template spawn<teller>();  // names none
    c.send(work{});
    f.settle();
    CHECK(log.count(log_event::call_completed) == 3);
}

class slow {
public:
    using protocol = troupe::protocol<int(work)>;
    explicit slow(troupe::manual_clock& clock) : clock_(clock) {}
    int on(work w) {
        clock_.advance(3ms);
        return w.cents;
    }

private:
    troupe::manual_clock& clock_;
};
class waits {
public:
    using protocol = troupe::protocol<int(work)>;
    static constexpr log_level log_floor = log_level::info;
    waits(troupe::ref<slow> next, troupe::manual_clock& clock) : next_(next), clock_(clock) {}
    troupe::task<int> on(work w) {
        clock_.advance(1ms);
        co_return co_await next_.ask(w);
    }

private:
    troupe::ref<slow>     next_;
    troupe::manual_clock& clock_;
};

TEST_CASE("the duration of a call has the time in it that it has waited") {
    fixture<setup<kept<troupe::run_loop_scheduler, troupe::manual_clock>, 1>> f;
    auto const s = f.system.spawn<slow>(std::ref(f.clock));
    auto const a = f.system.spawn<waits>(s, std::ref(f.clock));
    a.send(work{});
    f.settle();
    CHECK((*f.system.log_sink().last(log_event::call_completed))["duration"] == "4000000");
}

// ---- every event of the library has a place that tells it

/// A log for systems that end before it is asked.
struct shared_log {
    static inline memory_log all{};
    void                     write(troupe::log_record const& r) noexcept { all.write(r); }
};
struct everything : composed<troupe::run_loop_scheduler, troupe::slab_pool, troupe::manual_clock> {
    using log_type = shared_log;
    static constexpr troupe::one_for_one supervision{.max_restarts = 1, .within = 100h};
};

class clumsy {
public:
    using protocol = troupe::protocol<void(fall)>;
    explicit clumsy(troupe::manual_clock& clock) : clock_(clock) {}
    void started() { clock_.advance(1h); }  // late
    void stopped() { throw std::runtime_error{"cannot let go"}; }
    void on(fall) { throw std::runtime_error{"down"}; }

private:
    troupe::manual_clock& clock_;
};

/// Waits for itself.
class circle {
public:
    using protocol = troupe::protocol<int(work), void(tell)>;
    int                on(work w) { return w.cents; }
    troupe::task<void> on(tell, troupe::context<circle>& self) {
        auto const me = self.ref();
        try {
            static_cast<void>(co_await me.ask(work{1}));
        } catch (troupe::ask_error const&) {}
    }
};

struct with_threads : troupe::defaults {
    using log_type = shared_log;
};
struct hold_on {
    std::latch* inside;
    std::latch* open;
};
class stuck {
public:
    using protocol = troupe::protocol<void(hold_on)>;
    explicit stuck(std::latch& gone) : left_(gone) {}
    void on(hold_on h) {
        h.inside->count_down();
        h.open->wait();
        left_.count_down();  // whether its object is destroyed then depends on who was faster
    }

private:
    std::latch& left_;
};

TEST_CASE("every event of the library is told by something, with its level and the actor's path") {
    memory_log& log = shared_log::all;
    log.clear();
    {
        troupe::manual_clock             clock;
        troupe::basic_system<everything> system{{.clock = &clock}};
        auto const                       a = system.spawn<clumsy>(std::ref(clock));
        auto const                       o = system.spawn<observed>();
        o.send(work{});
        a.send(fall{});
        system.wait_idle();
        CHECK(log.last(log_event::actor_restarted)->path == path_of("clumsy", a));
        a.send(fall{});  // more restarts than allowed: nobody is left to decide
        system.wait_idle();
        CHECK(log.last(log_event::escalated)->path == path_of("clumsy", a));
        a.send(fall{});  // a dead letter
        system.spawn<circle>().send(tell{});
        system.wait_idle();
        CHECK(system.stop(watchdog).complete);
    }
    {
        // Static: the handler, left alone, looks at them when this test has returned.
        static std::latch inside{1};
        static std::latch open{1};
        static std::latch left{1};
        {
            troupe::basic_system<with_threads> system{{.workers = 2, .stop_deadline = 1ms}};
            auto const                         s = system.spawn<stuck>(left);
            s.send(hold_on{&inside, &open});
            inside.wait();
        }
        open.count_down();
        left.wait();
    }
    for (troupe::log_event_row const& row : troupe::log_events) {
        if (row.topic == log_topic::remote || row.topic == log_topic::security) continue;
        INFO(row.text);
        auto const told = log.last(row.id);
        REQUIRE(told);
        CHECK(told->level == row.level);
        CHECK(told->event == row.text);
        CHECK(told->actor.empty() == told->path.empty());
    }
    for (log_event const id :
         {log_event::actor_started, log_event::actor_stopped, log_event::actor_failed,
          log_event::actor_restarted, log_event::escalated, log_event::hook_failed,
          log_event::hook_overdue, log_event::straggler, log_event::wait_cycle,
          log_event::call_begun, log_event::call_completed}) {
        INFO(to_string(id));
        CHECK_FALSE(log.last(id)->path.empty());
    }
}

}  // namespace test_logging
