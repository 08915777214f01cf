// SPDX-License-Identifier: BSL-1.0
#include "troupe/remote/link.hpp"

#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "support/nodes.hpp"
#include "support/raw_peer.hpp"

namespace test_link {

using namespace troupe_test;
using namespace troupe::detail;
using troupe::ask_errc;
using troupe::connect_status;
using troupe::link_options;
using troupe::link_state;

struct put {
    int value;
};
struct sum {};
class store {
public:
    using protocol = troupe::protocol<void(put), int(sum)>;
    void on(put p) { sum_ += p.value; }
    int  on(sum) const { return sum_; }

private:
    int sum_ = 0;
};

// A good client after all that.
void serves_others(two_sides& w) {
    auto there = w.there.spawn<store>();
    REQUIRE(w.server->try_expose("good", there).has_value());
    auto far = w.client->resolve<store>("loopback://server", "good");
    auto r = w.outcome(far.ask(sum{}));
    REQUIRE(r.has_value());
    CHECK(*r == 0);
}

struct abuse {
    std::string            words;
    std::vector<std::byte> bytes;
    bool                   greets = true;
};

TEST_CASE("each bad frame is answered with its reason, whole, byte by byte, and glued") {
    std::vector<abuse> const all = {
        {"frame: length 0 outside [2,1048576]", bytes_of({0, 0, 0, 0})},
        {"frame: length 1 outside [2,1048576]", bytes_of({1, 0, 0, 0, 1})},
        {"frame: length 1048577 outside [2,1048576]", bytes_of({1, 0, 16, 0})},
        {"frame: length 4294967295 outside [2,1048576]", bytes_of({255, 255, 255, 255})},
        {"frame: reserved flag 1", bytes_of({2, 0, 0, 0, 3, 1})},
        {"frame: unknown kind 200", bytes_of({2, 0, 0, 0, 200, 0})},
        {"frame: cut short", bytes_of({6, 0, 0, 0, 7, 0, 1, 0, 0, 0})},
        {"session: frame in state up", raw_peer::greeting()},
        {"session: frame in state handshake", bytes_of({2, 0, 0, 0, 3, 0}), false},
        {"handshake: not a troupe node", bytes_of({8, 0, 0, 0, 1, 0, 1, 2, 3, 4, 5, 6}), false},
        {"frame: length 542393671 outside [2,1048576]", bytes_of({'G', 'E', 'T', ' ', '/'}), false},
        {"handshake: codec other there, troupe-binary-1 here", raw_peer::greeting("other"), false},
    };
    for (abuse const& a : all) {
        for (int how = 0; how < 3; ++how) {
            INFO(a.words << ", way " << how);
            two_sides w;
            {
                raw_peer p{w};
                if (how == 2 && a.greets) {
                    auto glued = raw_peer::greeting();
                    glued.insert(glued.end(), a.bytes.begin(), a.bytes.end());
                    p.say(glued);
                } else {
                    if (a.greets) p.say(raw_peer::greeting());
                    if (how == 1) {
                        for (std::byte const b : a.bytes) p.say({b});
                    } else {
                        p.say(a.bytes);
                    }
                }
                CHECK(p.goodbye() == a.words);
                CHECK(p.gone);
            }
            serves_others(w);
        }
    }
}

TEST_CASE("a message of a type that the actor does not have is dropped, and the connection stays") {
    two_sides w;
    auto      there = w.there.spawn<store>();
    w.server->expose("store", there);
    raw_peer p{w};
    p.say(raw_peer::greeting());
    p.say(raw_peer::frame_of(frame_kind::open, [](troupe::byte_writer& body) {
        write_number(body, std::uint32_t{1});
        write_number(body, troupe::protocol_fingerprint<store::protocol>);
        write_text(body, "store");
    }));
    p.say(raw_peer::frame_of(frame_kind::message, [](troupe::byte_writer& body) {
        write_number(body, std::uint32_t{1});
        write_number(body, std::uint32_t{12345});
    }));
    // too short, then too long
    for (int const size : {3, 5}) {
        p.say(raw_peer::frame_of(frame_kind::message, [&](troupe::byte_writer& body) {
            write_number(body, std::uint32_t{1});
            write_number(body, troupe::wire_id<put>);
            for (int i = 0; i < size; ++i) write_number(body, std::uint8_t{1});
        }));
    }
    p.say(raw_peer::frame_of(frame_kind::message, [&](troupe::byte_writer& body) {
        write_number(body, std::uint32_t{1});
        write_number(body, troupe::wire_id<put>);
        write_number(body, std::uint32_t{9});
    }));
    CHECK(p.goodbye().empty());
    CHECK_FALSE(p.gone);
    auto asked = there.ask(sum{});
    asked.start();
    w.settle();
    CHECK(*asked.result() == 9);
}

TEST_CASE("who connects and says nothing is sent away after the handshake deadline") {
    link_options server = plain_links();
    server.handshake_deadline = 3s;
    two_sides w{server};
    raw_peer  p{w};
    w.advance(2999ms);
    CHECK(p.goodbye().empty());
    CHECK_FALSE(p.gone);
    w.advance(1ms);
    static_cast<void>(p.goodbye());
    CHECK(p.gone);
}

// A server that takes connections and does nothing.
class mute_server {
public:
    explicit mute_server(two_sides& w, char const* at) : transport_(w.network) {
        auto made = transport_.listen(*troupe::parse_endpoint(at), {});
        REQUIRE(made.has_value());
        listener_.emplace(std::move(*made));
    }
    void take() {
        auto made = listener_->accept({});
        REQUIRE(made.has_value());
        connection_ = std::move(*made);
    }
    troupe::loopback_transport               transport_;
    std::optional<troupe::loopback_listener> listener_;
    troupe::loopback_connection              connection_;
};

TEST_CASE("a server that says nothing fails the handshake, within its deadline") {
    link_options client = plain_links();
    client.handshake_deadline = 2s;
    two_sides   w{plain_links(), client};
    mute_server mute{w, "loopback://mute"};
    auto        attempt = w.client->connect("loopback://mute");
    attempt.start();
    w.settle();
    mute.take();
    w.advance(2s);
    auto const r = attempt.result();
    REQUIRE(r.has_value());
    CHECK(r->status == connect_status::handshake_failed);
    CHECK(r->words == "timed out: handshake deadline");
}

TEST_CASE("a connection that does not come about is given up after the connect deadline") {
    link_options client = plain_links();
    client.connect_deadline = 4s;
    two_sides w{plain_links(), client};
    w.network.partition();
    auto attempt = w.client->connect("loopback://server");
    attempt.start();
    w.settle();
    w.advance(3999ms);
    CHECK(w.status().state == link_state::connecting);
    w.advance(1ms);
    auto const r = attempt.result();
    REQUIRE(r.has_value());
    CHECK(r->status == connect_status::timed_out);
}

TEST_CASE("a peer that takes nothing is given up after the write deadline") {
    link_options client = plain_links();
    client.write_deadline = 3s;
    client.heartbeats_missed_max = 100;
    two_sides w{plain_links(), client};
    auto      there = w.there.spawn<store>();
    w.server->expose("store", there);
    auto far = w.client->resolve<store>("loopback://server", "store");
    w.settle();
    w.network.partition(troupe::loopback_way::to_listener);
    for (int i = 0; i < 400 && w.status().state == link_state::up; ++i) {
        for (int k = 0; k < 100; ++k) static_cast<void>(far.try_send(put{1}));
        w.settle();
    }
    CHECK(w.status().state == link_state::up);
    w.advance(2999ms);
    CHECK(w.status().state == link_state::up);
    w.advance(2ms);
    CHECK(w.status().last_error == "timed out: write deadline");
    CHECK(w.status().unconfirmed > 0);
}

TEST_CASE("an unused connection is closed after the idle deadline, and made again when needed") {
    link_options client = plain_links();
    client.idle_deadline = 30s;
    two_sides w{plain_links(), client};
    CHECK(w.connect().status == connect_status::established);
    w.pass(29s, 500ms);
    CHECK(w.status().state == link_state::up);
    w.pass(1s, 500ms);
    CHECK(w.status().state == link_state::idle);
    serves_others(w);
    CHECK(w.status().state == link_state::up);
    w.pass(5min, 500ms);
    CHECK(w.status().state == link_state::up);
}

TEST_CASE("a link that nobody has any more goes, wherever it led") {
    two_sides w;
    serves_others(w);
    auto const before = w.here.books().actors;
    for (int i = 0; i < 200; ++i) {
        std::string const place = "loopback://place-" + std::to_string(i);
        auto const        far = w.client->resolve<store>(place, "store");
        w.settle();
        w.here.stop(far);
        w.settle();
        auto const known = w.outcome(w.client->status("loopback://other-" + std::to_string(i)));
        CHECK(known->state == link_state::idle);
    }
    w.pass(60s, 1s);
    CHECK(w.here.books().actors <= before);
    // The one that is needed stays.
    CHECK(w.status().connects == 1);
}

TEST_CASE("heartbeats are as often as the options say") {
    link_options often = plain_links();
    often.heartbeat = 1s;
    two_sides w{often, often};
    CHECK(w.connect().status == connect_status::established);
    auto const before = w.status().frames_received;
    w.pass(10s, 500ms);
    CHECK(w.status().frames_received - before == 10);
}

TEST_CASE("frames wait for each other as long as the options say") {
    link_options gathers = plain_links();
    gathers.coalesce = 20ms;
    two_sides w{plain_links(), gathers};
    auto      there = w.there.spawn<store>();
    w.server->expose("store", there);
    auto far = w.client->resolve<store>("loopback://server", "store");
    w.pass(100ms, 5ms);
    auto asked = far.ask(sum{});
    asked.start();
    w.settle();
    w.advance(19ms);
    CHECK(w.status().asks == 1);
    w.advance(1ms);
    CHECK(w.status().asks == 0);
    CHECK(asked.result().has_value());
}

TEST_CASE("the window bounds what is on its way to an actor, and opens again") {
    link_options narrow = plain_links();
    narrow.window = 1024;
    two_sides w{narrow, narrow};
    auto      there = w.there.spawn<store>();
    w.server->expose("store", there);
    auto far = w.client->resolve<store>("loopback://server", "store");
    w.settle();
    // The server does not run: what is sent fills the window, then the mailbox of the reference.
    int accepted = 0;
    for (int i = 0; i < 3'000; ++i) {
        if (far.try_send(put{1}) == troupe::send_status::accepted) ++accepted;
        w.here.run_until_idle();
    }
    CHECK(accepted < 1'024 + 1'024 / 18 + 3);
    CHECK(accepted > 1'000);
    w.settle();
    auto r = w.outcome(far.ask(sum{}));
    REQUIRE(r.has_value());
    CHECK(*r == accepted);
}

TEST_CASE("options outside their range are refused by name") {
    troupe::manual_clock     clock;
    troupe::loopback_network network{clock};
    remote_system            system{{.clock = &clock}};
    auto const               words = [&](auto const& change) {
        troupe::node_options o;
        change(o.link);
        try {
            memory_node n{system, o, network.transport()};
        } catch (troupe::node_error const& e) { return std::string{e.what()}; }
        return std::string{};
    };
    CHECK(words([](link_options&) {}).empty());
    CHECK(words([](link_options& o) { o.heartbeats_missed_max = 0; }) ==
          "node: config: heartbeats_missed_max: 0 is outside the allowed range [1, 100]");
    CHECK(words([](link_options& o) { o.frame_max = 63; }) ==
          "node: config: frame_max: 63 is outside the allowed range [64, 1073741824]");
    CHECK(words([](link_options& o) { o.window = 1; }) ==
          "node: config: window: 1 is outside the allowed range [1024, 1073741824]");
    CHECK_FALSE(words([](link_options& o) { o.connect_deadline = 0s; }).empty());
    CHECK_FALSE(words([](link_options& o) { o.handshake_deadline = -1s; }).empty());
    CHECK_FALSE(words([](link_options& o) { o.heartbeat = 0s; }).empty());
    CHECK_FALSE(words([](link_options& o) { o.write_deadline = 0s; }).empty());
    CHECK_FALSE(words([](link_options& o) { o.idle_deadline = -1s; }).empty());
    CHECK_FALSE(words([](link_options& o) { o.backoff.first = 0s; }).empty());
    CHECK_FALSE(words([](link_options& o) { o.backoff.factor = 0.5; }).empty());
    CHECK_FALSE(words([](link_options& o) { o.backoff.jitter = 2; }).empty());
    CHECK_FALSE(words([](link_options& o) { o.coalesce = 2s; }).empty());
}

std::string drawing() {
    std::string text = "```mermaid\nstateDiagram-v2\n";
    for (link_step const& s : link_steps) {
        text.append("    ").append(to_string(s.from)).append(" --> ").append(to_string(s.to));
        text.append(": ").append(s.why).append("\n");
    }
    return text + "```\n";
}

TEST_CASE("the drawing in the guide is the table of the code") {
    std::string const here = __FILE__;
    std::ifstream     file{here.substr(0, here.rfind("tests/")) + "docs/guides/connections.md"};
    std::stringstream page;
    page << file.rdbuf();
    REQUIRE_FALSE(page.str().empty());
    INFO("it should be\n" << drawing());
    CHECK(page.str().find(drawing()) != std::string::npos);
}

TEST_CASE("every step of the table leads between states, and closed is the end") {
    for (link_step const& s : link_steps) {
        CHECK(s.from != s.to);
        CHECK(s.from != link_state::closed);
        CHECK(link_may_step(s.from, s.to));
    }
    CHECK_FALSE(link_may_step(link_state::idle, link_state::up));
    CHECK_FALSE(link_may_step(link_state::closed, link_state::connecting));
}

}  // namespace test_link
