// SPDX-License-Identifier: BSL-1.0

// A socket of the operating system says to a node what no node says: whole, byte by byte, and glued
// to what was right. Each time it is told why, the reason is counted once, and the next good client
// is served.

#include "troupe/remote/frame.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "support/nodes.hpp"
#include "support/raw_peer.hpp"
#include "troupe/observe/memory_sink.hpp"
#include "troupe/remote/node.hpp"
#include "troupe/remote/tcp_transport.hpp"

namespace test_raw_socket {

using namespace troupe_test;
using troupe::metric;

struct config : troupe::defaults {
    using log_type = troupe::null_log;
    using metrics_type = troupe::memory_sink;
};
using tcp_node = troupe::node<troupe::tcp_transport>;

struct sum {};
class store {
public:
    using protocol = troupe::protocol<int(sum)>;
    int on(sum) const { return 7; }
};

class stranger {
public:
    explicit stranger(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        REQUIRE(::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0);
    }
    stranger(stranger const&) = delete;
    stranger& operator=(stranger const&) = delete;
    ~stranger() { ::close(socket_); }

    /// As far as it is still listened to.
    void say(std::vector<std::byte> const& bytes, bool one_by_one = false) const {
        std::size_t const step = one_by_one ? 1 : bytes.size();
        for (std::size_t at = 0; at < bytes.size(); at += step) {
            if (::send(socket_, bytes.data() + at, step, MSG_NOSIGNAL) < 0) return;
        }
    }
    /// The words of the goodbye, when the other side has closed.
    std::string goodbye() const {
        std::vector<std::byte> heard;
        std::byte              place[4096];
        for (;;) {
            auto const got = ::recv(socket_, place, sizeof place, 0);
            if (got <= 0) break;
            heard.insert(heard.end(), place, place + got);
        }
        std::string words;
        for (std::size_t at = 0; heard.size() - at >= 4;) {
            auto const look = look_at_frame(std::span{heard}.subspan(at), 1u << 20);
            if (look.whole == 0 || look.whole > heard.size() - at) break;
            frame f;
            static_cast<void>(split_frame(std::span{heard}.subspan(at, look.whole), f));
            troupe::byte_reader from{f.body};
            std::string_view    text;
            if (f.kind == frame_kind::goodbye && read_text(from, text)) words = text;
            at += look.whole;
        }
        return words;
    }

private:
    int socket_;
};

struct abuse {
    std::string            words;
    std::string            reason;
    std::vector<std::byte> bytes;
    bool                   greets = true;
};
std::vector<std::byte> greeting_of(std::uint16_t oldest, std::uint16_t newest) {
    return raw_peer::frame_of(frame_kind::hello, [&](troupe::byte_writer& body) {
        write_hello(body, {oldest, newest, 5, 1u << 20, 5000, troupe::binary_codec::name});
    });
}

TEST_CASE("each bad frame from a socket is told its reason, counted once, and harms nobody") {
    std::vector<abuse> const all = {
        {"frame: length 0 outside [2,1048576]", "length", bytes_of({0, 0, 0, 0})},
        {"frame: length 1048577 outside [2,1048576]", "length", bytes_of({1, 0, 16, 0})},
        {"frame: length 4294967295 outside [2,1048576]", "length", bytes_of({255, 255, 255, 255})},
        {"frame: reserved flag 1", "flag", bytes_of({2, 0, 0, 0, 3, 1})},
        {"frame: unknown kind 200", "kind", bytes_of({2, 0, 0, 0, 200, 0})},
        {"session: frame in state up", "state", raw_peer::greeting()},
        {"session: frame in state handshake", "state", bytes_of({2, 0, 0, 0, 3, 0}), false},
        {"handshake: version 9 unsupported (have 1..1)", "version", greeting_of(9, 9), false},
        {"handshake: version 0 unsupported (have 1..1)", "version", greeting_of(0, 0), false},
        {"handshake: codec other there, troupe-binary-1 here", "codec", raw_peer::greeting("other"),
         false},
        {"handshake: not a troupe node", "handshake",
         bytes_of({8, 0, 0, 0, 1, 0, 1, 2, 3, 4, 5, 6}), false},
        {"handshake: the other side speaks TLS", "handshake", bytes_of({22, 3, 1, 2, 0, 1, 0}),
         false},
    };
    troupe::basic_system<config> there{{.workers = 1}};
    troupe::basic_system<config> here{{.workers = 1}};
    tcp_node                     server{there, {.listen = "127.0.0.1:0"}};
    server.expose("store", there.spawn<store>());
    tcp_node   client{here};
    auto const port = server.bound().port();
    auto const rejected = [&](std::string const& why) {
        return there.metrics().value(metric::link_frames_rejected, why);
    };
    for (abuse const& a : all) {
        for (int way = 0; way < 3; ++way) {
            INFO(a.words << ", way " << way);
            double const   before = rejected(a.reason);
            double const   whole = there.metrics().value(metric::link_frames_rejected);
            stranger const s{port};
            if (way == 2) {
                auto glued = a.greets ? raw_peer::greeting() : std::vector<std::byte>{};
                glued.insert(glued.end(), a.bytes.begin(), a.bytes.end());
                glued.insert(glued.end(), 100, std::byte{0});  // and something behind it
                s.say(glued);
            } else {
                if (a.greets) s.say(raw_peer::greeting(), way == 1);
                s.say(a.bytes, way == 1);
            }
            CHECK(s.goodbye() == a.words);
            CHECK(rejected(a.reason) == before + 1);
            CHECK(there.metrics().value(metric::link_frames_rejected) == whole + 1);
        }
        auto far = client.resolve<store>(server.bound().text(), "store");
        CHECK(far.ask(sum{}).get() == 7);
        here.stop(far);
    }
    CHECK(client.status(server.bound().text()).get().connects == 1);
}

}  // namespace test_raw_socket
