// SPDX-License-Identifier: BSL-1.0
#include "troupe/remote/secured.hpp"

#include "troupe/remote/loopback_transport.hpp"
#include "troupe/testing/archetype/tls_provider.hpp"
#include "troupe/testing/insecure_plaintext.hpp"

#include "support/catch.hpp"
#include "support/connected.hpp"

#include <string>
#include <utility>

namespace test_secured {

using troupe::endpoint;
using troupe::insecure_plaintext;
using troupe::loopback_faults;
using troupe::loopback_network;
using troupe::loopback_transport;
using troupe::transport_errc;
using tls = troupe::secured<loopback_transport, insecure_plaintext>;
using end_of = troupe_test::end_of_connection<tls::connection>;

static_assert(troupe::transport<tls>);
static_assert(troupe::explain_transport<tls>());
static_assert(
    troupe::transport<troupe::secured<loopback_transport, troupe::tls_provider_archetype>>);
static_assert(tls::scheme == "tls+loopback");
static_assert(troupe::connection_looks_at<tls::connection>);
static_assert(troupe::connection_names_peer<tls::connection>);

constexpr endpoint bank = "tls+loopback://bank";
constexpr endpoint plain_bank = "loopback://bank";

std::string numbers(std::size_t size) {
    std::string text;
    for (std::size_t i = 0; text.size() < size; ++i) text += std::to_string(i * 7919) + " ";
    text.resize(size);
    return text;
}

// Two that are connected, or are about to be.
struct both {
    explicit both(loopback_faults const& faults = {}, troupe::loopback_options const& options = {})
        : network(options), transport(network.transport(), insecure_plaintext{}) {
        network.faults(faults);
        auto listening = transport.listen(bank, {});
        REQUIRE(listening);
        listener.emplace_back(std::move(*listening));
        auto connecting = transport.connect(bank, client.signal());
        REQUIRE(connecting);
        client.connection = std::move(*connecting);
        auto accepted = listener[0].accept(server.signal());
        REQUIRE(accepted);
        server.connection = std::move(*accepted);
    }
    void settle() { troupe_test::settle(client, server); }

    loopback_network           network;
    tls                        transport;
    std::vector<tls::listener> listener;
    end_of                     client;
    end_of                     server;
};

TEST_CASE("secured: bytes go both ways, when both sides have met") {
    both b;
    b.client.to_send = "ping";
    b.server.to_send = "pong";
    b.settle();
    CHECK(b.client.established);
    CHECK(b.server.got == "ping");
    CHECK(b.client.got == "pong");
    CHECK(b.client.connection.peer_name() == "");
    CHECK(b.client.words() == "");
}

TEST_CASE("secured: nothing is lost and nobody forgotten, however little the wire takes") {
    auto const text = numbers(200'000);
    for (std::size_t const most : {std::size_t{1}, std::size_t{3}, std::size_t{1000}, SIZE_MAX}) {
        for (std::size_t const buffer : {std::size_t{16}, std::size_t{5000}, std::size_t{65536}}) {
            INFO(most << " bytes at a time, " << buffer << " on their way");
            both       b{{.send_max = most, .receive_max = most}, {.buffer = buffer}};
            auto const mine = text.substr(0, most < 100 || buffer < 100 ? 20'000 : text.size());
            b.client.to_send = mine;
            b.server.to_send = mine;
            b.settle();
            CHECK(b.server.got == mine);
            CHECK(b.client.got == mine);
            CHECK(b.client.to_send.empty());
            CHECK(b.server.to_send.empty());
        }
    }
}

TEST_CASE("secured: who does not read stops who sends, and what was taken arrives") {
    both b{{}, {.buffer = 4096}};
    b.settle();
    auto const text = numbers(500'000);
    b.server.reads = false;
    b.client.to_send = text;
    b.client.rings = 1;
    b.settle();
    std::size_t const taken = text.size() - b.client.to_send.size();
    CHECK(taken > 1000);
    CHECK(taken < 100'000);
    // The last record stands in the sender's own buffer. It moves on without a byte being added.
    b.server.reads = true;
    b.server.rings = 1;
    b.client.sends = false;
    b.settle();
    CHECK(b.server.got == text.substr(0, b.server.got.size()));
    CHECK(b.server.got.size() >= taken);
    b.client.sends = true;
    b.client.rings = 1;
    b.settle();
    CHECK(b.server.got == text);
}

TEST_CASE("secured: who only sends, and looks at nothing else, is taken to the end") {
    for (std::size_t size = 5000; size < 9000; size += 100) {
        both b{{}, {.buffer = 3000}};
        b.settle();
        auto const text = numbers(size);
        b.client.reads = false;
        b.client.to_send = text;
        b.client.rings = 1;
        b.settle();
        CHECK(b.server.got.size() == size);
    }
}

TEST_CASE("secured: what came right behind the handshake is told, too") {
    both b;
    b.client.patient = true;
    b.client.look();  // says hello
    b.server.to_send = "welcome";
    b.settle();
    CHECK(b.client.got == "welcome");
}

TEST_CASE("secured: a close that was said is closed, and one that was not is reset") {
    {
        both b;
        b.client.to_send = "last words";
        b.settle();
        b.client.connection.close();
        b.client.over = true;
        b.settle();
        CHECK(b.server.got == "last words");
        CHECK(b.server.words() == "closed: ");
        CHECK(b.client.connection.send({}).error().code == transport_errc::misused);
        b.client.connection.close();
    }
    {
        // The wire ends, and TLS has said nothing.
        loopback_network network;
        tls              transport{network.transport(), insecure_plaintext{}};
        auto             listener = transport.listen(bank, {});
        auto             plain = network.transport();
        auto             wire = plain.connect(plain_bank, {});
        end_of           server;
        auto             accepted = listener->accept(server.signal());
        server.connection = std::move(*accepted);
        auto session = insecure_plaintext{}.client("bank");
        (void)session->handshake();
        std::byte                  place[4000];
        std::span<std::byte const> hello{place, session->drain(place)};
        REQUIRE(wire->send({&hello, 1}));
        server.look();
        REQUIRE(server.established);
        auto const got = wire->receive(place);
        REQUIRE(got);
        REQUIRE(session->feed({place, *got}));
        REQUIRE(*session->handshake());
        auto const text = std::string{"half a me"};
        REQUIRE(session->write(std::as_bytes(std::span{text})));
        std::span<std::byte const> record{place, session->drain(place)};
        REQUIRE(wire->send({&record, 1}));
        wire->close();
        server.look();
        CHECK(server.got == "half a me");
        CHECK(server.words() ==
              "reset: tls: cut off: the peer has closed without saying that it ends");
        // It stays so.
        auto const again = server.connection.receive(place);
        CHECK(again.error().code == transport_errc::reset);
        CHECK(server.connection.send({&record, 1}).error().code == transport_errc::reset);
    }
}

TEST_CASE("secured: a wire that breaks is reset") {
    both b;
    b.settle();
    b.network.cut_after(20);
    b.client.to_send = numbers(1000);
    b.client.rings = 1;
    b.settle();
    CHECK(b.server.error.code == transport_errc::reset);
    CHECK(b.server.over);
    CHECK(b.server.got == "");
}

TEST_CASE("secured: a plain peer is refused at once, on both sides") {
    loopback_network network;
    tls              transport{network.transport(), insecure_plaintext{}};
    auto             plain = network.transport();
    auto const       send_plain = [](auto& wire) {
        auto const                 text = std::string{"GET / HTTP/1.1\r\n\r\n"};
        std::span<std::byte const> bytes = std::as_bytes(std::span{text});
        (void)wire.send({&bytes, 1});
    };
    {
        auto   listener = transport.listen(bank, {});
        auto   wire = plain.connect(plain_bank, {});
        end_of server;
        auto   accepted = listener->accept(server.signal());
        server.connection = std::move(*accepted);
        server.look();
        CHECK_FALSE(server.over);  // it has said nothing yet
        send_plain(*wire);
        server.look();
        CHECK(server.words() == "not secure: tls: not a TLS record");
    }
    {
        auto   listener = plain.listen(plain_bank, {});
        end_of client;
        auto   connecting = transport.connect(bank, client.signal());
        client.connection = std::move(*connecting);
        auto wire = listener->accept({});
        client.look();
        send_plain(*wire);
        client.look();
        CHECK(client.words() == "not secure: tls: not a TLS record");
    }
}

TEST_CASE("secured: who goes during the handshake has failed it") {
    loopback_network network;
    tls              transport{network.transport(), insecure_plaintext{}};
    auto             plain = network.transport();
    auto             listener = transport.listen(bank, {});
    auto             wire = plain.connect(plain_bank, {});
    end_of           server;
    auto             accepted = listener->accept(server.signal());
    server.connection = std::move(*accepted);
    wire->close();
    server.look();
    CHECK(server.words() == "not secure: tls: the peer has closed during the handshake");
    std::byte place[10];
    CHECK(server.connection.receive(place).error().code == transport_errc::not_secure);
    CHECK(server.connection.establish().error().code == transport_errc::not_secure);
}

TEST_CASE("secured: a changed byte ends the connection, and is not read") {
    int broken = 0;
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        both b{{}, {.seed = seed}};
        b.settle();
        b.network.faults({.flip_bit_per_mille = 1000});
        auto const text = numbers(900);
        b.client.to_send = text;
        b.client.at_once = 900;
        b.client.rings = 1;
        b.settle();
        CHECK(b.server.got == "");
        if (b.server.over) {
            ++broken;
            CHECK(b.server.error.code == transport_errc::not_secure);
        }
    }
    CHECK(broken > 25);  // the others have a length that is too long, and wait
}

TEST_CASE("secured: endpoints are of its own scheme, and the port that was chosen is told in it") {
    loopback_network network;
    tls              transport{network.transport(), insecure_plaintext{}};
    for (char const* text : {"tcp://127.0.0.1:1", "loopback://bank", "tls://bank:1"}) {
        INFO(text);
        auto const at = troupe::parse_endpoint(text);
        REQUIRE(at);
        auto const to = transport.connect(*at, {});
        REQUIRE_FALSE(to);
        CHECK(to.error().code == transport_errc::invalid_address);
        CHECK(transport.listen(*at, {}).error().code == transport_errc::invalid_address);
    }
    auto listener = transport.listen("loopback-less:0", {});
    REQUIRE(listener);
    CHECK(listener->bound().scheme() == "tls+loopback");
    listener->close();
    CHECK(transport.connect(bank, {}).error().code == transport_errc::refused);
}

TEST_CASE("secured: an end that is closed, moved from, or was never open is not open") {
    tls::connection none;
    std::byte       place[10];
    CHECK(none.establish().error().code == transport_errc::misused);
    CHECK(none.send({}).error().code == transport_errc::misused);
    CHECK(none.receive(place).error().code == transport_errc::misused);
    CHECK(none.peer_name() == "");
    none.close();

    both b;
    b.settle();
    auto moved = std::move(b.client.connection);
    CHECK(b.client.connection.send({}).error().code == transport_errc::misused);
    b.client.connection = std::move(moved);
    b.client.to_send = "still here";
    b.client.rings = 1;
    b.settle();
    CHECK(b.server.got == "still here");
    b.server.connection = tls::connection{};
    b.client.rings = 1;
    b.settle();
    CHECK(b.client.words() == "closed: ");
}

}  // namespace test_secured
