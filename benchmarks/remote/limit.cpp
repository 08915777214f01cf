// SPDX-License-Identifier: BSL-1.0

// What the sockets alone can do: blocking calls in two processes, 64 bytes there and back, and
// frames of 64 bytes one way, each with a call of its own or a thousand with one. See ../README.md.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <vector>

#include "pair.hpp"

namespace {

using namespace troupe_bench;

constexpr std::size_t frame = 64;
constexpr std::size_t many = 1024;  // frames in one call: 64 KiB

void must(bool well) {
    if (!well) {
        std::perror("remote: sockets");
        std::exit(1);
    }
}
bool read_all(int from, char* to, std::size_t size) {
    while (size != 0) {
        ssize_t const got = read(from, to, size);
        if (got <= 0) return false;
        to += got;
        size -= static_cast<std::size_t>(got);
    }
    return true;
}
void write_all(int to, char const* from, std::size_t size) {
    while (size != 0) {
        ssize_t const sent = write(to, from, size);
        must(sent > 0);
        from += sent;
        size -= static_cast<std::size_t>(sent);
    }
}
void no_delay(int socket) {
    int const on = 1;
    must(setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0);
}
sockaddr_in loopback(int port) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    at.sin_port = htons(static_cast<std::uint16_t>(port));
    return at;
}

// The first byte of a connection says what it is for.
void serve(auto const& tell) {
    int const listener = socket(AF_INET, SOCK_STREAM, 0);
    auto      at = loopback(0);
    socklen_t size = sizeof at;
    must(bind(listener, reinterpret_cast<sockaddr*>(&at), size) == 0);
    must(listen(listener, 4) == 0);
    must(getsockname(listener, reinterpret_cast<sockaddr*>(&at), &size) == 0);
    tell(int{ntohs(at.sin_port)});
    std::vector<char> place(frame * many);
    for (int i = 0; i < 3; ++i) {
        int const peer = accept(listener, nullptr, nullptr);
        must(peer >= 0);
        no_delay(peer);
        char what = 0;
        must(read_all(peer, &what, 1));
        if (what == 'e') {
            while (read_all(peer, place.data(), frame)) write_all(peer, place.data(), frame);
        } else {
            std::uint64_t seen = 0;
            for (;;) {
                ssize_t const got = read(peer, place.data(), place.size());
                if (got <= 0) break;
                seen += static_cast<std::uint64_t>(got);
                if (place[static_cast<std::size_t>(got) - 1] == 'z') {
                    write_all(peer, reinterpret_cast<char const*>(&seen), sizeof seen);
                }
            }
        }
        close(peer);
    }
    close(listener);
}

int connect_to(int port, char what) {
    int const peer = socket(AF_INET, SOCK_STREAM, 0);
    auto      at = loopback(port);
    must(connect(peer, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0);
    no_delay(peer);
    write_all(peer, &what, 1);
    return peer;
}

void one_way(int port, char const* peer_name, std::size_t at_once, std::uint64_t frames) {
    int const         peer = connect_to(port, 'c');
    std::vector<char> bytes(frame * at_once, 'a');
    frames -= frames % at_once;
    stopwatch const watch;
    for (std::uint64_t i = 0; i < frames; i += at_once) {
        if (i + at_once == frames) bytes.back() = 'z';
        write_all(peer, bytes.data(), bytes.size());
    }
    std::uint64_t seen = 0;
    must(read_all(peer, reinterpret_cast<char*>(&seen), sizeof seen));
    require_count("limit remote one way", seen, frames * frame);
    print_rate("one_way", peer_name, static_cast<double>(frames), watch.seconds());
    close(peer);
}

void ask(int port) {
    {
        int const           peer = connect_to(port, 'e');
        char                bytes[frame] = {};
        std::uint64_t const asks = share(counts::remote_asks, 500);
        stopwatch const     watch;
        for (std::uint64_t i = 0; i < asks; ++i) {
            write_all(peer, bytes, frame);
            must(read_all(peer, bytes, frame));
        }
        print_rate("ask", "limit_blocking_sockets", static_cast<double>(asks), watch.seconds());
        close(peer);
    }
    one_way(port, "limit_each_frame", 1, share(counts::remote_messages / 10, 1024));
    one_way(port, "limit_64_kib", many, share(counts::remote_messages * 4, 10 * many));
}

}  // namespace

int main() {
    in_two_processes([](auto const& tell) { serve(tell); }, [](int port) { ask(port); });
}
