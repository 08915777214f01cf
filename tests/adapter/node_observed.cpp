// SPDX-License-Identifier: BSL-1.0

// What a node over TLS by OpenSSL tells of itself; everything in memory, on one clock.

#include "troupe/remote/node.hpp"

#include <string>
#include <utility>

#include "adapter/support.hpp"
#include "troupe/remote/loopback_transport.hpp"
#include "troupe/remote/secured.hpp"
#include "troupe/testing.hpp"

namespace test_node_observed {

using namespace adapter_tests;
using tls = secured<loopback_transport, openssl_tls>;
static_assert(transport_expires<tls>);

struct config : defaults {
    using scheduler_type = run_loop_scheduler;
    using clock_type = manual_clock;
    using log_type = memory_log;
    using metrics_type = memory_sink;
};
struct sides {
    sides() : network(clock), here({.clock = &clock}), there({.clock = &clock}) {}
    void settle() {
        while (here.run_until_idle() + there.run_until_idle() != 0) {}
    }
    template <class Node>
    connect_result connect(Node& client, char const* to) {
        auto attempt = client.connect(to);
        attempt.start();
        settle();
        auto r = attempt.result();
        REQUIRE(r.has_value());
        return *r;
    }
    manual_clock         clock;
    loopback_network     network;
    basic_system<config> here;
    basic_system<config> there;
};

TEST_CASE("a node with OpenSSL tells of its handshakes, and when its certificate ends") {
    sides w;
    {
        node<tls> server{w.there,
                         {.listen = "tls+loopback://localhost"},
                         tls{w.network.transport(), good_server()}};
        node<tls> client{w.here, {}, tls{w.network.transport(), good_client()}};
        CHECK(w.connect(client, "tls+loopback://localhost").status == connect_status::established);
        CHECK(w.here.metrics().value(metric::tls_handshake_seconds, "tls+loopback://localhost") ==
              1);
        CHECK(w.there.metrics().value(metric::tls_handshake_seconds, "accepted") == 1);
        double const left =
            w.there.metrics().value(metric::tls_cert_expiry_seconds, "tls+loopback://localhost");
        CHECK(left > 0);
        CHECK(left <= 30 * 86400);  // as tools/certs makes them
        CHECK(w.here.metrics().value(metric::tls_cert_expiry_seconds, "tls+loopback") > 0);
    }
    w.settle();
}

TEST_CASE("OpenSSL on one side only: both sides say what is wrong, at once") {
    sides w;
    {
        node<tls>                server{w.there,
                                        {.listen = "tls+loopback://localhost"},
                         tls{w.network.transport(), good_server()}};
        node<loopback_transport> client{w.here, {}, w.network.transport()};
        auto const               r = w.connect(client, "loopback://localhost");
        CHECK(r.status == connect_status::handshake_failed);
        CHECK_FALSE(r.words.empty());
        INFO(r.words);
        CHECK(r.words.find("TLS") != std::string::npos);
        CHECK(w.there.log_sink().last(log_event::tls_failed)->detail ==
              "not secure: tls: not a TLS record");
    }
    w.settle();
    {
        node<loopback_transport> server{
            w.there, {.listen = "loopback://localhost"}, w.network.transport()};
        node<tls>  client{w.here, {}, tls{w.network.transport(), good_client()}};
        auto const r = w.connect(client, "tls+loopback://localhost");
        CHECK(r.status == connect_status::handshake_failed);
        CHECK(r.words == "not secure: tls: not a TLS record");
        CHECK(w.there.log_sink().last(log_event::peer_refused)->detail ==
              "handshake: the other side speaks TLS");
    }
    w.settle();
}

}  // namespace test_node_observed
