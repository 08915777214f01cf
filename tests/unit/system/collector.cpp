// SPDX-License-Identifier: BSL-1.0
#include "troupe/system/collector.hpp"

#include "support/systems.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace test_collector {

using namespace std::chrono_literals;
using namespace troupe_test;
using troupe::metric;
using troupe::metric_info;
using troupe::metric_kind;

template <class Scheduler, class Clock = troupe::monotonic_clock>
struct counted : composed<Scheduler, troupe::slab_pool, Clock> {
    using metrics_type = troupe::memory_sink;
};
using counted_loop = setup<counted<troupe::run_loop_scheduler>, 1>;
using counted_simulated = setup<counted<troupe::simulated_scheduler>, 4>;
using counted_threads = setup<counted<troupe::work_stealing_scheduler>, 2>;
#define TROUPE_TEST_COUNTED counted_threads, counted_loop, counted_simulated

struct work {};
struct fall {};
struct value {};

struct plain {
    using protocol = troupe::protocol<void(work), int(value)>;
    void on(work) {}
    int  on(value) { return 1; }
};
struct brittle {
    using protocol = troupe::protocol<void(fall)>;
    void on(fall) { throw std::runtime_error{"fell"}; }
};
/// Restarts its child once; the second time it gives up.
struct parent {
    using protocol = troupe::protocol<void(fall)>;
    static constexpr auto supervision = troupe::one_for_one{.max_restarts = 1};
    void                  started(troupe::context<parent>& self) { child = self.spawn<brittle>(); }
    void                  on(fall) { child.send(fall{}); }
    troupe::ref<brittle>  child;
};
/// Says too late that it has started.
struct late {
    using protocol = troupe::protocol<void(work)>;
    static constexpr troupe::hook_deadlines hooks{.started = 0ns};
    void                                    started() {
        auto const begun = std::chrono::steady_clock::now();
        while (std::chrono::steady_clock::now() == begun) {}
    }
    void on(work) {}
};
/// Its mailbox has room for two.
struct narrow {
    using protocol = troupe::protocol<void(work)>;
    using mailbox_type = troupe::bounded_mailbox<2>;
    void on(work) {}
};
struct refusing {
    using protocol = troupe::protocol<void(work)>;
    using mailbox_type = troupe::bounded_mailbox<2, troupe::overflow::fail>;
    void on(work) {}
};
/// Sends more than there is room for, to another and to itself.
struct flooding {
    using protocol = troupe::protocol<void(work), void(value)>;
    using mailbox_type = troupe::bounded_mailbox<2>;
    explicit flooding(troupe::ref<narrow> t, troupe::ref<refusing> r) : to(t), refuses(r) {}
    void on(work, troupe::context<flooding>& self) {
        for (int i = 0; i < 10; ++i) to.send(work{});
        for (int i = 0; i < 10; ++i) static_cast<void>(refuses.send(work{}));
        for (int i = 0; i < 5; ++i) self.ref().send(value{});
    }
    void                  on(value) {}
    troupe::ref<narrow>   to;
    troupe::ref<refusing> refuses;
};
struct waiting {
    using protocol = troupe::protocol<void(work)>;
    void started(troupe::context<waiting>& self) { self.after(1h, work{}); }
    void on(work) {}
};

/// Everything a system without links can do; leaves some actors.
template <class System>
void live_through_everything(System& system) {
    auto const a = system.template spawn<plain>();
    auto const gone = system.template spawn<plain>();
    for (int i = 0; i < 100; ++i) a.send(work{});
    for (int i = 0; i < 10; ++i) CHECK(a.ask(value{}).get() == 1);
    system.stop(gone);
    system.wait_idle();
    static_cast<void>(gone.send(work{}));
    CHECK_FALSE(gone.ask(value{}).result());
    auto const p = system.template spawn<parent>();
    for (int i = 0; i < 2; ++i) {
        p.send(fall{});
        system.wait_idle();
    }
    system.template spawn<late>();
    auto const n = system.template spawn<narrow>();
    auto const r = system.template spawn<refusing>();
    auto const f = system.template spawn<flooding>(n, r);
    f.send(work{});
    system.template spawn<waiting>();
    system.wait_idle();
}

double of(troupe::memory_sink const& s, metric id, std::string_view label) {
    return s.value(id, label);
}

bool is_of_links(metric id) { return id >= metric::link_state; }

/// What the exported numbers say must agree.
template <class System>
void check_conservation(System& system) {
    system.wait_idle();
    system.collect();
    troupe::memory_sink const& s = system.metrics();
    CHECK(s.value(metric::messages_sent) == s.value(metric::messages_handled) +
                                                s.value(metric::messages_dropped) +
                                                s.value(metric::messages_queued));
    CHECK(s.value(metric::messages_failed) <= s.value(metric::messages_handled));
    CHECK(s.value(metric::dead_letters) + of(s, metric::messages_dropped, "handed_back") ==
          s.value(metric::messages_dropped));
    CHECK(s.value(metric::actors_spawned) - s.value(metric::actors_stopped) ==
          s.value(metric::actors_alive));
    s.labels(metric::actors_spawned, [&](std::string_view type) {
        INFO(type);
        CHECK(of(s, metric::actors_spawned, type) - of(s, metric::actors_stopped, type) ==
              of(s, metric::actors_alive, type));
    });
    CHECK(s.value(metric::sender_wait_seconds) == s.value(metric::sender_waits));
    CHECK(s.without_place() == 0);
    // The books are the same numbers.
    troupe::system_snapshot const seen = system.snapshot();
    CHECK(s.value(metric::messages_sent) == static_cast<double>(seen.books.sent));
    CHECK(s.value(metric::actors_alive) == static_cast<double>(seen.books.actors));
    CHECK(of(s, metric::asks, "answered") == static_cast<double>(seen.asks_answered()));
}

TEMPLATE_TEST_CASE("what a system exports agrees with itself", "", TROUPE_TEST_COUNTED) {
    fixture<TestType> f;
    live_through_everything(f.system);
    check_conservation(f.system);
    troupe::memory_sink const& s = f.system.metrics();
    CHECK(s.value(metric::actors_spawned) == 9);
    CHECK(of(s, metric::actors_spawned, troupe::type_name<plain>()) == 2);
    CHECK(of(s, metric::actors_alive, troupe::type_name<plain>()) == 1);
    CHECK(s.value(metric::asks) == 11);
    CHECK(of(s, metric::asks, "answered") == 10);
    CHECK(of(s, metric::asks, "target_gone") == 1);
    CHECK(s.value(metric::actors_failed) == 3);  // the child twice, and its parent by it
    CHECK(of(s, metric::actors_failed, troupe::type_name<brittle>()) == 2);
    CHECK(of(s, metric::actors_restarted, troupe::type_name<brittle>()) == 1);
    CHECK(of(s, metric::failures_escalated, troupe::type_name<brittle>()) == 1);
    CHECK(of(s, metric::hooks_overdue, troupe::type_name<late>()) == 1);
    CHECK(of(s, metric::messages_dropped, "dead") == 2);
    CHECK(of(s, metric::messages_dropped, "refused") == of(s, metric::dead_letters, "refused"));
    CHECK(s.value(metric::mailbox_high_water) >= 2);
    CHECK(of(s, metric::sender_wait_seconds, troupe::type_name<narrow>()) >= 1);
    f.system.stop(f.system.template spawn<plain>());
    check_conservation(f.system);
    CHECK(f.system.stop(watchdog).complete);
    f.system.collect();
    CHECK(s.value(metric::actors_alive) == 0);
    CHECK(s.value(metric::actors_spawned) == s.value(metric::actors_stopped));
}

TEST_CASE("one scenario has every number of the catalogue but those of links") {
    // Threads, for what only they do: sleep, and take actors from each other.
    fixture<counted_threads> f;
    live_through_everything(f.system);
    // An actor is left behind on a worker whose turn does not end: the other worker takes it.
    struct gate_keeper {
        std::atomic<bool> opened{false};
    } gate;
    auto const opens = f.system.spawn([&gate](int) {
        gate.opened = true;
        gate.opened.notify_all();
    });
    auto const holds = f.system.spawn([&gate, opens](int) {
        opens.send(1);
        gate.opened.wait(false);
    });
    holds.send(1);
    f.system.wait_idle();
    f.system.collect();
    troupe::memory_sink const& s = f.system.metrics();
    for (metric_info const& m : troupe::metric_catalogue) {
        if (is_of_links(m.id)) continue;
        INFO(m.name);
        CHECK(s.has(m.id));
        // A gauge may be zero; a counter or a histogram that is has not happened.
        if (m.kind != metric_kind::gauge) CHECK(s.value(m.id) > 0);
        bool labelled = false;
        s.labels(m.id, [&](std::string_view label) { labelled = labelled || !label.empty(); });
        CHECK(labelled == !m.label.empty());
    }
    CHECK(s.value(metric::actors_alive) > 0);
    CHECK(s.value(metric::timers_armed) == 1);
    CHECK(s.value(metric::pool_blocks) > 0);
    CHECK(s.value(metric::scheduler_workers) == 2);
}

/// Keeps each call, as a sink of the program would see it.
struct calls {
    struct call {
        metric      id;
        std::string label;
        double      n;
    };
    void add(metric id, std::string_view label, std::uint64_t n) noexcept {
        all.push_back({id, std::string{label}, static_cast<double>(n)});
    }
    void set(metric id, std::string_view label, double v) noexcept {
        all.push_back({id, std::string{label}, v});
    }
    void sample(metric id, std::string_view label, double v) noexcept {
        all.push_back({id, std::string{label}, v});
    }
    std::vector<call> all;

    std::vector<double> of(metric id) const {
        std::vector<double> found;
        for (call const& c : all) {
            if (c.id == id) found.push_back(c.n);
        }
        return found;
    }
};
struct watched_calls : by_hand<troupe::run_loop_scheduler> {
    using metrics_type = calls;
};

TEST_CASE("a sink hears of counters what is new since the last time") {
    troupe::basic_system<watched_calls> system;
    auto const                          a = system.spawn<plain>();
    CHECK(system.metrics().of(metric::messages_sent).empty());  // nobody has asked
    for (int i = 0; i < 5; ++i) a.send(work{});
    system.run_until_idle();
    system.collect();
    system.collect();
    a.send(work{});
    system.run_until_idle();
    system.collect();
    CHECK(system.metrics().of(metric::messages_sent) == std::vector<double>{5, 0, 1});
    CHECK(system.metrics().of(metric::messages_handled) == std::vector<double>{5, 0, 1});
    CHECK(system.metrics().of(metric::actors_alive) == std::vector<double>{1, 1, 1});
    system.stop(a);
    system.run_until_idle();
    system.collect();
    // A type of which none is left is told once more, and stays.
    CHECK(system.metrics().of(metric::actors_alive) == std::vector<double>{1, 1, 1, 0});
    CHECK(system.metrics().of(metric::actors_stopped) == std::vector<double>{1});
}

/// Takes as long as the test wants.
struct slow {
    using protocol = troupe::protocol<void(work), int(value)>;
    explicit slow(troupe::manual_clock& c) : clock(c) {}
    void on(work) { clock.advance(20ms); }
    int  on(value) {
        clock.advance(30ms);
        return 1;
    }
    troupe::manual_clock& clock;
};

TEST_CASE("the first turn and the first ask are looked at, on the clock of the system") {
    troupe::manual_clock                clock;
    troupe::basic_system<watched_calls> system{{.clock = &clock}};
    auto const                          a = system.spawn<slow>(std::ref(clock));
    a.send(work{});
    a.send(work{});
    auto asked = a.ask(value{});
    asked.start();
    clock.advance(5ms);
    system.run_until_idle();
    CHECK(asked.get() == 1);
    CHECK(system.metrics().of(metric::mailbox_depth) == std::vector<double>{3});
    CHECK(system.metrics().of(metric::handler_seconds) == std::vector<double>{0.02, 0.02, 0.03});
    // Sent before the clock moved; 5 + 20 + 20 + 30.
    REQUIRE(system.metrics().of(metric::ask_seconds).size() == 1);
    CHECK(system.metrics().of(metric::ask_seconds)[0] == Approx(0.075));
}

TEST_CASE("of many turns one of 64 is looked at") {
    troupe::basic_system<watched_calls> system;
    auto const                          a = system.spawn<plain>();
    for (int i = 0; i < 6400; ++i) {
        a.send(work{});
        system.run_until_idle();
    }
    std::size_t const seen = system.metrics().of(metric::handler_seconds).size();
    CHECK(seen > 60);
    CHECK(seen < 150);
}

TEST_CASE("a system without a sink keeps its books all the same") {
    fixture<run_loop> f;
    auto const        a = f.system.spawn<plain>();
    a.send(work{});
    CHECK(a.ask(value{}).get() == 1);
    f.system.collect();  // there is nobody to tell
    troupe::system_snapshot const seen = f.system.snapshot();
    CHECK(seen.books.sent == 2);
    CHECK(seen.asks_answered() == 1);
    CHECK(seen.scheduler.workers == 1);
    CHECK(seen.scheduler.turns > 0);
    CHECK(seen.cpu_seconds > 0);
}

TEST_CASE("an ask that outlives its system is counted by nobody, and harms nobody") {
    using config = counted<troupe::run_loop_scheduler>;
    auto       system = std::make_unique<troupe::basic_system<config>>();
    auto const a = system->spawn<plain>();
    auto       asked = a.ask(value{});  // the first one: somebody wants to know how long it takes
    asked.start();
    system.reset();
    CHECK(asked.result());
}

TEST_CASE("threads that collect at once tell each number once") {
    fixture<counted_threads> f;
    auto const               a = f.system.spawn<plain>();
    f.on_threads(4, [&](unsigned) {
        for (int i = 0; i < 200; ++i) {
            static_cast<void>(a.try_send(work{}));
            if (i % 20 == 0) f.system.collect();
        }
    });
    f.system.wait_idle();
    f.system.collect();
    CHECK(f.system.metrics().value(metric::messages_sent) == 800);
    check_conservation(f.system);
}

template <std::size_t>
struct numbered {
    using protocol = troupe::protocol<void(work)>;
    void on(work) {}
};

TEST_CASE("types beyond the room of the census are alive together") {
    troupe::basic_system<watched_calls> system;
    auto const spawn_many = [&]<std::size_t... I>(std::index_sequence<I...>) {
        (system.spawn<numbered<I>>(), ...);
    };
    spawn_many(std::make_index_sequence<66>{});
    system.run_until_idle();
    system.collect();
    double alive = 0;
    for (double const n : system.metrics().of(metric::actors_alive)) alive += n;
    CHECK(alive == 66);
    CHECK(system.metrics().all.back().label == "other");
    CHECK(system.metrics().all.back().n == 2);
}

}  // namespace test_collector
