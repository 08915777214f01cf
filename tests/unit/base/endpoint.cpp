// SPDX-License-Identifier: BSL-1.0
#include "troupe/base/endpoint.hpp"

#include "support/catch.hpp"

#include <cstring>
#include <memory>
#include <random>
#include <string>

namespace test_endpoint {

using namespace troupe;

struct parts {
    char const* text;
    char const* scheme;
    char const* place;
    char const* host;
    int         port;  // -1: none
};

constexpr parts good[] = {
    {"127.0.0.1:7000", "", "127.0.0.1:7000", "127.0.0.1", 7000},
    {"tcp://127.0.0.1:0", "tcp", "127.0.0.1:0", "127.0.0.1", 0},
    {"tcp://bank.example:65535", "tcp", "bank.example:65535", "bank.example", 65535},
    {"localhost:80", "", "localhost:80", "localhost", 80},
    {"a_b-c.d:1", "", "a_b-c.d:1", "a_b-c.d", 1},
    {"7up:1", "", "7up:1", "7up", 1},
    {"[::1]:0", "", "[::1]:0", "::1", 0},
    {"tcp://[::]:9", "tcp", "[::]:9", "::", 9},
    {"tcp://[fe80::1%eth0]:9", "tcp", "[fe80::1%eth0]:9", "fe80::1%eth0", 9},
    {"[1:2:3:4:5:6:7:8]:9", "", "[1:2:3:4:5:6:7:8]:9", "1:2:3:4:5:6:7:8", 9},
    {"[1::8]:9", "", "[1::8]:9", "1::8", 9},
    {"[1:2::]:9", "", "[1:2::]:9", "1:2::", 9},
    {"[::ffff:127.0.0.1]:9", "", "[::ffff:127.0.0.1]:9", "::ffff:127.0.0.1", 9},
    {"tls+tcp://h:1", "tls+tcp", "h:1", "h", 1},
    {"tls://h:1", "tls", "h:1", "h", 1},
    {"unix:///run/bank.sock", "unix", "/run/bank.sock", "", -1},
    {"unix:///tmp/with blank", "unix", "/tmp/with blank", "", -1},
    {"unix://@bank", "unix", "@bank", "", -1},
    {"tls+unix:///a", "tls+unix", "/a", "", -1},
    {"/run/a://b", "", "/run/a://b", "", -1},
    {"@name", "", "@name", "", -1},
    {"loopback://bank", "loopback", "bank", "", -1},
    {"loopback://bank:7", "loopback", "bank:7", "", -1},
};

struct fault {
    char const*   text;
    endpoint_errc code;
    char const*   words;
};

constexpr fault faults[] = {
    {"", endpoint_errc::empty, "endpoint: empty"},
    {"a b:1", endpoint_errc::bad_character, "endpoint: a character that does not belong there"},
    {"user@host:1", endpoint_errc::bad_character,
     "endpoint: a character that does not belong there"},
    {"h\n:1", endpoint_errc::bad_character, "endpoint: a character that does not belong there"},
    {"unix:///a\tb", endpoint_errc::bad_character,
     "endpoint: a character that does not belong there"},
    {"h\xc3\xa4:1", endpoint_errc::bad_character,
     "endpoint: a character that does not belong there"},
    {"://h:1", endpoint_errc::bad_scheme, "endpoint: what stands before :// is no scheme"},
    {"TCP://h:1", endpoint_errc::bad_scheme, "endpoint: what stands before :// is no scheme"},
    {"t p://h:1", endpoint_errc::bad_scheme, "endpoint: what stands before :// is no scheme"},
    {"1://h:1", endpoint_errc::bad_scheme, "endpoint: what stands before :// is no scheme"},
    {":80", endpoint_errc::missing_host, "endpoint: no host"},
    {"tcp://:80", endpoint_errc::missing_host, "endpoint: no host"},
    {"tcp://", endpoint_errc::missing_host, "endpoint: no host"},
    {"host", endpoint_errc::missing_port, "endpoint: no :port behind the host"},
    {"host:", endpoint_errc::missing_port, "endpoint: no :port behind the host"},
    {"[::1]", endpoint_errc::missing_port, "endpoint: no :port behind the host"},
    {"[::1]80", endpoint_errc::missing_port, "endpoint: no :port behind the host"},
    {"h:65536", endpoint_errc::bad_port, "endpoint: the port is not a number from 0 to 65535"},
    {"h:-1", endpoint_errc::bad_port, "endpoint: the port is not a number from 0 to 65535"},
    {"h:+1", endpoint_errc::bad_port, "endpoint: the port is not a number from 0 to 65535"},
    {"h:1/path", endpoint_errc::bad_port, "endpoint: the port is not a number from 0 to 65535"},
    {"h:123456", endpoint_errc::bad_port, "endpoint: the port is not a number from 0 to 65535"},
    {"[::1]:http", endpoint_errc::bad_port, "endpoint: the port is not a number from 0 to 65535"},
    {"256.0.0.1:1", endpoint_errc::bad_host, "endpoint: the host is neither an address nor a name"},
    {"1.2:1", endpoint_errc::bad_host, "endpoint: the host is neither an address nor a name"},
    {"010.0.0.1:1", endpoint_errc::bad_host, "endpoint: the host is neither an address nor a name"},
    {"1.2.3.4.5:1", endpoint_errc::bad_host, "endpoint: the host is neither an address nor a name"},
    {"a..b:1", endpoint_errc::bad_host, "endpoint: the host is neither an address nor a name"},
    {"::1:80", endpoint_errc::bad_bracket, "endpoint: an IPv6 address is written [address]:port"},
    {"[::1:80", endpoint_errc::bad_bracket, "endpoint: an IPv6 address is written [address]:port"},
    {"[127.0.0.1]:80", endpoint_errc::bad_bracket,
     "endpoint: an IPv6 address is written [address]:port"},
    {"[]:80", endpoint_errc::bad_bracket, "endpoint: an IPv6 address is written [address]:port"},
    {"[1::2::3]:80", endpoint_errc::bad_bracket,
     "endpoint: an IPv6 address is written [address]:port"},
    {"[1:2:3:4:5:6:7]:80", endpoint_errc::bad_bracket,
     "endpoint: an IPv6 address is written [address]:port"},
    {"[1:2:3:4:5:6:7:8:9]:80", endpoint_errc::bad_bracket,
     "endpoint: an IPv6 address is written [address]:port"},
    {"[::1%]:80", endpoint_errc::bad_bracket,
     "endpoint: an IPv6 address is written [address]:port"},
    {"[12345::]:80", endpoint_errc::bad_bracket,
     "endpoint: an IPv6 address is written [address]:port"},
    {"unix://", endpoint_errc::missing_path, "endpoint: no path or name behind ://"},
    {"unix://@", endpoint_errc::missing_path, "endpoint: no path or name behind ://"},
    {"unix://relative", endpoint_errc::missing_path, "endpoint: no path or name behind ://"},
    {"loopback://", endpoint_errc::missing_path, "endpoint: no path or name behind ://"},
};

TEST_CASE("an endpoint has the parts that were written") {
    for (parts const& p : good) {
        INFO(p.text);
        result<endpoint, endpoint_errc> const read = parse_endpoint(p.text);
        REQUIRE(read.has_value());
        CHECK(read->text() == p.text);
        CHECK(read->scheme() == p.scheme);
        CHECK(read->place() == p.place);
        CHECK(read->host() == p.host);
        CHECK(read->has_port() == (p.port >= 0));
        if (p.port >= 0) CHECK(read->port() == p.port);
        CHECK(*read == *parse_endpoint(read->text()));
    }
}

TEST_CASE("what is no endpoint says what is wrong with it") {
    for (fault const& f : faults) {
        INFO(f.text);
        result<endpoint, endpoint_errc> const read = parse_endpoint(f.text);
        REQUIRE(!read.has_value());
        CHECK(read.error() == f.code);
        CHECK(to_string(read.error()) == f.words);
    }
    CHECK(parse_endpoint(std::string(300, 'h')).error() == endpoint_errc::too_long);
    CHECK(to_string(endpoint_errc::too_long) == "endpoint: longer than 255 bytes");
    std::string const longest = "unix:///" + std::string(247, 'p');
    CHECK(parse_endpoint(longest)->text() == longest);
    CHECK(parse_endpoint(std::string(64, 'h') + ":1").error() == endpoint_errc::bad_host);
}

TEST_CASE("an endpoint of a literal is read while compiling") {
    constexpr endpoint at = "tcp://127.0.0.1:7000";
    static_assert(at.port() == 7000 && at.host() == "127.0.0.1" && at.scheme() == "tcp");
    static_assert(parse_endpoint("[::1]:0")->host() == "::1");
    static_assert(parse_endpoint("host").error() == endpoint_errc::missing_port);
    static_assert(endpoint{}.text().empty());
    struct options {
        endpoint listen{};
    };
    options const given{.listen = "127.0.0.1:0"};
    CHECK(given.listen.text() == "127.0.0.1:0");
    CHECK(given.listen == endpoint{"127.0.0.1:0"});
}

TEST_CASE("any bytes are an endpoint or an error, and none outside of them is looked at") {
    std::mt19937 random{7};
    char const   words[] = "tcp://unix:///[::1%]:0127.@ab\0 \x80\xff://+-_";
    for (int i = 0; i < 200'000; ++i) {
        std::size_t const size = random() % 40;
        // Of exactly this size: a sanitizer sees who reads on.
        std::unique_ptr<char[]> const bytes{new char[size]};
        for (std::size_t k = 0; k < size; ++k) {
            bytes[k] = random() % 8 == 0 ? static_cast<char>(random())
                                         : words[random() % (sizeof words - 1)];
        }
        std::string_view const                text{bytes.get(), size};
        result<endpoint, endpoint_errc> const read = parse_endpoint(text);
        if (!read.has_value()) {
            if (to_string(read.error()) == "?") FAIL("an error without words");
            continue;
        }
        // What is one has all its parts inside, and is read again as the same.
        bool const whole = read->text() == text && text.ends_with(read->place()) &&
                           text.find(read->host()) != std::string_view::npos &&
                           (!read->has_port() || !read->host().empty()) &&
                           *parse_endpoint(read->text()) == *read;
        if (!whole) FAIL(std::string{text});
    }
    SUCCEED("all of them");
}

}  // namespace test_endpoint
