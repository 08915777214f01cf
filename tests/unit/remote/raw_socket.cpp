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
    using log_type = troupe::memory_log;
    using metrics_type = troupe::memory_sink;
};
using tcp_node = troupe::node<troupe::tcp_transport>;

struct sum {};
struct note {
    std::string text;
};
struct tree {
    std::vector<tree> below;
};
class store {
public:
    using protocol = troupe::protocol<int(sum), void(note), void(tree)>;
    int  on(sum) const { return 7; }
    void on(note const&) {}
    void on(tree const&) {}
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
    /// How many answers come until there is one, or the other side has closed.
    int answers() const {
        std::vector<std::byte> heard;
        std::byte              place[4096];
        for (;;) {
            auto const got = ::recv(socket_, place, sizeof place, 0);
            if (got <= 0) return 0;
            heard.insert(heard.end(), place, place + got);
            int count = 0;
            for (std::size_t at = 0; heard.size() - at >= 4;) {
                auto const look = look_at_frame(std::span{heard}.subspan(at), 1u << 20);
                if (look.whole == 0 || look.whole > heard.size() - at) break;
                frame f;
                static_cast<void>(split_frame(std::span{heard}.subspan(at, look.whole), f));
                if (f.kind == frame_kind::answer) ++count;
                at += look.whole;
            }
            if (count != 0) return count;
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
std::vector<std::byte> greeting_of(std::uint16_t oldest, std::uint16_t newest,
                                   std::uint64_t who = 5) {
    return raw_peer::frame_of(frame_kind::hello, [&](troupe::byte_writer& body) {
        write_hello(body, {oldest, newest, who, 1u << 20, 5000, troupe::binary_codec::name});
    });
}

TEST_CASE("each bad frame from a socket is told its reason, counted once, and harms nobody") {
    std::vector<abuse> const all = {
        {"frame: length 0 outside [2,1048576]", "length", bytes_of({0, 0, 0, 0})},
        {"frame: length 1 outside [2,1048576]", "length", bytes_of({1, 0, 0, 0, 1})},
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

// ---- messages that are none, in frames that are good ----

std::vector<std::byte> message_of(std::uint32_t id, std::vector<std::byte> const& body) {
    return raw_peer::frame_of(frame_kind::message, [&](troupe::byte_writer& to) {
        write_number(to, std::uint32_t{1});
        write_number(to, id);
        to.put(body.data(), body.size());
    });
}
std::vector<std::byte> deep(int depth) {
    std::vector<std::byte> b;
    for (int i = 0; i < depth; ++i) b.push_back(std::byte{i + 1 < depth});
    return b;
}

struct unreadable {
    std::string            words;
    std::vector<std::byte> bytes;
};

TEST_CASE("each bad message from a socket is told its reason, counted once, and ends nothing") {
    std::uint32_t const           text = troupe::wire_id<note>;
    std::vector<unreadable> const all = {
        {"codec: unknown type id 12345", message_of(12345, {})},
        {"codec: test_raw_socket::note: 3 bytes missing",
         message_of(text, bytes_of({5, 'a', 'b'}))},
        {"codec: test_raw_socket::note: 2 trailing bytes",
         message_of(text, bytes_of({1, 'a', 0, 0}))},
        {"codec: depth limit", message_of(troupe::wire_id<tree>, deep(33))},
        {"codec: string limit", message_of(text, bytes_of({255, 255, 255, 255, 15}))},
        {"codec: invalid utf-8 at 2", message_of(text, bytes_of({2, 'a', 255}))},
    };
    troupe::basic_system<config> there{{.workers = 1}};
    tcp_node                     server{there, {.listen = "127.0.0.1:0"}};
    server.expose("store", there.spawn<store>());
    auto const counted = [&](metric id, char const* label) {
        return there.metrics().value(id, label);
    };
    auto const good = message_of(troupe::wire_id<tree>, deep(32));
    auto const asks = raw_peer::frame_of(frame_kind::ask, [](troupe::byte_writer& to) {
        write_number(to, std::uint32_t{1});
        write_number(to, troupe::wire_id<sum>);
        write_number(to, std::uint64_t{1});  // its number
        write_number(to, std::uint32_t{0});  // no deadline
    });
    for (int way = 0; way < 3; ++way) {
        INFO("way " << way);
        double const errors = counted(metric::link_codec_errors, "message");
        double const dropped = counted(metric::link_dropped_messages, "codec");
        double const rejected = there.metrics().value(metric::link_frames_rejected);
        // Another node each time: of the same one a channel waits for what the earlier brought.
        auto           bytes = greeting_of(1, 1, 100u + static_cast<unsigned>(way));
        auto const     open = raw_peer::frame_of(frame_kind::open, [](troupe::byte_writer& to) {
            write_number(to, std::uint32_t{1});
            write_number(to, troupe::protocol_fingerprint<store::protocol>);
            write_text(to, "store");
        });
        stranger const s{server.bound().port()};
        auto const     put = [&](std::vector<std::byte> const& more) {
            if (way == 2) bytes.insert(bytes.end(), more.begin(), more.end());
            else s.say(more, way == 1);
        };
        there.log_sink().clear();
        if (way != 2) s.say(bytes, way == 1);
        put(open);
        for (unreadable const& u : all) put(u.bytes);
        put(good);
        put(asks);
        if (way == 2) s.say(bytes);
        CHECK(s.answers() == 1);  // behind all of them: the connection stands
        std::vector<std::string> said;
        for (auto const& r : there.log_sink().records()) {
            if (r.id == troupe::log_event::message_unreadable) said.push_back(r.detail);
        }
        REQUIRE(said.size() == all.size());
        for (std::size_t i = 0; i < all.size(); ++i) CHECK(said[i] == all[i].words);
        CHECK(counted(metric::link_codec_errors, "message") ==
              errors + static_cast<double>(all.size()));
        CHECK(counted(metric::link_dropped_messages, "codec") ==
              dropped + static_cast<double>(all.size()));
        CHECK(there.metrics().value(metric::link_frames_rejected) == rejected);
    }
}

}  // namespace test_raw_socket
