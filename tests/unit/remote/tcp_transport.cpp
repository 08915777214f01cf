// SPDX-License-Identifier: BSL-1.0
#include "troupe/remote/tcp_transport.hpp"

#include "support/catch.hpp"
#include "support/sockets.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace test_tcp_transport {

using namespace std::chrono_literals;
using namespace troupe;
using troupe_test::counted_signal;
using troupe_test::drive;
using troupe_test::drive_until;
using tcp_end = troupe_test::end_of_wire<tcp_transport>;

constexpr endpoint anywhere = "127.0.0.1:0";

/// Two ends of one connection.
struct world {
    reactor                 r;
    tcp_transport           over;
    counted_signal          knock;
    tcp_transport::listener at;
    tcp_end                 here, there;

    explicit world(reactor::backend b = reactor::backend::best, tcp_options o = {})
        : r(b), over(r, o), at(over.listen(anywhere, knock).value()) {}
    void connect() {
        here.wire = over.connect(at.bound(), here.signal).value();
        here.establish(r);
        troupe_test::accept(r, at, there);
        there.establish(r);
    }
};

TEMPLATE_TEST_CASE("bytes go both ways over TCP", "", TROUPE_TEST_BACKENDS) {
    world w{TestType::value};
    CHECK(w.at.bound().scheme() == "tcp");
    CHECK(w.at.bound().host() == "127.0.0.1");
    CHECK(w.at.bound().port() != 0);
    w.connect();
    w.here.send_all(w.r, "ping");
    CHECK(w.there.receive(w.r, 4) == "ping");
    w.there.send_all(w.r, "pong!");
    CHECK(w.here.receive(w.r, 5) == "pong!");
    // Nothing more: zero, not an error.
    std::byte place[8];
    CHECK(w.here.wire.receive(place).value() == 0);
    CHECK(w.r.size() == 3);
    w.here.wire.close();
    w.here.wire.close();
    w.there.wire.close();
    w.at.close();
    CHECK(w.r.size() == 0);
}

TEMPLATE_TEST_CASE("who sends more than there is room for is told when there is", "",
                   TROUPE_TEST_BACKENDS) {
    world w{TestType::value};
    w.connect();
    std::string text(8 << 20, 0);
    for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * 31 / 7);
    std::string_view left = text;
    std::string      got;
    left.remove_prefix(w.here.send(left));
    REQUIRE(!left.empty());
    int rounds = 0;
    while (got.size() < text.size()) {
        // The reader reads until nothing is left; then only a signal says more.
        char place[65536];
        for (;;) {
            auto const count =
                w.there.wire.receive(std::as_writable_bytes(std::span{place})).value();
            if (count == 0) break;
            got.append(place, count);
        }
        if (got.size() == text.size()) break;
        drive(w.r);
        if (!left.empty()) left.remove_prefix(w.here.send(left));
        ++rounds;
    }
    CHECK(got == text);
    CHECK(rounds > 0);
}

TEMPLATE_TEST_CASE("the other end has closed in order, or broken off", "", TROUPE_TEST_BACKENDS) {
    world w{TestType::value};
    w.connect();
    w.here.send_all(w.r, "last words");
    w.here.wire.close();
    CHECK(w.there.receive(w.r, 10) == "last words");
    transport_error const ended = w.there.ends(w.r);
    CHECK(ended.code == transport_errc::closed);
    CHECK(ended.os == 0);

    w.connect();
    linger const now{1, 0};
    REQUIRE(::setsockopt(w.here.wire.native_handle(), SOL_SOCKET, SO_LINGER, &now, sizeof now) ==
            0);
    w.here.wire.close();
    transport_error const broken = w.there.ends(w.r);
    CHECK(broken.code == transport_errc::reset);
    CHECK(broken.os == ECONNRESET);
    // And from there on, whatever is tried.
    std::byte const                  one{};
    std::span<std::byte const> const list[] = {{&one, 1}};
    auto const                       sent = w.there.wire.send(list);
    REQUIRE(!sent.has_value());
    CHECK(sent.error().code == transport_errc::reset);
}

TEMPLATE_TEST_CASE("nobody listens there", "", TROUPE_TEST_BACKENDS) {
    world          w{TestType::value};
    endpoint const before = w.at.bound();
    w.at.close();
    auto            begun = w.over.connect(before, w.here.signal);
    transport_error why{};
    if (begun.has_value()) {
        w.here.wire = std::move(*begun);
        why = w.here.fails(w.r);
    } else {
        why = begun.error();
    }
    CHECK(why.code == transport_errc::refused);
    CHECK(why.os == ECONNREFUSED);
    CHECK(w.r.size() == 0);
}

TEST_CASE("what cannot be connected to or listened at says why") {
    world          w;
    counted_signal s;
    auto const     connects = [&](endpoint const& to) {
        auto const made = w.over.connect(to, s);
        REQUIRE(!made.has_value());
        return made.error();
    };
    auto const listens = [&](endpoint const& at) {
        auto const made = w.over.listen(at, s);
        REQUIRE(!made.has_value());
        return made.error();
    };
    CHECK(connects("unix:///a").code == transport_errc::invalid_address);
    CHECK(connects("unix:///a").detail == "it is not host:port");
    CHECK(connects("tls://127.0.0.1:1").detail == "it is not host:port");
    CHECK(connects("127.0.0.1:0").code == transport_errc::invalid_address);
    CHECK(connects("127.0.0.1:0").detail == "nobody listens at port 0");
    CHECK(connects("[fe80::1%nosuchinterface]:1").detail == "there is no such interface");
    // A group is nobody one could connect to; nothing is sent.
    CHECK(connects("224.0.0.1:9").code == transport_errc::unreachable);
    CHECK(listens("unix:///a").detail == "it is not host:port");
    CHECK(listens("example.invalid:0").code == transport_errc::invalid_address);
    CHECK(listens("example.invalid:0").detail ==
          "one listens at an address of this machine, not at a name");
    // An address for documentation (RFC 5737), which is nobody's.
    CHECK(listens("192.0.2.1:0").code == transport_errc::invalid_address);
    CHECK(listens("192.0.2.1:0").os == EADDRNOTAVAIL);
    CHECK(listens("192.0.2.1:0").detail == "this machine has no such address");
    CHECK(listens(w.at.bound()).code == transport_errc::address_in_use);
    CHECK(listens(w.at.bound()).os == EADDRINUSE);
    tcp_transport::connection none;
    CHECK(none.establish().error().code == transport_errc::misused);
    CHECK(none.receive({}).error().detail == "it is not open");
    CHECK(none.send({}).error().code == transport_errc::misused);
    none.close();
    w.at.close();
    CHECK(w.at.accept(s).error().code == transport_errc::misused);
    if (::getuid() != 0) CHECK(listens("127.0.0.1:1").code == transport_errc::denied);
}

TEST_CASE("localhost is this machine, without a question to anybody") {
    world w;
    char  text[64];
    std::snprintf(text, sizeof text, "localhost:%u", unsigned{w.at.bound().port()});
    w.here.wire = w.over.connect(parse_endpoint(text).value(), w.here.signal).value();
    w.here.establish(w.r);
    auto const at = w.over.listen("localhost:0", w.knock);
    REQUIRE(at.has_value());
    CHECK(at->bound().host() == "127.0.0.1");
}

int option(int descriptor, int level, int name) {
    int       value = -1;
    socklen_t size = sizeof value;
    return ::getsockopt(descriptor, level, name, &value, &size) == 0 ? value : -1;
}

TEST_CASE("each option of TCP has its effect, on both ends") {
    world const plain;
    world w{reactor::backend::best, {.backlog = 7, .unacknowledged_max = 4500ms, .keepalive = 12s}};
    w.connect();
    for (tcp_end* const e : {&w.here, &w.there}) {
        int const d = e->wire.native_handle();
        CHECK(option(d, IPPROTO_TCP, TCP_NODELAY) == 1);
        CHECK(option(d, SOL_SOCKET, SO_KEEPALIVE) == 1);
#if defined(__linux__)
        CHECK(option(d, IPPROTO_TCP, TCP_USER_TIMEOUT) == 4500);
        CHECK(option(d, IPPROTO_TCP, TCP_KEEPIDLE) == 12);
        CHECK(option(d, IPPROTO_TCP, TCP_KEEPINTVL) == 3);
        CHECK(option(d, IPPROTO_TCP, TCP_KEEPCNT) == 4);
#endif
    }
    CHECK(option(w.at.native_handle(), SOL_SOCKET, SO_REUSEADDR) == 1);
#if defined(__linux__)
    tcp_info  info{};
    socklen_t size = sizeof info;
    REQUIRE(::getsockopt(w.at.native_handle(), IPPROTO_TCP, TCP_INFO, &info, &size) == 0);
    CHECK(info.tcpi_sacked == 7);  // of a listener: the backlog
#endif

    world bare{reactor::backend::best,
               {.nodelay = false, .unacknowledged_max = 0s, .reuse_address = false}};
    bare.connect();
    int const d = bare.here.wire.native_handle();
    CHECK(option(d, IPPROTO_TCP, TCP_NODELAY) == 0);
    CHECK(option(d, SOL_SOCKET, SO_KEEPALIVE) == 0);
    CHECK(option(bare.at.native_handle(), SOL_SOCKET, SO_REUSEADDR) == 0);
#if defined(__linux__)
    CHECK(option(d, IPPROTO_TCP, TCP_USER_TIMEOUT) == 0);

    // More milliseconds than the option has room for are as many as it has.
    world patient{reactor::backend::best, {.unacknowledged_max = 24h * 100}};
    patient.connect();
    CHECK(option(patient.here.wire.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT) == 2147483647);
#endif
}

TEST_CASE("a listener at an IPv6 address takes IPv4, too, or does not") {
    reactor        r;
    counted_signal s;
    for (bool const only : {false, true}) {
        tcp_transport over{r, {.v6_only = only}};
        auto          at = over.listen("[::]:0", s);
        if (!at.has_value()) SKIP("this machine has no IPv6");
        CHECK(at->bound().host() == "::");
        char text[64];
        std::snprintf(text, sizeof text, "127.0.0.1:%u", unsigned{at->bound().port()});
        tcp_end e;
        auto    begun = over.connect(parse_endpoint(text).value(), e.signal);
        if (only && !begun.has_value()) {
            CHECK(begun.error().code == transport_errc::refused);
            continue;
        }
        e.wire = std::move(begun.value());
        if (only) CHECK(e.fails(r).code == transport_errc::refused);
        else CHECK(e.establish(r));
        // IPv6 in both cases.
        std::snprintf(text, sizeof text, "[::1]:%u", unsigned{at->bound().port()});
        tcp_end six;
        six.wire = over.connect(parse_endpoint(text).value(), six.signal).value();
        CHECK(six.establish(r));
    }
}

// --- names

std::atomic<int>  asked{0};
std::atomic<int>  asking{0};
std::atomic<bool> held{false};
int               look_up(char const* name, detail::address_list& found) noexcept {
    ++asked;
    ++asking;
    while (held) std::this_thread::yield();
    --asking;
    if (std::string_view{name} == "later.example") return EAI_AGAIN;
    if (std::string_view{name} != "bank.example") return EAI_NONAME;
    // The first does not answer: connecting to a group fails at once.
    for (char const* const text : {"224.0.0.1", "127.0.0.1"}) {
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        ::inet_pton(AF_INET, text, &v4.sin_addr);
        found.add({&v4, sizeof v4});
    }
    return 0;
}

endpoint named(char const* host, std::uint16_t port) {
    char text[64];
    std::snprintf(text, sizeof text, "%s:%u", host, unsigned{port});
    return parse_endpoint(text).value();
}

TEST_CASE("a name is looked up elsewhere, and all its addresses are tried") {
    world         w;
    tcp_transport by_name{w.r, {}, &look_up};
    held = true;
    asked = 0;
    w.here.wire =
        by_name.connect(named("bank.example", w.at.bound().port()), w.here.signal).value();
    CHECK(!w.here.wire.establish().value());  // does not wait
    CHECK(w.here.wire.receive({}).error().code == transport_errc::misused);
    held = false;
    while (w.here.signal.calls == 0) std::this_thread::yield();
    w.here.establish(w.r);
    troupe_test::accept(w.r, w.at, w.there);
    w.here.send_all(w.r, "by name");
    CHECK(w.there.receive(w.r, 7) == "by name");
    CHECK(asked == 1);

    // An address asks nobody.
    tcp_end direct;
    direct.wire = by_name.connect(w.at.bound(), direct.signal).value();
    direct.establish(w.r);
    CHECK(asked == 1);
}

TEST_CASE("a name that means nothing is unreachable") {
    world         w;
    tcp_transport by_name{w.r, {}, &look_up};
    held = false;
    w.here.wire = by_name.connect("nobody.example:1", w.here.signal).value();
    while (w.here.signal.calls == 0) std::this_thread::yield();
    auto const done = w.here.wire.establish();
    REQUIRE(!done.has_value());
    CHECK(done.error().code == transport_errc::unreachable);
    CHECK(done.error().detail == "the name means nothing");
    CHECK(w.here.wire.establish().error().code == transport_errc::misused);
}

TEST_CASE("a name about which nobody could be asked is not called one that means nothing") {
    world         w;
    tcp_transport by_name{w.r, {}, &look_up};
    held = false;
    w.here.wire = by_name.connect("later.example:1", w.here.signal).value();
    while (w.here.signal.calls == 0) std::this_thread::yield();
    auto const done = w.here.wire.establish();
    REQUIRE(!done.has_value());
    CHECK(done.error().code == transport_errc::unreachable);
    CHECK(done.error().detail == "the name cannot be looked up now");
}

// Who was told may go with his system, right behind the transport.
TEST_CASE("when a transport has gone, no signal of it is still being called") {
    world w;
    held = false;
    static std::atomic<bool> told, may_return, has_returned;
    told = may_return = has_returned = false;
    transport_signal const slow{[](void*, std::uint64_t) noexcept {
                                    told = true;
                                    while (!may_return) std::this_thread::yield();
                                    has_returned = true;
                                },
                                nullptr, 0};
    auto                   by_name = std::make_unique<tcp_transport>(w.r, tcp_options{}, &look_up);
    auto                   connecting = by_name->connect("bank.example:1", slow).value();
    while (!told) std::this_thread::yield();
    connecting.close();
    std::atomic<bool> gone{false};
    bool              returned_before = false;
    std::thread       ends{[&] {
        by_name.reset();
        returned_before = has_returned;
        gone = true;
    }};
    for (int i = 0; i < 1000 && !gone; ++i) std::this_thread::yield();
    may_return = true;
    ends.join();
    CHECK(returned_before);
}

TEST_CASE("who gives up a name does not wait for it, and is not told") {
    world w;
    held = true;
    asked = 0;
    {
        tcp_transport by_name{w.r, {}, &look_up};
        for (int i = 0; i < 3; ++i) {
            tcp_end e;
            e.wire = by_name.connect("bank.example:1", e.signal).value();
            if (i == 0) {
                while (asking == 0) std::this_thread::yield();
            }
            e.wire.close();
            CHECK(e.signal.calls == 0);
        }
        // And no more wait at a time than there may.
        std::vector<tcp_transport::connection> many;
        for (unsigned i = 0; i < detail::lookup_desk::waiting_max; ++i) {
            auto one = by_name.connect("bank.example:1", w.here.signal);
            if (!one.has_value()) {
                CHECK(one.error().code == transport_errc::no_resources);
                CHECK(one.error().detail == "cannot look up the name");
                break;
            }
            many.push_back(std::move(*one));
        }
        CHECK(many.size() == detail::lookup_desk::waiting_max - 2);
    }  // the transport goes, and the thread is still held
    held = false;
    while (asking != 0) std::this_thread::yield();
    CHECK(asked == 1);  // the others had gone before it was their turn
}

TEST_CASE("a process without descriptors goes on when it has some again") {
    world w;
    w.here.wire = w.over.connect(w.at.bound(), w.here.signal).value();
    w.here.establish(w.r);
    transport_error accepting{}, connecting{};
    {
        troupe_test::no_descriptors const none;
        if (auto const one = w.at.accept(w.there.signal); !one.has_value()) accepting = one.error();
        auto const more = w.over.connect(w.at.bound(), w.there.signal);
        if (!more.has_value()) connecting = more.error();
    }
    CHECK(accepting.code == transport_errc::no_resources);
    CHECK(accepting.os == EMFILE);
    CHECK(connecting.code == transport_errc::no_resources);
    CHECK(connecting.os == EMFILE);
    auto came = w.at.accept(w.there.signal);
    REQUIRE(came.has_value());
}

TEST_CASE("connections and listeners may be moved, and take their signal with them") {
    world w;
    w.connect();
    tcp_transport::connection moved{std::move(w.here.wire)};
    CHECK(w.here.wire.receive({}).error().code == transport_errc::misused);
    w.there.wire = std::move(moved);  // closes what was there
    CHECK(w.there.wire.receive({}).value() == 0);
    CHECK(w.r.size() == 2);
    tcp_transport::listener other{std::move(w.at)};
    CHECK(other.bound().port() != 0);
    CHECK(w.at.accept(w.knock).error().code == transport_errc::misused);
}

}  // namespace test_tcp_transport
