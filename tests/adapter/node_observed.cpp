// SPDX-License-Identifier: BSL-1.0

// What a node over TLS by OpenSSL tells of itself, whom it lets in, and what it knows of them;
// everything in memory, on one clock.

#include "troupe/remote/node.hpp"

#include <chrono>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "adapter/raw_tls.hpp"
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

// ---- who may come, and who is believed ----

/// A client that calls once, as it is told; gone when this is gone.
struct caller {
    using transport = secured<loopback_transport, raw_tls>;
    node<transport> calls;
    caller(sides& w, raw_settings const& settings)
        : calls{w.here, {}, transport{w.network.transport(), raw_tls{folder, settings}}} {}
};
struct client_row {
    char const*  what;
    raw_settings settings;
    char const*  words;  // in the log of the server; empty: it connects
};

TEST_CASE("of all kinds of clients only the good one connects to a node, and the log says why") {
    std::vector<client_row> const all = {
        {"good", {.certificate = "client"}, ""},
        {"expired",
         {.certificate = "expired"},
         "not secure: tls: the certificate of the peer has expired"},
        {"not yet valid",
         {.certificate = "future"},
         "not secure: tls: the certificate of the peer is not yet valid"},
        {"wrong authority",
         {.certificate = "other"},
         "not secure: tls: the certificate of the peer does not come from a trust root"},
        {"self-signed",
         {.certificate = "self"},
         "not secure: tls: the certificate of the peer is self-signed"},
        {"of a server",
         {.certificate = "server"},
         "not secure: tls: the certificate of the peer is not meant for this side of a connection"},
        {"no certificate",
         {},
         "not secure: tls: the client has shown no certificate, and one is required"},
        {"TLS 1.1",
         {.certificate = "client", .newest = TLS1_1_VERSION},
         "not secure: tls: the peer does not speak TLS 1.2 or newer"},
        {"another protocol",
         {.certificate = "client", .protocols = "\x02h2"},
         "not secure: tls: no protocol in common (ALPN): here troupe/1; the client offers h2"},
        {"good, after all of these", {.certificate = "client"}, ""},
    };
    sides w;
    {
        node<tls> server{w.there,
                         {.listen = "tls+loopback://localhost"},
                         tls{w.network.transport(), good_server()}};
        w.settle();
        auto const failures = [&] {
            return w.there.metrics().value(metric::link_connect_failures, "not secure");
        };
        for (client_row const& row : all) {
            INFO(row.what);
            w.there.log_sink().clear();
            double const before = failures();
            double const up = w.there.metrics().value(metric::tls_handshake_seconds);
            bool const   good = *row.words == '\0';
            {
                caller     c{w, row.settings};
                auto const r = w.connect(c.calls, "tls+loopback://localhost");
                CHECK(r.status ==
                      (good ? connect_status::established : connect_status::handshake_failed));
            }
            w.settle();
            CHECK(w.there.log_sink().count(log_event::link_up) == (good ? 1u : 0u));
            CHECK(w.there.log_sink().count(log_event::tls_failed) == (good ? 0u : 1u));
            if (!good) CHECK(w.there.log_sink().last(log_event::tls_failed)->detail == row.words);
            CHECK(failures() == before + (good ? 0 : 1));
            CHECK(w.there.metrics().value(metric::tls_handshake_seconds) == up + (good ? 1 : 0));
        }
        // One that speaks no TLS, and one that says nothing, and stays.
        auto              plain = w.network.transport().connect("loopback://localhost", {});
        auto              silent = w.network.transport().connect("loopback://localhost", {});
        std::string const text = "GET / HTTP/1.1\r\n";
        auto const        bytes = std::as_bytes(std::span{text});
        REQUIRE(plain->send({&bytes, 1}));
        w.settle();
        CHECK(w.there.log_sink().last(log_event::tls_failed)->detail ==
              "not secure: tls: not a TLS record");
        // The end waits for nobody.
    }
    for (auto* const s : {&w.there, &w.here}) {
        auto const report = s->stop(std::chrono::seconds{5});
        CHECK(report.complete);
        CHECK(report.books.actors == 0);
        CHECK(report.books.timers == 0);
    }
}

TEST_CASE("a node connects to no server that is bad, and says why, in its log and its outcome") {
    for (auto const& row : std::vector<client_row>{
             {"expired",
              {.certificate = "expired"},
              "tls: the certificate of the peer has expired"},
             {"not yet valid",
              {.certificate = "future"},
              "tls: the certificate of the peer is not yet valid"},
             {"wrong name",
              {.certificate = "wrong-name"},
              "tls: the certificate of the peer is not for 'localhost'"},
             {"wrong authority",
              {.certificate = "other"},
              "tls: the certificate of the peer does not come from a trust root"},
             {"self-signed",
              {.certificate = "self"},
              "tls: the certificate of the peer is self-signed"},
             {"TLS 1.1",
              {.certificate = "server", .newest = TLS1_1_VERSION},
              "tls: the peer refuses us: no version of TLS in common"},
             {"good", {.certificate = "server"}, ""}}) {
        INFO(row.what);
        sides w;
        {
            node<caller::transport> server{
                w.there,
                {.listen = "tls+loopback://localhost"},
                caller::transport{w.network.transport(), raw_tls{folder, row.settings}}};
            node<tls>  client{w.here, {}, tls{w.network.transport(), good_client()}};
            auto const r = w.connect(client, "tls+loopback://localhost");
            if (*row.words == '\0') {
                CHECK(r.status == connect_status::established);
            } else {
                CHECK(r.status == connect_status::handshake_failed);
                CHECK(r.words == std::string{"not secure: "} + row.words);
                CHECK(w.here.log_sink().last(log_event::tls_failed)->detail == r.words);
                CHECK(w.here.log_sink().count(log_event::link_up) == 0);
            }
        }
        w.settle();
    }
}

struct who_am_i {};
template <class Node>
class doorman {
public:
    using protocol = troupe::protocol<std::string(who_am_i)>;
    using envelope_type = troupe::with_sender;
    explicit doorman(Node* mine) : node_(mine) {}
    std::string on(who_am_i, context<doorman>& self) { return node_->peer_of(self.sender()); }

private:
    Node* node_;
};

TEST_CASE("a handler is told who has proved to be at the other end, and of nobody nothing") {
    sides w;
    for (auto const asks : {client_certificate::required, client_certificate::not_asked}) {
        files const f{"server"};
        auto        settings = f.server();
        settings.clients = asks;
        bool const proves = asks == client_certificate::required;
        node<tls>  server{w.there,
                          {.listen = "tls+loopback://localhost"},
                         tls{w.network.transport(), openssl_tls::make(settings).value()}};
        auto const door = w.there.spawn<doorman<node<tls>>>(&server);
        server.expose("door", door);
        node<tls>  client{w.here, {}, tls{w.network.transport(), good_client()}};
        auto const far =
            client.resolve<protocol<std::string(who_am_i)>>("tls+loopback://localhost", "door");
        auto asked = far.ask(who_am_i{});
        asked.start();
        w.settle();
        auto const told = asked.result();
        REQUIRE(told.has_value());
        CHECK(*told == (proves ? "client.test" : ""));
        auto status = client.status("tls+loopback://localhost");
        status.start();
        w.settle();
        CHECK(status.result().value().peer_name == "localhost");
        // Who is asked from here has come over no connection.
        auto near = door.ask(who_am_i{});
        near.start();
        w.settle();
        CHECK(near.result().value() == "");
        w.there.stop(door);
        w.settle();
    }
}

}  // namespace test_node_observed
