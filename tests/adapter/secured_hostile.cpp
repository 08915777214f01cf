// SPDX-License-Identifier: BSL-1.0

#include "troupe/adapter/tls/openssl.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "adapter/raw_tls.hpp"
#include "adapter/support.hpp"
#include "support/connected.hpp"
#include "support/sockets.hpp"
#include "troupe/remote/loopback_transport.hpp"
#include "troupe/remote/secured.hpp"

namespace test_secured_hostile {

using namespace adapter_tests;

// TLS 1.3 lets a peer ask for new keys as often as it likes, and each time something must be sent.
TEST_CASE("a peer that wants new keys without end, and reads none, does not fill the memory") {
    raw_tls     client{folder, {.certificate = "client"}};
    openssl_tls server = good_server();
    auto        here = client.client("localhost");
    auto        there = server.server();
    REQUIRE(here);
    REQUIRE(there);
    detail::tls_pair<raw_tls, openssl_tls> p{std::move(*here), std::move(*there), 5000};
    REQUIRE(p.shake());

    std::byte   place[1000];
    std::string wire;
    std::string words;
    std::size_t asked = 0;
    for (; asked < 20'000 && words.empty(); ++asked) {
        REQUIRE(p.client.update_keys());
        // A word now and then, as from somebody who means well.
        if (asked % 100 == 0) REQUIRE(p.client.write(p.bytes("x")));
        std::size_t const size = p.client.drain(place);
        auto const        fed = p.server.feed({place, size});
        REQUIRE(fed);
        REQUIRE(*fed == size);
        if (auto const got = p.server.read(place); !got) words = got.error().detail;
    }
    CHECK(words == "tls: the peer wants answers without end, and reads none");
    std::size_t waits = 0;
    while (std::size_t const size = p.server.drain(place)) waits += size;
    CHECK(waits < 64 * 1024);
}

/// A handshake in which one bit of byte `at`, on its way to the one that is named, is changed.
/// How many bytes there were, and whether both think that all is well.
struct spoiled {
    std::size_t bytes = 0;
    bool        good = false;
};
spoiled shake_with_a_changed_bit(openssl_tls& client, openssl_tls& server, bool to_server,
                                 std::size_t at) {
    auto here = client.client("localhost");
    auto there = server.server();
    REQUIRE(here);
    REQUIRE(there);
    spoiled     end;
    std::string words;
    auto const  pass = [&](auto& from, auto& to, bool counts) {
        std::byte         place[4096];
        std::size_t const size = from.drain(place);
        if (counts && at - end.bytes < size) {
            place[at - end.bytes] ^= std::byte{1} << static_cast<int>(at % 8);
        }
        if (counts) end.bytes += size;
        if (size != 0 && !to.feed({place, size})) words = "refused";
        return size != 0;
    };
    // It goes on as long as anything is said: so it ends, and none of both waits for itself.
    for (bool moved = true; moved;) {
        auto const mine = here->handshake();
        auto const yours = there->handshake();
        end.good = mine && *mine && yours && *yours && words.empty();
        moved = pass(*here, *there, to_server);
        moved = pass(*there, *here, !to_server) || moved;
    }
    if (!end.good) return end;
    // Then it was one that means nothing, and they understand each other.
    REQUIRE(here->write(std::as_bytes(std::span{"hello", 5})));
    std::byte         place[200];
    std::size_t const size = here->drain(place);
    REQUIRE(there->feed({place, size}));
    auto const got = there->read(place);
    end.good = got && *got == 5;
    return end;
}

TEST_CASE("a handshake of which any one bit was changed fails, unless it means nothing") {
    auto client = good_client();
    auto server = good_server();
    for (bool const to_server : {true, false}) {
        std::size_t const all =
            shake_with_a_changed_bit(client, server, to_server, SIZE_MAX / 2).bytes;
        REQUIRE(all > 500);
        std::size_t good = 0;
        // The first bytes are all looked at by themselves, of the others every fifth.
        for (std::size_t at = 0; at < all; at += at < 200 ? 1 : 5) {
            INFO(at << " of " << all);
            spoiled const end = shake_with_a_changed_bit(client, server, to_server, at);
            good += end.good ? 1u : 0u;
        }
        // The version in the head of a record is nobody's concern; nor is much else.
        CHECK(good < 60);
    }
}

TEST_CASE("a handshake that is cut off after any byte ends at once, on both sides") {
    using tls = secured<loopback_transport, openssl_tls>;
    loopback_network network;
    tls              serving{network.transport(), good_server()};
    tls              calling{network.transport(), good_client()};
    auto             listener = serving.listen("tls+loopback://localhost", {});
    REQUIRE(listener);
    for (std::uint64_t at = 1;; at += 7) {
        INFO("cut off after " << at << " bytes");
        network.faults({.cut_after = at});
        troupe_test::end_of_connection<tls::connection> here;
        troupe_test::end_of_connection<tls::connection> there;
        auto connecting = calling.connect("tls+loopback://localhost", here.signal());
        REQUIRE(connecting);
        here.connection = std::move(*connecting);
        auto accepted = listener->accept(there.signal());
        REQUIRE(accepted);
        there.connection = std::move(*accepted);
        troupe_test::settle(here, there);
        if (here.established && there.established) {
            CHECK(at > 1000);
            break;
        }
        REQUIRE(here.over);
        REQUIRE(there.over);
        CHECK(here.error.code == transport_errc::reset);
        CHECK(there.error.code == transport_errc::reset);
    }
}

// A raw peer at one end of a wire in memory, which holds a megabyte, and our own at the other.
struct on_a_wire {
    using tls = secured<loopback_transport, openssl_tls>;

    loopback_network               network{{.buffer = 1 << 20}};
    loopback_transport             plain = network.transport();
    troupe_test::counted_signal    signal;
    loopback_transport::connection wire;
    tls::connection                ours;

    void send(std::string_view text) {
        auto const                       bytes = std::as_bytes(std::span{text.data(), text.size()});
        std::span<std::byte const> const list[] = {bytes};
        auto const                       sent = wire.send(list);
        REQUIRE(sent);
        REQUIRE(*sent == text.size());
    }
    void pass(raw_tls::session& peer) {
        std::byte place[4096];
        while (std::size_t const size = peer.drain(place)) {
            send({reinterpret_cast<char const*>(place), size});
        }
        for (;;) {
            auto const got = wire.receive(place);
            if (!got || *got == 0) return;
            REQUIRE(peer.feed({place, *got}));
        }
    }
};

TEST_CASE("a peer whose records have nothing in them leaves others a turn") {
    on_a_wire      w;
    on_a_wire::tls serving{w.network.transport(), good_server()};
    auto           listener = serving.listen("tls+loopback://localhost", {});
    REQUIRE(listener);
    auto connected = w.plain.connect("loopback://localhost", {});
    REQUIRE(connected);
    w.wire = std::move(*connected);
    auto came = listener->accept(w.signal);
    REQUIRE(came);
    w.ours = std::move(*came);

    raw_tls client{folder, {.certificate = "client"}};
    auto    peer = client.client("localhost");
    REQUIRE(peer);
    for (bool here = false, there = false; !here || !there;) {
        auto const mine = peer->handshake();
        auto const yours = w.ours.establish();
        REQUIRE(mine);
        REQUIRE(yours);
        here = *mine;
        there = *yours;
        w.pass(*peer);
    }

    for (int i = 0; i < 20'000; ++i) {
        REQUIRE(peer->update_keys());
        w.pass(*peer);
    }
    REQUIRE(peer->write(std::as_bytes(std::span{"end", 3})));
    w.pass(*peer);

    std::byte place[1000];
    int       turns = 0;
    for (;;) {
        int const  before = w.signal.calls;
        auto const got = w.ours.receive(place);
        INFO((got ? "" : got.error().detail));
        REQUIRE(got);
        if (*got != 0) {
            CHECK(*got == 3);
            break;
        }
        ++turns;
        REQUIRE(w.signal.calls > before);  // nobody else would tell
    }
    CHECK(turns > 5);
}

// With TLS 1.2 a server may say "hello request" whenever it likes, and a client that is shaking
// hands already passes over it.
TEST_CASE("a peer whose handshake never goes on leaves others a turn") {
    on_a_wire w;
    auto      listener = w.plain.listen("loopback://localhost", {});
    REQUIRE(listener);
    on_a_wire::tls calling{w.network.transport(), good_client()};
    auto           made = calling.connect("tls+loopback://localhost", w.signal);
    REQUIRE(made);
    w.ours = std::move(*made);
    auto came = listener->accept({});
    REQUIRE(came);
    w.wire = std::move(*came);

    std::string flood;
    for (int i = 0; i < 50'000; ++i)
        flood += std::string{"\x16\x03\x03\x00\x04\x00\x00\x00\x00", 9};
    w.send(flood);
    int const  before = w.signal.calls;
    auto const done = w.ours.establish();
    REQUIRE(done);
    CHECK(!*done);
    CHECK(w.signal.calls > before);
    // What was not taken is still there.
    std::size_t turns = 1;
    for (int told = before; w.signal.calls > told; ++turns) {
        told = w.signal.calls;
        REQUIRE(w.ours.establish());
    }
    CHECK(turns > 5);
}

}  // namespace test_secured_hostile
