// SPDX-License-Identifier: BSL-1.0
#include "troupe/remote/link_life.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "support/nodes.hpp"
#include "support/raw_peer.hpp"

namespace test_link_life {

using namespace troupe_test;
using troupe::ask_errc;
using troupe::connect_status;
using troupe::link_options;
using troupe::link_state;

struct put {
    int value;
};
struct sum {};
struct slow {};
class store {
public:
    using protocol = troupe::protocol<void(put), int(sum), int(slow)>;
    void on(put p) { sum_ += p.value; }
    int  on(sum) const { return sum_; }
    void on(slow, troupe::reply<int> r) { kept_.push_back(std::move(r)); }

private:
    int                             sum_ = 0;
    std::vector<troupe::reply<int>> kept_;
};

TEST_CASE("a peer that breaks the rules and is gone when it is told so ends the connection once") {
    two_sides w;
    for (int i = 0; i < 3; ++i) {
        auto transport = w.network.transport();
        auto made = transport.connect(*troupe::parse_endpoint("loopback://server"), {});
        REQUIRE(made.has_value());
        auto       bytes = raw_peer::greeting();
        auto const bad = bytes_of({2, 0, 0, 0, 200, 0});
        if (i == 1) bytes = bad;
        else bytes.insert(bytes.end(), bad.begin(), bad.end());
        std::span<std::byte const> const list[] = {bytes};
        static_cast<void>(made->send(list));
        made->close();
        w.settle();
    }
    auto there = w.there.spawn<store>();
    w.server->expose("store", there);
    auto far = w.client->resolve<store>("loopback://server", "store");
    auto r = w.outcome(far.ask(sum{}));
    REQUIRE(r.has_value());
}

TEST_CASE("asks that have expired are not kept, whatever else is said") {
    bool const other = GENERATE(false, true);
    two_sides  w;
    w.server->expose("store", w.there.spawn<store>());
    auto far = w.client->resolve<store>("loopback://server", "store");
    w.settle();
    for (int i = 0; i < 200; ++i) {
        auto asked = far.ask(slow{}).within(100ms);
        asked.start();
        w.settle();
        w.pass(1s, 500ms);
        if (other) far.send(put{i});
        REQUIRE_FALSE(asked.result().has_value());
    }
    CHECK(w.status().asks <= 6);  // of one heartbeat
    CHECK(w.status().connects == 1);
}

TEST_CASE("a drain does not wait for an ask that has expired") {
    two_sides w;
    w.server->expose("store", w.there.spawn<store>());
    auto far = w.client->resolve<store>("loopback://server", "store");
    auto asked = far.ask(slow{}).within(1s);
    asked.start();
    w.settle();
    auto drain = w.client->drain("loopback://server", 1h);
    drain.start();
    w.pass(10s, 500ms);
    auto const r = drain.result();
    REQUIRE(r.has_value());
    CHECK(r->complete);
    CHECK_FALSE(asked.result().has_value());
}

TEST_CASE("what a drain had to abandon is counted once") {
    bool const lost = GENERATE(false, true);
    two_sides  w;
    auto       there = w.there.spawn<store>();
    w.server->expose("store", there);
    auto far = w.client->resolve<store>("loopback://server", "store");
    std::vector<decltype(far.ask(slow{}))> asks;
    for (int i = 0; i < 3; ++i) {
        asks.push_back(far.ask(slow{}));
        asks.back().start();
    }
    w.settle();
    auto drain = w.client->drain("loopback://server", 1s);
    drain.start();
    w.settle();
    if (lost) w.network.reset();
    w.advance(1s);
    auto const r = drain.result();
    REQUIRE(r.has_value());
    CHECK_FALSE(r->complete);
    CHECK(r->abandoned == 3);
}

TEST_CASE("deadlines of any length are none in the end, and do not overflow") {
    auto const   most = troupe::duration{INT64_MAX};
    link_options o = plain_links();
    o.connect_deadline = o.handshake_deadline = o.write_deadline = o.idle_deadline = most;
    o.backoff.first = o.backoff.max = o.backoff.reset_after = most;
    two_sides w{o, o};
    auto      there = w.there.spawn<store>();
    w.server->expose("store", there);
    auto far = w.client->resolve<store>("loopback://server", "store");
    auto r = w.outcome(far.ask(sum{}));
    REQUIRE(r.has_value());
    w.network.reset();
    w.settle();
    CHECK(w.status().state == link_state::backing_off);
}

TEST_CASE("two hundred links that lose their peer at once do not come back at once") {
    link_options o;
    two_sides    w{o, o};
    // Nobody listens at any of these: each attempt fails at once.
    constexpr int                 links = 200;
    constexpr int                 retries = 7;
    std::vector<std::vector<int>> when(retries);
    std::vector<std::string>      places;
    std::vector<unsigned>         attempts(links, 0);
    using request = decltype(w.client->status(""));
    for (int i = 0; i < links; ++i) {
        places.push_back("loopback://nobody" + std::to_string(i));
        auto r = w.client->connect(places.back());
        r.start();
        w.settle();
        // From here on it is needed by a reference.
        static_cast<void>(w.client->resolve<store>(places.back(), "store"));
    }
    w.settle();
    std::vector<troupe::any_ref> keep;
    auto const                   look = [&](int now) {
        std::vector<request> all;
        all.reserve(links);
        for (auto const& p : places) {
            all.push_back(w.client->status(p));
            all.back().start();
        }
        w.settle();
        for (std::size_t i = 0; i < links; ++i) {
            auto const s = all[i].result();
            REQUIRE(s.has_value());
            for (; attempts[i] < s->attempts; ++attempts[i]) {
                if (attempts[i] >= 1 && attempts[i] <= retries) {
                    when[attempts[i] - 1].push_back(now);
                }
            }
        }
    };
    look(0);
    for (int now = 10; now <= 60'000; now += 10) {
        w.clock.advance(10ms);
        w.here.run_until_idle();
        if (now % 20 == 0) look(now);
    }
    auto const busiest = [&](int retry) {
        auto& t = when[static_cast<std::size_t>(retry - 1)];
        REQUIRE(t.size() == links);
        std::sort(t.begin(), t.end());
        std::size_t most = 0;
        for (std::size_t a = 0, b = 0; b < t.size(); ++b) {
            while (t[b] - t[a] >= 100) ++a;
            most = std::max(most, b - a + 1);
        }
        return static_cast<int>(most * 100 / links);
    };
    CHECK(busiest(1) <= 38);
    CHECK(busiest(5) <= 12);
    CHECK(busiest(7) <= 7);
}

}  // namespace test_link_life
