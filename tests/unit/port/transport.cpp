// SPDX-License-Identifier: BSL-1.0
#include "troupe/port/transport.hpp"

#include "support/catch.hpp"

#include <set>
#include <string>

namespace test_transport {

using troupe::endpoint;
using troupe::gathered_bytes;
using troupe::result;
using troupe::transport_errc;
using troupe::transport_error;
using troupe::transport_signal;

struct connection {
    result<bool, transport_error>        establish() noexcept { return true; }
    result<std::size_t, transport_error> send(gathered_bytes) noexcept { return std::size_t{0}; }
    result<std::size_t, transport_error> receive(std::span<std::byte>) noexcept {
        return std::size_t{0};
    }
    void close() noexcept {}
};
struct listener {
    result<connection, transport_error> accept(transport_signal) noexcept { return connection{}; }
    endpoint                            bound() const noexcept { return {}; }
    void                                close() noexcept {}
};
template <class Connection, class Listener = listener>
struct made_of {
    using connection = Connection;
    using listener = Listener;
    static constexpr std::string_view   scheme = "test";
    result<connection, transport_error> connect(endpoint const&, transport_signal) noexcept {
        return Connection{};
    }
    result<listener, transport_error> listen(endpoint const&, transport_signal) noexcept {
        return Listener{};
    }
};
using whole = made_of<connection>;

struct throwing_send : connection {
    result<std::size_t, transport_error> send(gathered_bytes) { return std::size_t{0}; }
};
struct bare_receive : connection {
    std::size_t receive(std::span<std::byte>) noexcept { return 0; }
};
struct needs_argument : connection {
    explicit needs_argument(int) {}
};
struct accepts_without_signal : listener {
    result<connection, transport_error> accept() noexcept { return connection{}; }
};
struct nameless {
    using connection = test_transport::connection;
    using listener = test_transport::listener;
    result<connection, transport_error> connect(endpoint const&, transport_signal) noexcept;
    result<listener, transport_error>   listen(endpoint const&, transport_signal) noexcept;
};
struct deaf {
    static constexpr std::string_view   scheme = "test";
    result<connection, transport_error> connect(endpoint const&, transport_signal) noexcept;
};
struct timed : connection {
    troupe::time_point look_at() const noexcept { return {}; }
};
struct named : connection {
    std::string_view peer_name() const noexcept { return "bank"; }
};

TEST_CASE("a transport connects and listens, and names its scheme and the types of both") {
    STATIC_REQUIRE(troupe::transport<whole>);
    STATIC_REQUIRE(troupe::explain_transport<whole>());
    STATIC_REQUIRE_FALSE(troupe::transport<made_of<throwing_send>>);
    STATIC_REQUIRE_FALSE(troupe::transport<made_of<bare_receive>>);
    STATIC_REQUIRE_FALSE(troupe::transport<made_of<connection, accepts_without_signal>>);
    STATIC_REQUIRE_FALSE(troupe::transport<nameless>);
    STATIC_REQUIRE_FALSE(troupe::transport<deaf>);
    STATIC_REQUIRE_FALSE(troupe::transport_connection<needs_argument>);
}

TEST_CASE("a connection may say when it wants to be looked at, and who its peer is") {
    STATIC_REQUIRE(troupe::connection_looks_at<timed>);
    STATIC_REQUIRE(troupe::connection_names_peer<named>);
    STATIC_REQUIRE(troupe::transport_connection<timed>);
    STATIC_REQUIRE(troupe::transport_connection<named>);
    STATIC_REQUIRE_FALSE(troupe::connection_looks_at<connection>);
    STATIC_REQUIRE_FALSE(troupe::connection_names_peer<connection>);
}

TEST_CASE("a signal calls its function with whom and which, and one without does nothing") {
    struct heard {
        std::uint64_t which = 0;
        static void   call(void* whom, std::uint64_t n) noexcept {
            static_cast<heard*>(whom)->which = n;
        }
    } me;
    transport_signal const signal{&heard::call, &me, 42};
    auto const             copy = signal;
    copy();
    CHECK(me.which == 42);
    transport_signal{}();
}

TEST_CASE("every error of a transport has words of its own") {
    std::set<std::string> seen;
    for (int code = 0; code <= static_cast<int>(transport_errc::none_waiting); ++code) {
        seen.emplace(to_string(static_cast<transport_errc>(code)));
    }
    CHECK(seen.size() == 12);
    CHECK(seen.count("?") == 0);
    CHECK(to_string(static_cast<transport_errc>(12)) == "?");
}

}  // namespace test_transport
