// SPDX-License-Identifier: BSL-1.0
#include "troupe/os/socket.hpp"

#include "support/catch.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <string>
#include <utility>
#include <vector>

namespace test_socket {

using namespace troupe;
using troupe::detail::socket;
using troupe::detail::socket_address;

struct pair {
    socket a, b;
    pair() {
        int ends[2];
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
        for (int const end : ends) ::fcntl(end, F_SETFL, O_NONBLOCK);
        a = socket{ends[0]};
        b = socket{ends[1]};
    }
};

auto bytes_of(std::string const& text) { return std::as_bytes(std::span{text}); }

TEST_CASE("a socket does not block, and is not inherited") {
    auto made = socket::make(AF_INET);
    REQUIRE(made.has_value());
    CHECK((::fcntl(made->descriptor(), F_GETFL) & O_NONBLOCK) != 0);
    CHECK((::fcntl(made->descriptor(), F_GETFD) & FD_CLOEXEC) != 0);
    int const before = made->descriptor();
    socket    other{std::move(*made)};
    CHECK(!made->is_open());
    CHECK(other.descriptor() == before);
    other.close();
    other.close();
    CHECK(!other.is_open());
    CHECK(::fcntl(before, F_GETFD) == -1);
}

TEST_CASE("buffers are sent as one, empty ones and more than a call takes among them") {
    pair                                    p;
    std::vector<std::string>                texts;
    std::vector<std::span<std::byte const>> list;
    std::string                             all;
    for (int i = 0; i < 300; ++i)
        texts.push_back(std::string(static_cast<std::size_t>(i % 7), 'a'));
    for (std::string const& t : texts) {
        list.push_back(bytes_of(t));
        all += t;
    }
    bool       would_wait = true;
    auto const sent = p.a.send(list, would_wait);
    REQUIRE(sent.has_value());
    CHECK(*sent == all.size());
    CHECK(!would_wait);
    std::string got(4096, 0);
    auto const  count = p.b.receive(std::as_writable_bytes(std::span{got}), would_wait);
    REQUIRE(count.has_value());
    CHECK(got.substr(0, *count) == all);
    CHECK(p.b.receive(std::as_writable_bytes(std::span{got}), would_wait).value() == 0);
    CHECK(would_wait);
    CHECK(p.a.send({}, would_wait).value() == 0);
    CHECK(!would_wait);
    CHECK(p.b.receive({}, would_wait).value() == 0);
}

TEST_CASE("what there is no room for is not sent, in order and to the byte") {
    pair        p;
    std::string text(1 << 20, 0);
    for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * 7 / 5);
    std::size_t sent = 0;
    std::string got;
    while (got.size() < text.size()) {
        auto const half = bytes_of(text).subspan(sent, (text.size() - sent) / 2);
        auto const rest = bytes_of(text).subspan(sent + half.size());
        std::span<std::byte const> const list[] = {half, rest};
        bool                             would_wait = false;
        sent += p.a.send(list, would_wait).value();
        CHECK(would_wait == (sent != text.size()));
        std::string place(100'000, 0);
        auto const  count = p.b.receive(std::as_writable_bytes(std::span{place}), would_wait);
        got.append(place, 0, count.value());
    }
    CHECK(got == text);
}

TEST_CASE("the end of the other side is closed, or reset, and no signal of the system") {
    std::string place(100, 0);
    std::string text = "x";
    bool        would_wait = false;
    {
        pair p;
        p.a.close();
        auto const got = p.b.receive(std::as_writable_bytes(std::span{place}), would_wait);
        REQUIRE(!got.has_value());
        CHECK(got.error().code == transport_errc::closed);
        CHECK(got.error().os == 0);
        std::span<std::byte const> const list[] = {bytes_of(text)};
        auto const                       sent = p.b.send(list, would_wait);
        REQUIRE(!sent.has_value());
        CHECK(sent.error().code == transport_errc::reset);
        CHECK(sent.error().os == EPIPE);
    }
    {
        socket     closed;
        auto const got = closed.receive(std::as_writable_bytes(std::span{place}), would_wait);
        REQUIRE(!got.has_value());
        CHECK(got.error().code == transport_errc::misused);
    }
}

TEST_CASE("what the operating system says has a word of transports") {
    using detail::transport_error_of;
    std::pair<int, transport_errc> const words[] = {
        {ECONNREFUSED, transport_errc::refused},
        {ENOENT, transport_errc::refused},
        {ECONNRESET, transport_errc::reset},
        {EPIPE, transport_errc::reset},
        {ENETUNREACH, transport_errc::unreachable},
        {EHOSTUNREACH, transport_errc::unreachable},
        {ETIMEDOUT, transport_errc::timed_out},
        {EADDRINUSE, transport_errc::address_in_use},
        {EADDRNOTAVAIL, transport_errc::invalid_address},
        {EAFNOSUPPORT, transport_errc::invalid_address},
        {EPROTOTYPE, transport_errc::invalid_address},
        {EACCES, transport_errc::denied},
        {EPERM, transport_errc::denied},
        {EMFILE, transport_errc::no_resources},
        {ENFILE, transport_errc::no_resources},
        {ENOMEM, transport_errc::no_resources},
        {ENOBUFS, transport_errc::no_resources},
        {EBADF, transport_errc::misused},
        {ENOTCONN, transport_errc::misused},
    };
    for (auto const& [error, code] : words) {
        INFO(error);
        CHECK(transport_error_of(error, "words").code == code);
        CHECK(transport_error_of(error, "words").os == error);
        CHECK(transport_error_of(error, "words").detail == "words");
    }
}

TEST_CASE("an address is compared by what it says") {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(7);
    socket_address const a{&v4, sizeof v4};
    v4.sin_port = htons(8);
    socket_address const b{&v4, sizeof v4};
    CHECK(a == a);
    CHECK(!(a == b));
    CHECK(a.family() == AF_INET);
    CHECK(a.as<sockaddr_in>().sin_port == htons(7));
}

}  // namespace test_socket
