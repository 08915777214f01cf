// SPDX-License-Identifier: BSL-1.0
#include "troupe/remote/link_options.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/nodes.hpp"
#include "troupe/meta/fields.hpp"

namespace test_link_options {

using namespace troupe_test;
using troupe::backoff_options;
using troupe::link_options;
using troupe::link_state;

struct put {
    int value;
};
struct sum {};
struct echo {
    std::string text;
};
class store {
public:
    using protocol = troupe::protocol<void(put), int(sum), std::string(echo)>;
    void        on(put) {}
    int         on(sum) const { return 7; }
    std::string on(echo e) { return e.text; }
};

/// Both sides have the same options.
struct world : two_sides {
    explicit world(link_options const& o) : two_sides(o, o) {
        server->expose("store", there.spawn<store>());
    }
    auto reach() { return client->resolve<store>("loopback://server", "store"); }
    /// In milliseconds, on the clock of the test; an hour: never.
    template <class Condition>
    long until(Condition const& holds, troupe::duration step = 10ms) {
        troupe::duration passed{0};
        while (!holds() && passed < 1h) {
            advance(step);
            passed += step;
        }
        return static_cast<long>(passed / 1ms);
    }
    long until_state_is(link_state s) {
        return until([&] { return status().state == s; });
    }
    long until_state_is_not(link_state s) {
        return until([&] { return status().state != s; });
    }
    long until_attempts_are(unsigned n, troupe::duration step = 10ms) {
        return until([&] { return status().attempts >= n; }, step);
    }
};

link_options plain(auto const& change) {
    link_options o = plain_links();
    change(o);
    return o;
}

long until_given_up_connecting(link_options const& o) {
    world w{o};
    w.network.partition();
    auto attempt = w.client->connect("loopback://server");
    attempt.start();
    w.settle();
    REQUIRE(w.status().state == link_state::connecting);
    return w.until_state_is_not(link_state::connecting);
}
long until_given_up_greeting(link_options const& o) {
    world w{o};
    auto  transport = w.network.transport();
    auto  mute = transport.listen("loopback://mute", {});
    REQUIRE(mute.has_value());
    auto attempt = w.client->connect("loopback://mute");
    attempt.start();
    w.settle();
    auto const taken = mute->accept({});
    auto const state = [&] { return w.outcome(w.client->status("loopback://mute"))->state; };
    return w.until([&] { return state() != link_state::connecting; });
}
long frames_of_ten_seconds(link_options const& o) {
    world w{o};
    REQUIRE(w.connect());
    auto const before = w.status().frames_received;
    w.pass(10s);
    return static_cast<long>(w.status().frames_received - before);
}
long until_silence_is_noticed(link_options const& o) {
    world w{o};
    REQUIRE(w.connect());
    w.network.partition();
    return w.until_state_is_not(link_state::up);
}
long until_a_full_wire_is_given_up(link_options const& given) {
    link_options o = given;
    o.heartbeats_missed_max = 100;  // this is not about silence
    world w{o};
    auto  far = w.reach();
    w.settle();
    w.network.partition(troupe::loopback_way::to_listener);
    for (int i = 0; i < 400; ++i) {
        for (int k = 0; k < 100; ++k) static_cast<void>(far.try_send(put{1}));
        w.settle();
    }
    return w.until_state_is_not(link_state::up);
}
long until_unused_is_closed(link_options const& o) {
    world w{o};
    REQUIRE(w.connect());
    return w.until_state_is(link_state::idle);
}
/// Nobody listens.
long until_attempts(link_options const& o, unsigned n, troupe::duration step) {
    world w{o};
    w.server.reset();
    static_cast<void>(w.reach());
    w.settle();
    return w.until_attempts_are(n, step);
}
long until_the_second_attempt(link_options const& o) { return until_attempts(o, 2, 10ms); }
long until_the_fourth_attempt(link_options const& o) { return until_attempts(o, 4, 1ms); }
long until_the_sixth_attempt(link_options const& o) { return until_attempts(o, 6, 10ms); }
/// It has failed four times, has stood five seconds, and is lost again.
long wait_after_five_good_seconds(link_options const& o) {
    world w{o};
    w.server.reset();
    static_cast<void>(w.reach());
    w.settle();
    w.until_attempts_are(4);
    w.start_server();
    w.until_state_is(link_state::up);
    w.pass(5s);
    w.network.reset();
    w.settle();
    REQUIRE(w.status().state == link_state::backing_off);
    return w.until_state_is_not(link_state::backing_off);
}
long large_asks_that_are_answered(link_options const& o) {
    world w{o};
    auto  far = w.reach();
    long  answered = 0;
    for (std::size_t const size : {10u, 5'000u}) {
        if (w.outcome(far.ask<echo>(std::string(size, 'x'))).has_value()) ++answered;
    }
    return answered;
}
long taken_while_nobody_takes(link_options const& o) {
    world w{o};
    auto  far = w.reach();
    w.settle();
    long accepted = 0;
    for (int i = 0; i < 8'000; ++i) {
        if (far.try_send(put{1}) == troupe::send_status::accepted) ++accepted;
        w.here.run_until_idle();  // the other side does not run
    }
    return accepted;
}
long references_that_are_open(link_options const& o) {
    world w{o};
    long  open = 0;
    for (int i = 0; i < 4; ++i) {
        auto const far = w.reach();
        w.settle();
        if (w.outcome(w.client->resolution_of(far))->open) ++open;
    }
    return open;
}
long until_an_answer(link_options const& o) {
    world w{o};
    auto  far = w.reach();
    w.pass(1s);
    auto asked = far.ask(sum{});
    asked.start();
    w.settle();
    return w.until([&] { return w.status().asks == 0; }, 1ms);
}

using change = void (*)(link_options&);
/// A field, three values of it, and what is seen of it.
struct row {
    std::string_view name;
    change           one;
    change           other;
    long (*measure)(link_options const&);
    long   of_one;    // what is measured; -1: what is by chance
    long   of_other;  // the same
    change bad;       // is refused
};
#define TROUPE_SET(what) [](link_options& o) { o.what; }
row const rows[] = {
    {"connect_deadline", TROUPE_SET(connect_deadline = 1s), TROUPE_SET(connect_deadline = 3s),
     until_given_up_connecting, 1'000, 3'000, TROUPE_SET(connect_deadline = 0s)},
    {"handshake_deadline", TROUPE_SET(handshake_deadline = 1s), TROUPE_SET(handshake_deadline = 3s),
     until_given_up_greeting, 1'000, 3'000, TROUPE_SET(handshake_deadline = 0s)},
    {"heartbeat", TROUPE_SET(heartbeat = 1s), TROUPE_SET(heartbeat = 2s), frames_of_ten_seconds, 10,
     5, TROUPE_SET(heartbeat = 0s)},
    {"heartbeats_missed_max", TROUPE_SET(heartbeats_missed_max = 1),
     TROUPE_SET(heartbeats_missed_max = 3), until_silence_is_noticed, 5'000, 15'000,
     TROUPE_SET(heartbeats_missed_max = 101)},
    {"write_deadline", TROUPE_SET(write_deadline = 1s), TROUPE_SET(write_deadline = 3s),
     until_a_full_wire_is_given_up, 1'000, 3'000, TROUPE_SET(write_deadline = 0s)},
    {"idle_deadline", TROUPE_SET(idle_deadline = 5s), TROUPE_SET(idle_deadline = 8s),
     until_unused_is_closed, 5'000, 8'000, TROUPE_SET(idle_deadline = -1s)},
    {"backoff.first", TROUPE_SET(backoff.first = 1s), TROUPE_SET(backoff.first = 2s),
     until_the_second_attempt, 1'000, 2'000, TROUPE_SET(backoff.first = 0s)},
    {"backoff.max", TROUPE_SET(backoff.max = 2s), TROUPE_SET(backoff.max = 60s),
     until_the_sixth_attempt, 1'000 + 4 * 2'000, 31'000, TROUPE_SET(backoff.max = -1s)},
    {"backoff.factor", TROUPE_SET(backoff.factor = 1), TROUPE_SET(backoff.factor = 2),
     until_the_fourth_attempt, 3'000, 7'000, TROUPE_SET(backoff.factor = 0.5)},
    {"backoff.jitter", TROUPE_SET(backoff.jitter = 0), TROUPE_SET(backoff.jitter = 1),
     until_the_fourth_attempt, 7'000, -1, TROUPE_SET(backoff.jitter = 1.5)},
    {"backoff.reset_after", TROUPE_SET(backoff.reset_after = 4s),
     TROUPE_SET(backoff.reset_after = 6s), wait_after_five_good_seconds, 1'000, 8'000,
     TROUPE_SET(backoff.reset_after = -1s)},
    {"frame_max", TROUPE_SET(frame_max = 1'000), TROUPE_SET(frame_max = 100'000),
     large_asks_that_are_answered, 1, 2, TROUPE_SET(frame_max = 63)},
    {"window", TROUPE_SET(window = 1'024), TROUPE_SET(window = 65'536), taken_while_nobody_takes,
     -1, -1, TROUPE_SET(window = 1'023)},
    {"channels_max", TROUPE_SET(channels_max = 1), TROUPE_SET(channels_max = 3),
     references_that_are_open, 1, 3, TROUPE_SET(channels_max = 0)},
    {"coalesce", TROUPE_SET(coalesce = 0s), TROUPE_SET(coalesce = 20ms), until_an_answer, 0, 40,
     TROUPE_SET(coalesce = 2s)},  // the question, and the answer
};
#undef TROUPE_SET

template <class Options, std::size_t... At>
void add_names(std::set<std::string>& to, std::string const& before, std::index_sequence<At...>) {
    (to.insert(before + std::string{troupe::field_name<Options, At>()}), ...);
}
template <class Options>
void add_names(std::set<std::string>& to, std::string const& before) {
    add_names<Options>(to, before, std::make_index_sequence<troupe::field_count<Options>>{});
}

TEST_CASE("every option of links has a row here, and no row is of nothing") {
    std::set<std::string> fields;
    add_names<link_options>(fields, "");
    fields.erase("backoff");
    add_names<backoff_options>(fields, "backoff.");
    std::set<std::string> named;
    for (row const& r : rows) named.insert(std::string{r.name});
    CHECK(fields == named);
}

TEST_CASE("every option of links changes what a link does") {
    for (row const& r : rows) {
        INFO(r.name);
        long const one = r.measure(plain(r.one));
        long const other = r.measure(plain(r.other));
        CHECK(one != other);
        if (r.of_one >= 0) CHECK(one == r.of_one);
        if (r.of_other >= 0) CHECK(other == r.of_other);
    }
}

TEST_CASE("every option of links outside its range is refused, with its name and the range") {
    troupe::manual_clock     clock;
    troupe::loopback_network network{clock};
    remote_system            system{{.clock = &clock}};
    for (row const& r : rows) {
        INFO(r.name);
        std::string said;
        try {
            memory_node n{system, {.listen = {}, .link = plain(r.bad)}, network.transport()};
        } catch (troupe::node_error const& e) { said = e.what(); }
        CHECK(said.starts_with("node: config: " + std::string{r.name}));
        CHECK(said.find(" outside the allowed range [") != std::string::npos);
    }
}

TEST_CASE("by default silence is noticed within fifteen seconds, and waits are those of gRPC") {
    CHECK(until_silence_is_noticed({}) <= 15'000);
    link_options const o;
    // 1 s, times 1.6, up to 120 s, 20 % more or less: what is taken off goes from the largest.
    CHECK(o.write_deadline == 30s);
    CHECK(o.idle_deadline == 120s);
    CHECK(o.backoff.first == 1200ms);
    CHECK(o.backoff.max == 144s);
    CHECK(o.backoff.factor == 1.6);
    CHECK(1.2 * (1 - o.backoff.jitter) > 0.7999);
    CHECK(1.2 * (1 - o.backoff.jitter) < 0.8001);
}

}  // namespace test_link_options
