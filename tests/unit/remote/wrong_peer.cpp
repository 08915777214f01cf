// SPDX-License-Identifier: BSL-1.0

// A node without TLS at a port with TLS, and the other way round: both sides say what is wrong, at
// once, or at the latest when the handshake deadline is over.

#include "troupe/remote/frame.hpp"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "support/nodes.hpp"
#include "troupe/remote/secured.hpp"
#include "troupe/testing/insecure_plaintext.hpp"

namespace test_wrong_peer {

using namespace troupe_test;
using troupe::connect_status;
using troupe::log_event;

struct config : remote_config {
    using log_type = troupe::memory_log;
};
using logged_system = troupe::basic_system<config>;
using safe = troupe::secured<troupe::loopback_transport, troupe::insecure_plaintext>;
using safe_node = troupe::node<safe>;

struct sides {
    sides() : network(clock), here({.clock = &clock}), there({.clock = &clock}) {}
    void settle() {
        while (here.run_until_idle() + there.run_until_idle() != 0) {}
    }
    safe secured() { return safe{network.transport(), troupe::insecure_plaintext{}}; }
    template <class Node>
    troupe::connect_result connect(Node& client, char const* to) {
        auto attempt = client.connect(to);
        attempt.start();
        settle();
        auto r = attempt.result();
        REQUIRE(r.has_value());
        return *r;
    }

    troupe::manual_clock     clock;
    troupe::loopback_network network;
    logged_system            here;
    logged_system            there;
};

TEST_CASE("without TLS at a port with TLS: both sides say so at once") {
    sides w;
    {
        safe_node   server{w.there, {.listen = "tls+loopback://safe"}, w.secured()};
        memory_node client{w.here, {.listen = {}, .link = plain_links()}, w.network.transport()};
        auto const  r = w.connect(client, "loopback://safe");
        CHECK(r.status == connect_status::handshake_failed);
        CHECK(r.words == "closed: the other side has not said who it is; perhaps it wants TLS");
        CHECK(w.there.log_sink().last(log_event::tls_failed)->detail ==
              "not secure: tls: not a TLS record");
        CHECK(w.here.log_sink().last(log_event::link_failed)->detail == r.words);
    }
    w.settle();
}

TEST_CASE("with TLS at a port without: both sides say so at once") {
    sides w;
    {
        memory_node server{w.there, {.listen = "loopback://plain"}, w.network.transport()};
        safe_node   client{w.here, {.listen = {}, .link = plain_links()}, w.secured()};
        auto const  r = w.connect(client, "tls+loopback://plain");
        CHECK(r.status == connect_status::handshake_failed);
        CHECK(r.words == "not secure: tls: not a TLS record");
        CHECK(w.here.log_sink().last(log_event::tls_failed)->detail == r.words);
        CHECK(w.there.log_sink().last(log_event::peer_refused)->detail ==
              "handshake: not a troupe node");
    }
    w.settle();
}

TEST_CASE("what TLS says first is known for what it is, whole and byte by byte") {
    std::vector<std::vector<int>> const all = {
        {22, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3},   // hello of a client
        {22, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3},  // a short one
        {21, 3, 3, 0, 2, 2, 40},                 // an alert
    };
    for (auto const& bytes : all) {
        for (std::size_t const piece : {bytes.size(), std::size_t{1}}) {
            sides w;
            {
                memory_node server{w.there, {.listen = "loopback://plain"}, w.network.transport()};
                auto        made =
                    w.network.transport().connect(*troupe::parse_endpoint("loopback://plain"), {});
                REQUIRE(made.has_value());
                w.settle();
                std::vector<std::byte> raw;
                for (int const b : bytes) raw.push_back(static_cast<std::byte>(b));
                for (std::size_t at = 0; at < raw.size(); at += piece) {
                    std::span<std::byte const> const one[] = {std::span{raw}.subspan(at, piece)};
                    if (!made->send(one)) break;
                    w.settle();
                }
                auto const refused = w.there.log_sink().last(log_event::peer_refused);
                REQUIRE(refused);
                CHECK(refused->detail == "handshake: the other side speaks TLS");
            }
            w.settle();
        }
    }
}

TEST_CASE("who goes on saying nothing at a port with TLS is sent away after the deadline") {
    sides w;
    {
        safe_node server{w.there,
                         {.listen = "tls+loopback://safe", .link = {.connect_deadline = 3s}},
                         w.secured()};
        auto made = w.network.transport().connect(*troupe::parse_endpoint("loopback://safe"), {});
        REQUIRE(made.has_value());
        w.settle();
        std::byte place[8];
        w.clock.advance(2999ms);
        w.settle();
        CHECK(made->receive(place).has_value());
        w.clock.advance(1ms);
        w.settle();
        CHECK_FALSE(made->receive(place).has_value());
        CHECK(w.there.log_sink().last(log_event::link_failed)->detail ==
              "timed out: connect deadline");
    }
    w.settle();
}

}  // namespace test_wrong_peer
