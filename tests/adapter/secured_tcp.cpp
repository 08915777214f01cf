// SPDX-License-Identifier: BSL-1.0

#include "troupe/remote/secured.hpp"

#include <string>
#include <utility>

#include "adapter/raw_tls.hpp"
#include "adapter/support.hpp"
#include "support/sockets.hpp"
#include "troupe/os/reactor.hpp"
#include "troupe/remote/tcp_transport.hpp"
#include "troupe/remote/unix_transport.hpp"

namespace {

using namespace adapter_tests;
using tls = secured<tcp_transport, openssl_tls>;
using tls_end = troupe_test::end_of_wire<tls>;
using plain_end = troupe_test::end_of_wire<tcp_transport>;

static_assert(transport<tls>);
static_assert(tls::scheme == "tls");
static_assert(secured<unix_transport, openssl_tls>::scheme == "tls+unix");

template <class Transport>
void connect(Transport& by, endpoint const& to, troupe_test::end_of_wire<Transport>& end) {
    auto made = by.connect(to, end.signal);
    REQUIRE(made);
    end.wire = std::move(*made);
}
/// Both sides of the handshake in turn, until the end that is asked about has come to one.
template <class A, class B>
std::string shake(reactor& r, A& asked, B& other) {
    std::string words;
    bool        done = false;
    troupe_test::drive_until(r, [&] {
        (void)other.wire.establish();
        auto const ready = asked.wire.establish();
        if (!ready) words = ready.error().detail;
        return done = !ready || *ready;
    });
    return words;
}

TEST_CASE("over tcp: two talk, by name and by address") {
    for (auto const* host : {"127.0.0.1", "localhost"}) {
        INFO(host);
        reactor by;
        tls     serving{tcp_transport{by}, good_server()};
        tls     calling{tcp_transport{by}, good_client()};
        auto    listener = serving.listen("tls://127.0.0.1:0", {});
        REQUIRE(listener);
        auto const bound = listener->bound();
        CHECK(bound.scheme() == "tls");
        REQUIRE(bound.port() != 0);
        auto const to =
            parse_endpoint("tls://" + std::string{host} + ":" + std::to_string(bound.port()));
        tls_end here, there;
        connect(calling, *to, here);
        // With a name, the connection comes only when that was looked up.
        troupe_test::drive_until(by, [&] {
            (void)here.wire.establish();
            auto came = listener->accept(there.signal);
            if (!came) return false;
            there.wire = std::move(*came);
            return true;
        });
        CHECK(shake(by, here, there) == "");
        CHECK(shake(by, there, here) == "");
        CHECK(here.wire.peer_name() == "localhost");
        CHECK(there.wire.peer_name() == "client.test");

        std::string const text = detail::numbers_as_text(1 << 20);
        std::string       got;
        std::string_view  left = text;
        troupe_test::drive_until(by, [&] {
            left.remove_prefix(here.send(left));
            char place[5000];
            for (;;) {
                auto const n = there.wire.receive(std::as_writable_bytes(std::span{place}));
                REQUIRE(n);
                if (*n == 0) break;
                got.append(place, *n);
            }
            return got.size() == text.size();
        });
        CHECK(got == text);
        here.wire.close();
        CHECK(there.ends(by).code == transport_errc::closed);
    }
}

TEST_CASE("over tcp: plain text to a port of TLS, and TLS to a plain port, fail with words") {
    reactor       by;
    tls           serving{tcp_transport{by}, good_server()};
    tcp_transport plain{by};
    {
        tls_end    there;
        plain_end  here;
        auto       listener = serving.listen("tls://127.0.0.1:0", {});
        auto const to =
            parse_endpoint("tcp://127.0.0.1:" + std::to_string(listener->bound().port()));
        connect(plain, *to, here);
        here.establish(by);
        troupe_test::accept(by, *listener, there);
        CHECK(*there.wire.establish() == false);
        here.send("GET / HTTP/1.1\r\n\r\n");
        auto const why = there.fails(by);
        CHECK(why.code == transport_errc::not_secure);
        CHECK(why.detail == "tls: not a TLS record");
    }
    {
        tls        calling{tcp_transport{by}, good_client()};
        tls_end    here;
        plain_end  there;
        auto       listener = plain.listen("tcp://127.0.0.1:0", {});
        auto const to =
            parse_endpoint("tls://127.0.0.1:" + std::to_string(listener->bound().port()));
        connect(calling, *to, here);
        (void)here.wire.establish();
        troupe_test::accept(by, *listener, there);
        there.establish(by);
        there.send("220 ready\r\n");
        auto const why = here.fails(by);
        CHECK(why.code == transport_errc::not_secure);
        CHECK(why.detail == "tls: not a TLS record");
    }
}

TEST_CASE("over tcp: a peer that is cut off in the middle is reset, not closed") {
    reactor       by;
    tls           serving{tcp_transport{by}, good_server()};
    tcp_transport plain{by};
    auto          raw = raw_tls{folder, {.certificate = "client"}};
    auto          session = raw.client({});
    tls_end       there;
    plain_end     here;
    auto          listener = serving.listen("tls://127.0.0.1:0", {});
    auto const to = parse_endpoint("tcp://127.0.0.1:" + std::to_string(listener->bound().port()));
    connect(plain, *to, here);
    here.establish(by);
    troupe_test::accept(by, *listener, there);
    std::byte  place[20000];
    bool       open = false;
    auto const hand_on = [&] {
        std::size_t const size = session->drain(place);
        if (size != 0) here.send({reinterpret_cast<char const*>(place), size});
    };
    troupe_test::drive_until(by, [&] {
        (void)session->handshake();
        hand_on();
        auto const ready = there.wire.establish();
        REQUIRE(ready);
        open = *ready;
        auto const got = here.wire.receive(place);
        REQUIRE(got);
        (void)session->feed({place, *got});
        return open;
    });
    std::string const text = "half a me";
    (void)session->write(std::as_bytes(std::span{text}));
    hand_on();
    here.wire.close();
    CHECK(there.receive(by, 9) == "half a me");
    auto const why = there.ends(by);
    CHECK(why.code == transport_errc::reset);
    CHECK(why.detail == "tls: cut off: the peer has closed without saying that it ends");
}

TEST_CASE("over tcp: nothing is left of connections that were refused") {
    int const before = troupe_test::open_descriptors();
    {
        reactor by;
        tls     serving{tcp_transport{by}, good_server()};
        auto    listener = serving.listen("tls://127.0.0.1:0", {});
        for (auto const* certificate : {"expired", "future", "other", "self", ""}) {
            INFO(certificate);
            secured<tcp_transport, raw_tls>                           calling{tcp_transport{by},
                                                    raw_tls{folder, {.certificate = certificate}}};
            troupe_test::end_of_wire<secured<tcp_transport, raw_tls>> here;
            tls_end                                                   there;
            auto const                                                to = listener->bound();
            connect(calling, to, here);
            (void)here.wire.establish();
            troupe_test::accept(by, *listener, there);
            CHECK(shake(by, there, here) != "");
        }
    }
    CHECK(troupe_test::open_descriptors() == before);
}

}  // namespace
