// SPDX-License-Identifier: BSL-1.0

#include "troupe/remote/secured.hpp"

#include <string>
#include <utility>
#include <vector>

#include "adapter/raw_tls.hpp"
#include "adapter/support.hpp"
#include "support/connected.hpp"
#include "troupe/remote/loopback_transport.hpp"

namespace {

using namespace adapter_tests;

constexpr endpoint at = "tls+loopback://localhost";

template <class Server, class Client>
struct live {
    using server_transport = secured<loopback_transport, Server>;
    using client_transport = secured<loopback_transport, Client>;
    using server_end = troupe_test::end_of_connection<typename server_transport::connection>;
    using client_end = troupe_test::end_of_connection<typename client_transport::connection>;

    live(loopback_network& network, Server server, Client client)
        : accepts(network.transport(), std::move(server)),
          connects(network.transport(), std::move(client)) {}

    server_transport accepts;
    client_transport connects;

    /// One connection, as far as it comes.
    void meet(typename server_transport::listener& listener, server_end& there, client_end& here) {
        auto connecting = connects.connect(at, here.signal());
        REQUIRE(connecting);
        here.connection = std::move(*connecting);
        auto accepted = listener.accept(there.signal());
        REQUIRE(accepted);
        there.connection = std::move(*accepted);
        troupe_test::settle(here, there);
    }
};

static_assert(transport<secured<loopback_transport, openssl_tls>>);

TEST_CASE("over a transport: every byte of a mebibyte arrives, both ways, however little the wire "
          "takes") {
    std::string const text = detail::numbers_as_text(1 << 20);
    for (std::size_t const most : {std::size_t{1}, std::size_t{977}, SIZE_MAX}) {
        INFO(most << " bytes at a time");
        loopback_network network{{.buffer = 30'000}};
        network.faults({.send_max = most, .receive_max = most});
        live<openssl_tls, openssl_tls> l{network, good_server(), good_client()};
        auto                           listener = l.accepts.listen(at, {});
        REQUIRE(listener);
        decltype(l)::server_end there;
        decltype(l)::client_end here;
        std::string const       mine = most == 1 ? text.substr(0, 30'000) : text;
        here.to_send = mine;
        there.to_send = mine;
        here.at_once = 20'000;
        l.meet(*listener, there, here);
        CHECK(here.words() == "");
        CHECK(there.words() == "");
        CHECK(here.got == mine);
        CHECK(there.got == mine);
        CHECK(here.connection.peer_name() == "localhost");
        CHECK(there.connection.peer_name() == "client.test");
        here.connection.close();
        here.over = true;
        troupe_test::settle(here, there);
        CHECK(there.words() == "closed: ");
    }
}

TEST_CASE("over a transport: truncation is not an end") {
    loopback_network               network;
    live<openssl_tls, openssl_tls> l{network, good_server(), good_client()};
    auto                           listener = l.accepts.listen(at, {});
    decltype(l)::server_end        there;
    decltype(l)::client_end        here;
    l.meet(*listener, there, here);
    network.cut_after(0);
    there.rings = 1;
    troupe_test::settle(here, there);
    CHECK(there.error.code == transport_errc::reset);
}

// One listener for all of them: whoever was refused, the next good one is served.
struct peer_row {
    char const* what;
    char const* certificate;  // in the folder; null: plain text
    int         newest;
    char const* words;  // empty: it connects
};
constexpr peer_row matrix[] = {
    {"good", "client", 0, ""},
    {"expired", "expired", 0, "not secure: tls: the certificate of the peer has expired"},
    {"not yet valid", "future", 0, "not secure: tls: the certificate of the peer is not yet valid"},
    {"wrong authority", "other", 0,
     "not secure: tls: the certificate of the peer does not come from a trust root"},
    {"self-signed", "self", 0, "not secure: tls: the certificate of the peer is self-signed"},
    {"no certificate", "", 0,
     "not secure: tls: the client has shown no certificate, and one is required"},
    {"TLS 1.1", "client", TLS1_1_VERSION,
     "not secure: tls: the peer does not speak TLS 1.2 or newer"},
    {"plain text", nullptr, 0, "not secure: tls: not a TLS record"},
    {"good, after all of these", "client", 0, ""},
};

TEST_CASE("over a transport: of all kinds of clients only the good one connects") {
    loopback_network network;
    using server_transport = secured<loopback_transport, openssl_tls>;
    server_transport accepts{network.transport(), good_server()};
    auto             listener = accepts.listen(at, {});
    REQUIRE(listener);
    for (auto const& row : matrix) {
        INFO(row.what);
        troupe_test::end_of_connection<server_transport::connection> there;
        if (row.certificate == nullptr) {
            auto plain = network.transport();
            auto wire = plain.connect("loopback://localhost", {});
            auto accepted = listener->accept(there.signal());
            there.connection = std::move(*accepted);
            std::string const          text = "hello";
            std::span<std::byte const> bytes = std::as_bytes(std::span{text});
            REQUIRE(wire->send({&bytes, 1}));
            there.look();
        } else {
            live<openssl_tls, raw_tls> l{
                network, good_server(),
                raw_tls{folder, {.certificate = row.certificate, .newest = row.newest}}};
            decltype(l)::client_end here;
            auto                    connecting = l.connects.connect(at, here.signal());
            here.connection = std::move(*connecting);
            auto accepted = listener->accept(there.signal());
            there.connection = std::move(*accepted);
            troupe_test::settle(here, there);
            CHECK(there.established == (*row.words == '\0'));
            there.connection.close();
        }
        CHECK(there.words() == row.words);
    }
    // Whoever says nothing holds nobody: what listens is closed, and so is he.
    auto       silent = network.transport().connect("loopback://localhost", {});
    auto       accepted = listener->accept({});
    auto const waits = accepted->establish();
    REQUIRE(waits);
    CHECK_FALSE(*waits);
    listener->close();
    accepted->close();
    std::byte place[10];
    CHECK_FALSE(silent->receive(place));
}

TEST_CASE("over a transport: a client refuses each bad server with the reason") {
    for (auto const& row :
         {peer_row{"expired", "expired", 0,
                   "not secure: tls: the certificate of the peer has expired"},
          peer_row{"wrong name", "wrong-name", 0,
                   "not secure: tls: the certificate of the peer is not for 'localhost'"},
          peer_row{"wrong authority", "other", 0,
                   "not secure: tls: the certificate of the peer does not come from a trust root"},
          peer_row{"good", "server", 0, ""}}) {
        INFO(row.what);
        loopback_network           network;
        live<raw_tls, openssl_tls> l{network, raw_tls{folder, {.certificate = row.certificate}},
                                     good_client()};
        auto                       listener = l.accepts.listen(at, {});
        decltype(l)::server_end    there;
        decltype(l)::client_end    here;
        l.meet(*listener, there, here);
        CHECK(here.words() == row.words);
    }
}

TEST_CASE("over a transport: who cannot serve does not listen") {
    loopback_network                         network;
    secured<loopback_transport, openssl_tls> transport{network.transport(), good_client()};
    auto const                               none = transport.listen(at, {});
    REQUIRE_FALSE(none);
    CHECK(none.error().code == transport_errc::not_secure);
    CHECK(transport.provider().seconds_to_expiry() > 0);
}

}  // namespace
