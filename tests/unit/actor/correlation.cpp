// SPDX-License-Identifier: BSL-1.0

// To which request a message belongs goes from message to message, as far as their actors have an
// envelope, and stands in each line of the log.

#include <string>
#include <vector>

#include <troupe/testing.hpp>
#include <troupe/troupe.hpp>

#include "support/catch.hpp"
#include "support/systems.hpp"

namespace test_correlation {

using namespace std::chrono_literals;
using troupe::correlation_id;

struct config : troupe::defaults {
    using scheduler_type = troupe::run_loop_scheduler;
    using clock_type = troupe::manual_clock;
    using log_type = troupe::memory_log;
};
struct bench {
    troupe::manual_clock         clock;
    troupe::basic_system<config> system{{.clock = &clock}};
    void                         settle() {
        while (system.run_until_idle() != 0) {}
    }
};

constexpr correlation_id request{7, 9};

struct step {};
struct later {};
struct beat {};
struct number {};
struct watch_me {
    troupe::any_ref whom;
};

using seen_ids = std::vector<std::pair<std::string, correlation_id>>;

/// The last in a chain.
class last {
public:
    using protocol = troupe::protocol<void(step), int(number), void(later), void(beat)>;
    using envelope_type = troupe::with_correlation;
    explicit last(seen_ids* seen) : seen_(seen) {}
    void on(step, troupe::context<last>& self) { note("step", self); }
    int  on(number, troupe::context<last>& self) {
        note("number", self);
        return 1;
    }
    void on(later, troupe::context<last>& self) { note("later", self); }
    void on(beat, troupe::context<last>& self) { note("beat", self); }

private:
    void note(char const* what, troupe::context<last>& self) {
        seen_->emplace_back(what, self.correlation());
    }
    seen_ids* seen_;
};

/// In the middle: with an envelope, with or without asking what is in it, or with none.
template <class Envelope>
struct said_by {
    using envelope_type = Envelope;
};
struct no_envelope {};
template <>
struct said_by<no_envelope> {};

template <class Envelope>
class middle : public said_by<Envelope> {
public:
    using protocol = troupe::protocol<void(step)>;
    explicit middle(troupe::ref<last> to) : to_(to) {}
    troupe::task<void> on(step) {
        to_.send(step{});
        int const one = co_await to_.ask(number{});  // and when it goes on
        if (one == 1) to_.send(later{});
    }

private:
    troupe::ref<last> to_;
};

/// Says what a request is.
template <class Next>
class first {
public:
    using protocol = troupe::protocol<void(step)>;
    using envelope_type = troupe::with_correlation;
    explicit first(troupe::ref<Next> to) : to_(to) {}
    void on(step, troupe::context<first>& self) {
        CHECK_FALSE(self.correlation());
        self.correlate(request);
        CHECK(self.correlation() == request);
        CHECK(self.correlate() == request);  // it has one
        to_.send(step{});
        self.log(troupe::log_level::info, "begun");
    }

private:
    troupe::ref<Next> to_;
};

TEMPLATE_TEST_CASE("an identifier goes along with what is sent and asked for a message", "",
                   troupe::with_sender, troupe::with_correlation) {
    bench    w;
    seen_ids seen;
    auto     end = w.system.spawn<last>(&seen);
    auto     half = w.system.spawn<middle<TestType>>(end);
    auto     begin = w.system.spawn<first<middle<TestType>>>(half);
    begin.send(step{});
    w.settle();
    REQUIRE(seen == seen_ids{{"step", request}, {"number", request}, {"later", request}});
    auto const line = w.system.log_sink().last("begun");
    REQUIRE(line.has_value());
    CHECK(line->correlation == request);
    // The next message belongs to nothing.
    half.send(step{});
    w.settle();
    CHECK(seen.back() == seen_ids::value_type{"later", correlation_id{}});
}

TEST_CASE("an actor without an envelope passes on none") {
    bench    w;
    seen_ids seen;
    auto     end = w.system.spawn<last>(&seen);
    auto     half = w.system.spawn<middle<no_envelope>>(end);
    w.system.spawn<first<middle<no_envelope>>>(half).send(step{});
    w.settle();
    REQUIRE(seen.size() == 3);
    for (auto const& [what, id] : seen) CHECK_FALSE(id);
}

/// Arms timers, and is told of an end while another message waits.
class timed {
public:
    using protocol = troupe::protocol<void(step), void(later), void(beat), void(watch_me)>;
    using envelope_type = troupe::with_correlation;
    timed(troupe::ref<last> to, seen_ids* seen) : to_(to), seen_(seen) {}
    void started(troupe::context<timed>& self) {
        seen_->emplace_back("started", self.correlation());
    }
    void on(step, troupe::context<timed>& self) {
        correlation_id const id = self.correlate();
        CHECK(id);
        self.after(1s, later{});
        self.every(2s, beat{});
        seen_->emplace_back("step", id);
    }
    void on(later, troupe::context<timed>& self) {
        seen_->emplace_back("later", self.correlation());
    }
    void on(beat, troupe::context<timed>& self) { seen_->emplace_back("beat", self.correlation()); }
    troupe::task<void> on(watch_me w, troupe::context<timed>& self) {
        static_cast<void>(self.watch(w.whom));
        self.stop(w.whom);
        auto ask = to_.ask(number{});
        static_cast<void>(co_await ask);  // it has ended by then
    }
    void on(troupe::terminated const&, troupe::context<timed>& self) {
        seen_->emplace_back("terminated", self.correlation());
        self.correlate(request);  // of no message
        to_.send(step{});
    }

private:
    troupe::ref<last> to_;
    seen_ids*         seen_;
};

TEST_CASE("a timer's message belongs to what it was armed for, each time") {
    bench    w;
    seen_ids seen;
    seen_ids at_end;
    auto     who = w.system.spawn<timed>(w.system.spawn<last>(&at_end), &seen);
    who.send(step{});
    w.settle();
    for (int i = 0; i < 4; ++i) {
        w.clock.advance(1s);
        w.settle();
    }
    REQUIRE(seen.size() == 5);
    CHECK(seen[0] == seen_ids::value_type{"started", correlation_id{}});
    auto const id = seen[1].second;
    CHECK(id);
    CHECK(seen[2] == seen_ids::value_type{"later", id});
    CHECK(seen[3] == seen_ids::value_type{"beat", id});
    CHECK(seen[4] == seen_ids::value_type{"beat", id});
    w.system.stop(who);
    w.settle();
}

/// Sends two messages for one request.
class driver {
public:
    using protocol = troupe::protocol<void(watch_me)>;
    using envelope_type = troupe::with_correlation;
    explicit driver(troupe::ref<timed> to) : to_(to) {}
    void on(watch_me w, troupe::context<driver>& self) {
        self.correlate(request);
        to_.send(w);
        to_.send(beat{});
    }

private:
    troupe::ref<timed> to_;
};

TEST_CASE("who is told of an end handles no message, not even the one that waits behind it") {
    bench    w;
    seen_ids seen;
    seen_ids at_end;
    auto     end = w.system.spawn<last>(&at_end);
    auto     who = w.system.spawn<timed>(end, &seen);
    auto     victim = w.system.spawn<middle<no_envelope>>(end);
    w.system.spawn<driver>(who).send(watch_me{victim});
    w.settle();
    REQUIRE(seen == seen_ids{{"started", {}}, {"terminated", {}}, {"beat", request}});
    REQUIRE(at_end == seen_ids{{"number", request}, {"step", {}}});
}

TEST_CASE("lines of people and of JSON have the identifier of a message, if it has one") {
    for (bool const some : {false, true}) {
        troupe::log_record record{.level = troupe::log_level::info, .event = "paid"};
        if (some) record.correlation = request;
        char             place[256];
        troupe::log_line line{place};
        troupe::console_formatter{}.format(record, {}, line);
        CHECK(line.text() ==
              (some ? "info: paid correlation=00000000000000070000000000000009" : "info: paid"));
        troupe::log_line other{place};
        troupe::json_formatter<>{}.format(record, {}, other);
        CHECK((std::string{other.text()}.find(
                   "\"correlation\":\"00000000000000070000000000000009\"") != std::string::npos) ==
              some);
    }
}

}  // namespace test_correlation
