// SPDX-License-Identifier: BSL-1.0
#pragma once

// What every TLS provider keeps, as numbered rules; docs/reference/tls_provider.md has the same.
// The suite plays the wire between two sessions, so it needs no socket and no thread.

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "troupe/port/tls_provider.hpp"
#include "troupe/testing/conformance/report.hpp"

namespace troupe::inline TROUPE_ABI {

inline constexpr conformance_rule tls_provider_rules[] = {
    {1, "a session that was default constructed or moved from is not open: its functions give "
        "`misused`, and it drains nothing"},
    {2, "the handshake completes on both sides, however the bytes between them are cut"},
    {3, "what one side writes the other reads, unchanged, in order, both ways, however the bytes "
        "are cut"},
    {4,
     "before the handshake is complete nothing is written, nothing is read, and nobody has a name"},
    {5,
     "what a session holds is bounded: not drained, it takes no more plain bytes, and not read, no "
     "more from the wire"},
    {6, "nothing to read, to drain, to take is zero and no error"},
    {7,
     "after `finish` of the other side what was written before arrives, then `closed`, each time"},
    {8,
     "a peer that speaks no TLS is `not_secure`, with words that begin with `tls: `, before it has "
     "sent a hundred bytes"},
    {9, "a byte that was changed on the way is `not_secure`, and what stood in its record is not "
        "read"},
    {10, "after an error every function gives the same error again, and draining ends"},
    {11, "a session that was moved goes on where it was"},
    {12, "the name of the peer is the same for as long as the session lives"},
    {13, "what is written does not stand on the wire as it is"},
};

struct tls_provider_suite_options {
    std::string_view host = "localhost";  ///< whom the client asks for; the server must be it
    bool             keeps_secrets = true;
};

namespace detail {

/// Two sessions, and the wire between them, which hands on `step` bytes at a time.
template <class Client, class Server>
struct tls_pair {
    using client_session = typename Client::session;
    using server_session = typename Server::session;

    client_session client;
    server_session server;
    std::size_t    step;
    std::string    to_server{};  // drained and not yet fed
    std::string    to_client{};
    std::string    seen{};  // all that ever stood on the wire

    static std::span<std::byte const> bytes(std::string_view text) noexcept {
        return std::as_bytes(std::span{text.data(), text.size()});
    }
    template <class From, class To>
    bool move(From& from, To& to, std::string& wire, bool& moved) {
        std::byte         place[1000];
        std::size_t const size = from.drain({place, std::min(step, sizeof(place))});
        if (size > sizeof(place)) return false;  // more than it was given room for
        if (size != 0) {
            wire.append(reinterpret_cast<char const*>(place), size);
            seen.append(reinterpret_cast<char const*>(place), size);
            moved = true;
        }
        if (wire.empty()) return true;
        auto const fed = to.feed(bytes(std::string_view{wire}.substr(0, step)));
        if (!fed || *fed > wire.size()) return false;
        wire.erase(0, *fed);
        moved = moved || *fed != 0;
        return true;
    }
    /// Once in both directions. False: a session has had enough of it.
    bool pass(bool& moved) {
        return move(client, server, to_server, moved) && move(server, client, to_client, moved);
    }
    bool shake() {
        for (int idle = 0; idle < 3;) {
            auto const here = client.handshake();
            auto const there = server.handshake();
            if (!here || !there) return false;
            bool moved = false;
            if (!pass(moved)) return false;
            if (*here && *there && !moved) return true;
            idle = moved ? 0 : idle + 1;
        }
        return false;
    }
    /// All of `plain` from one to the other, behind what was written `before`; what arrived.
    template <class From, class To>
    std::string carry(From& from, To& to, std::string_view plain, std::size_t at_once,
                      std::size_t before = 0) {
        std::string       got;
        std::string       place(at_once, '\0');
        std::size_t const all = before + plain.size();
        for (int idle = 0; idle < 3 && got.size() < all;) {
            bool       moved = false;
            auto const wrote = from.write(bytes(plain.substr(0, at_once)));
            if (!wrote || *wrote > plain.size()) break;
            plain.remove_prefix(*wrote);
            moved = *wrote != 0;
            if (!pass(moved)) break;
            auto const read =
                to.read(std::as_writable_bytes(std::span{place.data(), place.size()}));
            if (!read || *read > place.size()) break;
            got.append(place, 0, *read);
            idle = moved || *read != 0 ? 0 : idle + 1;
        }
        return got;
    }
};

inline std::string numbers_as_text(std::size_t size) {
    std::string text;
    for (std::size_t i = 0; text.size() < size; ++i) text += std::to_string(i * 7919) + " ";
    text.resize(size);
    return text;
}

template <class Client, class Server>
class tls_provider_suite {
public:
    tls_provider_suite(Client& client, Server& server, tls_provider_suite_options const& options)
        : client_(client), server_(server), options_(options) {}

    conformance_report run() {
        closed();
        before_the_handshake();
        for (std::size_t const step : {std::size_t{1}, std::size_t{7}, std::size_t{5000}})
            cut(step);
        bounds();
        ends();
        strangers();
        changed();
        return std::move(report_);
    }

private:
    using pair = tls_pair<Client, Server>;

    pair fresh(std::size_t step = 5000) {
        auto here = client_.client(options_.host);
        auto there = server_.server();
        pair made{{}, {}, step};
        report_.check(2, here.has_value() && there.has_value(), "a session was not opened");
        if (here) made.client = std::move(*here);
        if (there) made.server = std::move(*there);
        return made;
    }
    static std::string words(transport_error const& error) {
        return std::string{to_string(error.code)} + ": " + std::string{error.detail};
    }
    template <class Result>
    static bool is(Result const& r, transport_errc code) {
        return !r && r.error().code == code;
    }
    template <class Session>
    void expect_closed(Session& s) {
        std::byte place[16] = {};
        report_.check(1, is(s.handshake(), transport_errc::misused), "handshake");
        report_.check(1, is(s.feed(place), transport_errc::misused), "feed");
        report_.check(1, is(s.write(place), transport_errc::misused), "write");
        report_.check(1, is(s.read(place), transport_errc::misused), "read");
        report_.check(1, s.drain(place) == 0, "drain");
        report_.check(1, s.peer_name().empty(), "peer_name");
        s.finish();
    }

    void closed() {
        typename Client::session none;
        expect_closed(none);
        auto opened = fresh();
        auto moved = std::move(opened.client);
        expect_closed(opened.client);
        (void)moved;
    }

    void before_the_handshake() {
        auto       p = fresh();
        std::byte  place[16] = {};
        auto const wrote = p.client.write(place);
        auto const read = p.client.read(place);
        report_.check(4, wrote && *wrote == 0, "write");
        report_.check(4, read && *read == 0, "read");
        report_.check(4, p.client.peer_name().empty() && p.server.peer_name().empty(), "peer_name");
        auto const fed = p.server.feed({});
        report_.check(6, fed && *fed == 0, "feed");
        auto const waiting = p.server.handshake();
        report_.check(6, waiting && !*waiting && p.server.drain(place) == 0,
                      "server before a client");
    }

    void cut(std::size_t step) {
        auto              p = fresh(step);
        std::string const at = std::to_string(step) + " bytes at a time";
        if (!report_.check(2, p.shake(), at)) return;
        std::string const who{p.client.peer_name()};
        auto const        text = numbers_as_text(step == 1 ? 20000 : 300000);
        for (std::size_t const at_once : {std::size_t{100}, std::size_t{40000}}) {
            report_.check(3, p.carry(p.client, p.server, text, at_once) == text,
                          at + ", to the server");
            report_.check(3, p.carry(p.server, p.client, text, at_once) == text,
                          at + ", to the client");
        }
        // Moved in the middle, with bytes on the way.
        (void)p.client.write(pair::bytes("half "));
        auto moved = std::move(p.client);
        p.client = std::move(moved);
        report_.check(11, p.carry(p.client, p.server, "way", 10, 5) == "half way", "the client");
        report_.check(12, p.client.peer_name() == who, at);
        if (!options_.keeps_secrets) report_.excuse(13, "it keeps no secrets");
        else report_.check(13, p.seen.find(text.substr(0, 40)) == std::string::npos, at);
    }

    void bounds() {
        constexpr std::size_t enough = 1 << 20;
        auto                  p = fresh();
        if (!p.shake()) return;
        auto const  text = numbers_as_text(1000);
        std::size_t all = 0;
        for (;;) {
            auto const wrote = p.client.write(pair::bytes(text));
            if (!wrote || *wrote == 0 || all > enough) break;
            all += *wrote;
        }
        report_.check(5, all > 0 && all <= enough, "write");
        // Everything the client has said, again and again, and the server reads nothing.
        std::size_t fed_all = 0;
        for (int full = 0; full < 3 && fed_all <= enough;) {
            std::byte place[1000];
            if (p.to_server.empty()) {
                (void)p.client.write(pair::bytes(text));
                std::size_t const size = p.client.drain(place);
                p.to_server.assign(reinterpret_cast<char const*>(place), size);
            }
            auto const fed = p.server.feed(pair::bytes(p.to_server));
            if (!fed || *fed > p.to_server.size()) break;
            p.to_server.erase(0, *fed);
            fed_all += *fed;
            full = *fed == 0 ? full + 1 : 0;
        }
        report_.check(5, fed_all > 0 && fed_all <= enough, "feed");
    }

    void ends() {
        auto p = fresh();
        if (!p.shake()) return;
        std::byte  place[100];
        auto const nothing = p.server.read(place);
        report_.check(6, nothing && *nothing == 0, "read");
        report_.check(6, p.server.drain(place) == 0, "drain");
        (void)p.client.write(pair::bytes("last words"));
        p.client.finish();
        for (bool moved = true; moved;) {
            moved = false;
            if (!p.pass(moved)) break;
        }
        auto const last = p.server.read(place);
        report_.check(7, last && *last == 10 && std::memcmp(place, "last words", 10) == 0,
                      "the bytes");
        for (int i = 0; i < 2; ++i) {
            auto const end = p.server.read(place);
            report_.check(7, is(end, transport_errc::closed),
                          end ? "no error" : words(end.error()));
        }
    }

    template <class Session>
    void expect_dead(Session& s, transport_error const& first) {
        std::byte  place[100] = {};
        auto const same = [&](auto const& r) {
            return !r && r.error().code == first.code && r.error().detail == first.detail;
        };
        report_.check(10, same(s.handshake()), "handshake");
        report_.check(10, same(s.feed(place)), "feed");
        report_.check(10, same(s.write(place)), "write");
        report_.check(10, same(s.read(place)), "read");
        std::size_t drained = 0;
        for (std::size_t size = 1; size != 0 && drained < 100000; drained += size)
            size = s.drain(place);
        report_.check(10, drained < 100000, "drain");
        s.finish();
    }

    /// Whoever speaks first: the words of a few other protocols, to both sides.
    template <class Session>
    void stranger(Session s, std::string_view says) {
        std::size_t sent = 0;
        for (;;) {
            auto const going = s.handshake();
            if (!going) return found(s, going.error());
            if (sent >= 100) break;
            char const one = says[sent++ % says.size()];
            auto const fed = s.feed(pair::bytes({&one, 1}));
            if (!fed) return found(s, fed.error());
        }
        report_.check(8, false, std::string{"not found out: "} + std::string{says});
    }
    template <class Session>
    void found(Session& s, transport_error const& why) {
        report_.check(8, why.code == transport_errc::not_secure && why.detail.starts_with("tls: "),
                      words(why));
        expect_dead(s, why);
    }
    void strangers() {
        using namespace std::string_view_literals;
        for (std::string_view const says :
             {"GET / HTTP/1.1\r\nHost: a\r\n\r\n"sv, "SSH-2.0-OpenSSH_9.2\r\n"sv, "\0\0\0\0"sv,
              "\xff\xff\xff\xff"sv, "\x16\x04\x01\x02\x00"sv}) {
            auto p = fresh();
            stranger(std::move(p.client), says);
            stranger(std::move(p.server), says);
        }
    }

    void changed() {
        std::string const secret = numbers_as_text(200);
        std::size_t       length = 0;  // of the record on the wire
        for (std::size_t at = 0; at == 0 || at < length; at += 3) {
            auto p = fresh();
            if (!p.shake()) return;
            (void)p.client.write(pair::bytes(secret));
            std::byte place[1000];
            length = p.client.drain(place);
            if (length == 0) break;
            place[at] ^= std::byte{0x40};
            std::size_t                got = 0;
            bool                       secure = true;
            auto                       why = transport_error{};
            std::span<std::byte const> left{place, length};
            for (int i = 0; i < 10 && secure; ++i) {
                auto const fed = p.server.feed(left);
                if (!fed) secure = false, why = fed.error();
                else left = left.subspan(std::min(*fed, left.size()));
                std::byte  to[1000];
                auto const read = p.server.read(to);
                if (!read) secure = false, why = read.error();
                else got += *read;
            }
            // A length that was changed may only mean that more is waited for.
            bool const waits = secure && at < 8;
            report_.check(9, got == 0, "it was read");
            report_.check(9, waits || why.code == transport_errc::not_secure,
                          "byte " + std::to_string(at) + ": " + words(why));
            if (!secure) expect_dead(p.server, why);
        }
    }

    Client&                    client_;
    Server&                    server_;
    tls_provider_suite_options options_;
    conformance_report         report_{tls_provider_rules};
};

}  // namespace detail

/// The two may be one provider. They must be able to talk to each other.
template <tls_provider Client, tls_provider Server>
conformance_report check_tls_provider(Client& client, Server& server,
                                      tls_provider_suite_options const& options = {}) {
    return detail::tls_provider_suite<Client, Server>{client, server, options}.run();
}

}  // namespace troupe::inline TROUPE_ABI
