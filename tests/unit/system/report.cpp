// SPDX-License-Identifier: BSL-1.0
#include "troupe/system/report.hpp"

#include "support/systems.hpp"
#include "support/trace.hpp"

#include <chrono>
#include <latch>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace test_report {

using namespace std::chrono_literals;
using namespace troupe_test;
using troupe::name;
using troupe::stop_mode;
using troupe::stop_report;
using troupe::straggler;
using troupe::type_name;

// ---- the text of a line

TEST_CASE("a line says who, and of the rest what there is") {
    straggler s;
    s.path = "bank/teller#17";
    s.actor = "bank::teller";
    s.state = "running";
    CHECK(to_string(s) == "bank/teller#17: bank::teller, running");
    s.message = "deposit";
    CHECK(to_string(s) == "bank/teller#17: bank::teller, running, in deposit");
    s.running = 1250ms;
    CHECK(to_string(s) == "bank/teller#17: bank::teller, running, in deposit for 1.2 s");
    s.running = 0ns;
    s.waits_for = "a reply of store";
    CHECK(to_string(s) ==
          "bank/teller#17: bank::teller, running, in deposit, waits for a reply of store");
}

TEST_CASE("spans are told in a unit that people read") {
    auto const text_of = [](troupe::duration span) {
        troupe::detail::line_text line;
        line.add(span);
        return std::string{line.view()};
    };
    CHECK(text_of(7ns) == "7 ns");
    CHECK(text_of(999ns) == "999 ns");
    CHECK(text_of(20us) == "20 us");
    CHECK(text_of(350ms) == "350 ms");
    CHECK(text_of(1s) == "1.0 s");
    CHECK(text_of(90s) == "90.0 s");
    CHECK(text_of(troupe::duration::max()) == "9223372036.8 s");
}

TEST_CASE("a line is cut where it does not end") {
    straggler         s;
    std::string const type(2000, 't');
    s.path = "bank";
    s.actor = type;
    CHECK(to_string(s) == "bank: " + type.substr(0, 800 - 6));
}

// ---- what a report finds. One actor, the youngest, is held fast, so that the others still live.

using config = composed<troupe::work_stealing_scheduler>;
using threaded = troupe::basic_system<config>;

/// Where somebody is held fast. Each test lets him go before it ends.
struct trap {
    std::latch inside{1};
    std::latch open{1};
    void       hold() {
        inside.count_down();
        open.wait();
    }
};

struct fall_in {
    trap* into;
};
struct ping {};
struct get {};
struct go {};

/// Its handler may be held fast.
class held {
public:
    using protocol = troupe::protocol<void(fall_in), void(ping)>;
    using mailbox_type = troupe::bounded_mailbox<1>;
    void on(fall_in f) { f.into->hold(); }
    void on(ping) {}
};

/// A report that is made until it says what is waited for: the others get there by themselves.
template <class System, class Condition>
stop_report report_when(System& of, Condition condition) {
    stop_report report;
    await([&] {
        report = of.stop(1ms, stop_mode::now);
        return condition(report);
    });
    return report;
}
straggler const* find(stop_report const& report, std::string_view path) {
    for (straggler const& s : report.stragglers) {
        if (s.path == path) return &s;
    }
    return nullptr;
}
bool waits(stop_report const& report, std::string_view path, std::string_view what) {
    straggler const* const s = find(report, path);
    return s != nullptr && s->waits_for == what;
}

template <class System>
void check_ends(System& of, trap& t) {
    t.open.count_down();
    stop_report const report = of.stop(watchdog);
    CHECK(report.complete);
    fixture<two_workers>::check_empty(report);
}

TEST_CASE("a handler that is held fast: its message, and at least how long") {
    trap     t;
    threaded of{{.workers = 2}};
    of.spawn<held>(name{"bank"}).send(fall_in{&t});
    t.inside.wait();
    stop_report const report = of.stop(2ms);
    CHECK_FALSE(report.complete);
    REQUIRE(report.stragglers.size() == 1);
    straggler const& s = report.stragglers[0];
    CHECK(s.path == "bank");
    CHECK(s.actor == type_name<held>());
    CHECK(s.state == "running");
    CHECK(s.message == type_name<fall_in>());
    CHECK(s.running > 0ns);
    CHECK(s.running <= report.took);
    CHECK(s.waits_for.empty());
    check_ends(of, t);
}

TEST_CASE("who has not run yet waits for a worker, and the one that has one does not") {
    trap     t;
    threaded of{{.workers = 1}};
    static_cast<void>(of.spawn<held>(name{"idle"}));
    auto const late = of.spawn<held>(name{"late"});
    of.wait_idle();
    of.spawn<held>(name{"bank"}).send(fall_in{&t});
    t.inside.wait();
    late.send(ping{});
    stop_report const report = of.stop(1ms);
    REQUIRE(report.stragglers.size() == 3);
    CHECK(to_string(report.stragglers[0]) ==
          "idle: " + std::string{type_name<held>()} + ", running, waits for the end of bank");
    CHECK(waits(report, "late", "a worker"));
    CHECK(find(report, "late")->message.empty());
    CHECK(find(report, "bank")->message == type_name<fall_in>());
    check_ends(of, t);
}

/// Answers when it is let go of.
class store {
public:
    using protocol = troupe::protocol<int(get)>;
    void on(get, troupe::reply<int> r) { kept_.push_back(std::move(r)); }

private:
    std::vector<troupe::reply<int>> kept_;
};

class asker {
public:
    using protocol = troupe::protocol<void(go), void(ping)>;
    explicit asker(troupe::ref<store> from) : from_(from) {}
    troupe::task<> on(go) {
        try {
            static_cast<void>(co_await from_.ask(get{}));
        } catch (troupe::ask_error const&) {}
    }
    troupe::task<> on(ping, troupe::context<asker>& self) {
        static_cast<void>(co_await self.termination(from_));
    }

private:
    troupe::ref<store> from_;
};

/// Sends more than there is room for, in one way or the other.
class sender {
public:
    using protocol = troupe::protocol<void(troupe::ref<held>)>;
    explicit sender(bool waits) : waits_(waits) {}
    troupe::task<> on(troupe::ref<held> to) {
        for (int i = 0; i < 4 && waits_; ++i) { static_cast<void>(co_await to.async_send(ping{})); }
        for (int i = 0; i < 4 && !waits_; ++i) to.send(ping{});
    }

private:
    bool waits_;
};

class parent {
public:
    using protocol = troupe::protocol<troupe::ref<held>(get), void(ping)>;
    void started(troupe::context<parent>& self) { child_ = self.spawn<held>(name{"teller"}); }
    troupe::ref<held> on(get) { return child_; }
    void              on(ping) {}

private:
    troupe::ref<held> child_;
};

TEST_CASE("an actor that ends waits for its child, and says which") {
    trap       t;
    threaded   of{{.workers = 2}};
    auto const bank = of.spawn<parent>(name{"bank"});
    bank.ask(get{}).get().send(fall_in{&t});
    t.inside.wait();
    stop_report const report = report_when(
        of, [](stop_report const& r) { return waits(r, "bank", "its child bank/teller"); });
    CHECK(find(report, "bank")->state == "ending");
    CHECK(find(report, "bank")->message.empty());
    CHECK(find(report, "bank/teller")->message == type_name<fall_in>());
    check_ends(of, t);
}

TEST_CASE("who waits for a reply, an end or room: for whose, also in another system") {
    trap       t;
    threaded   of{{.workers = 2}};
    threaded   elsewhere{{.workers = 1}};
    auto const near = of.spawn<store>(name{"store"});
    auto const far = elsewhere.spawn<store>(name{"far"});
    of.spawn<asker>(name{"asker"}, near).send(go{});
    of.spawn<asker>(name{"asker of far"}, far).send(go{});
    of.spawn<asker>(name{"mourner"}, near).send(ping{});
    auto const muted = of.spawn<sender>(name{"muted"}, false);
    auto const patient = of.spawn<sender>(name{"patient"}, true);
    auto const bank = of.spawn<held>(name{"bank"});
    bank.send(fall_in{&t});
    t.inside.wait();
    muted.send(bank);
    patient.send(bank);
    stop_report const report = report_when(of, [](stop_report const& r) {
        return waits(r, "muted", "room in bank") && waits(r, "patient", "room in bank") &&
               waits(r, "asker", "a reply of store") && waits(r, "mourner", "the end of store") &&
               waits(r, "asker of far", "a reply of far");
    });
    REQUIRE(report.stragglers.size() == 7);
    CHECK(find(report, "store")->waits_for == "the end of bank");  // the youngest ends first
    CHECK(find(report, "asker")->message == type_name<go>());
    CHECK(find(report, "asker")->running == 0ns);
    CHECK(find(report, "mourner")->message == type_name<ping>());
    CHECK(find(report, "patient")->message == type_name<troupe::ref<held>>());
    CHECK(find(report, "muted")->message.empty());  // its handler has ended
    CHECK(find(report, "bank")->message == type_name<fall_in>());
    check_ends(of, t);
    CHECK(elsewhere.stop(watchdog).complete);
}

// ---- what is not a handler

enum class place {
    constructor,
    started,
    stopping,
    stopped,
    destructor,
    hand_back,
    restarting,
    on_failure,
    on_terminated,
    resumed,
};
struct case_of {
    place            at;
    std::string_view message;
    std::string_view state;
};
struct fail_now {};
struct leave {};

/// Held fast in one place of its life.
class patient {
public:
    using protocol = troupe::protocol<void(fail_now), void(leave), void(ping)>;
    patient(place at, trap* t) : at_(at), trap_(t) { here(place::constructor); }
    ~patient() { here(place::destructor); }
    void started() { here(place::started); }
    void stopping() { here(place::stopping); }
    void stopped() { here(place::stopped); }
    void restarting(troupe::failure const&) { here(place::restarting); }
    void hand_back(ping&&) { here(place::hand_back); }
    void on(troupe::terminated const&) { here(place::on_terminated); }
    void on(fail_now, troupe::context<patient>& self) {
        if (at_ == place::on_terminated) {
            auto const other = self.spawn<held>();
            static_cast<void>(self.watch(other));
            self.stop(other);
            return;
        }
        self.fail("as told");
    }
    void on(leave, troupe::context<patient>& self) {
        self.ref().send(ping{});
        self.stop();
    }
    void on(ping) {}

private:
    void here(place p) {
        if (at_ == p) trap_->hold();
    }
    place at_;
    trap* trap_;
};

/// Spawns it when it is told to.
class doctor {
public:
    using protocol = troupe::protocol<void(go), void(leave), void(fail_now)>;
    static constexpr auto supervision = troupe::one_for_one{};
    doctor(place at, trap* t) : at_(at), trap_(t) {}
    troupe::verdict on_failure(troupe::failure const&) {
        if (at_ == place::on_failure) trap_->hold();
        return troupe::verdict::restart;
    }
    void on(go, troupe::context<doctor>& self) {
        patient_ = self.spawn<patient, troupe::transient>(name{"patient"}, at_, trap_);
    }
    void on(fail_now) { patient_.send(fail_now{}); }
    void on(leave) { patient_.send(leave{}); }

private:
    place                at_;
    trap*                trap_;
    troupe::ref<patient> patient_;
};

TEST_CASE("whatever of an actor runs has a name, and who it is") {
    case_of const c = GENERATE(case_of{place::constructor, "constructor", "starting"},
                               case_of{place::started, "started", "running"},
                               case_of{place::stopping, "stopping", "ending"},
                               case_of{place::stopped, "stopped", "ending"},
                               case_of{place::destructor, "destructor", "ending"},
                               case_of{place::hand_back, "hand_back", "ending"},
                               case_of{place::restarting, "restarting", "replacing"},
                               case_of{place::on_failure, "on_failure", "running"},
                               case_of{place::on_terminated, "on(terminated)", "running"});
    INFO(c.message);
    trap       t;
    threaded   of{{.workers = 2}};
    auto const d = of.spawn<doctor>(name{"doctor"}, c.at, &t);
    d.send(go{});
    bool const by_failing =
        c.at == place::restarting || c.at == place::on_failure || c.at == place::on_terminated;
    if (by_failing) d.send(fail_now{});
    else d.send(leave{});
    t.inside.wait();
    bool const  starts = c.at == place::constructor;
    char const* where = c.at == place::on_failure ? "doctor" : "doctor/patient";
    stop_report report = of.stop(1ms);
    std::size_t seen = 0;
    for (straggler const& s : report.stragglers) {
        if (s.message != c.message) continue;
        ++seen;
        CHECK(s.state == c.state);
        // Its place is not known before it is built.
        CHECK(s.path == (starts ? "patient" : where));
    }
    CHECK(seen == 1);
    if (starts || c.at == place::started) {
        // Who has spawned it is in a handler all that time.
        REQUIRE(find(report, "doctor") != nullptr);
        CHECK(find(report, "doctor")->message == type_name<go>());
    }
    check_ends(of, t);
}

TEST_CASE("an actor that a thread outside cannot finish is starting") {
    place const at = GENERATE(place::constructor, place::started);
    trap        t;
    threaded    of{{.workers = 1}};
    bool        born = false;
    std::thread outside{[&] { born = of.try_spawn<patient>(name{"patient"}, at, &t).has_value(); }};
    t.inside.wait();
    stop_report const report = of.stop(1ms);
    REQUIRE(report.stragglers.size() == 1);
    CHECK(report.stragglers[0].state == "starting");
    CHECK(report.stragglers[0].path == "patient");
    CHECK(report.stragglers[0].message == (at == place::constructor ? "constructor" : "started"));
    t.open.count_down();
    outside.join();
    CHECK(born);
    CHECK(of.stop(watchdog).complete);
}

/// Waits, and is held fast when it goes on.
class waiter {
public:
    using protocol = troupe::protocol<void(fall_in), void(ping)>;
    explicit waiter(troupe::ref<store> from) : from_(from) {}
    troupe::task<> on(fall_in f) {
        try {
            static_cast<void>(co_await from_.ask(get{}));
        } catch (troupe::ask_error const&) {}
        f.into->hold();
    }
    void on(ping) {}

private:
    troupe::ref<store> from_;
};

TEST_CASE("a handler that has waited and is held fast now still has its message") {
    trap       t;
    threaded   of{{.workers = 2}};
    auto const s = of.spawn<store>();
    auto const w = of.spawn<waiter>(name{"waiter"}, s);
    w.send(fall_in{&t});
    of.wait_idle();
    of.stop(s);
    t.inside.wait();
    stop_report const report = of.stop(1ms);
    REQUIRE(find(report, "waiter") != nullptr);
    CHECK(find(report, "waiter")->message == type_name<fall_in>());
    check_ends(of, t);
}

/// Fails, and waits for what its parent says of it; or for a new object.
class child {
public:
    using protocol = troupe::protocol<void(fail_now)>;
    void on(fail_now, troupe::context<child>& self) { self.fail("as told"); }
};
class boss {
public:
    using protocol = troupe::protocol<troupe::ref<child>(get), void(fall_in)>;
    static constexpr auto supervision =
        troupe::one_for_one{.max_restarts = 5, .within = 10s, .backoff = {.first = 1h}};
    void started(troupe::context<boss>& self) { child_ = self.spawn<child>(name{"child"}); }
    troupe::ref<child> on(get) { return child_; }
    void               on(fall_in f) { f.into->hold(); }

private:
    troupe::ref<child> child_;
};

TEST_CASE("a child that has failed waits for a verdict, and then for its restart") {
    trap       t;
    threaded   of{{.workers = 2}};
    auto const calm = of.spawn<boss>(name{"calm"});
    auto const b = of.spawn<boss>(name{"boss"});
    auto const of_calm = calm.ask(get{}).get();
    auto const of_boss = b.ask(get{}).get();
    of_calm.send(fail_now{});
    of.wait_idle();
    b.send(fall_in{&t});
    t.inside.wait();
    of_boss.send(fail_now{});
    stop_report const report = report_when(
        of, [](stop_report const& r) { return waits(r, "boss/child", "a verdict of boss"); });
    CHECK(find(report, "boss/child")->state == "failed");
    CHECK(waits(report, "calm/child", "its restart"));
    CHECK(find(report, "calm/child")->state == "down");
    check_ends(of, t);
}

TEST_CASE("paths: through all parents, by type and number without a name, cut in front") {
    trap              t;
    threaded          of{{.workers = 2}};
    std::string const long_name(60, 'x');
    static_cast<void>(of.spawn<held>());
    auto const bank = of.spawn<parent>(name{long_name});
    bank.ask(get{}).get().send(fall_in{&t});
    t.inside.wait();
    stop_report const report = of.stop(1ms);
    bool              cut = false;
    bool              numbered = false;
    for (straggler const& s : report.stragglers) {
        cut = cut || (s.path.size() == 63 && s.path.starts_with("...xxx") &&
                      s.path.ends_with("xxx/teller"));
        numbered = numbered || s.path.starts_with("held#");
    }
    CHECK(cut);
    CHECK(numbered);
    check_ends(of, t);
}

}  // namespace test_report
