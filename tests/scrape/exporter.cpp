// SPDX-License-Identifier: BSL-1.0
// A system that a real Prometheus scrapes: scrape.sh. Prints its port, answers GET by one thread
// and plain sockets, and ends with its standard input.

#include <troupe/observe/prometheus_sink.hpp>
#include <troupe/troupe.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <string>
#include <thread>

using namespace std::chrono_literals;

struct config : troupe::defaults {
    using metrics_type = troupe::prometheus_sink;
    using log_type = troupe::null_log;
};
using system_type = troupe::basic_system<config>;

struct tick {};
/// Sends itself work ten times a second, so that the numbers move.
struct busy {
    using protocol = troupe::protocol<void(tick), void(int)>;
    void started(troupe::context<busy>& self) { self.every(100ms, tick{}); }
    void on(tick, troupe::context<busy>& self) {
        for (int i = 0; i < 10; ++i) self.ref().send(i);
    }
    void on(int) {}
};

void answer(int connection, system_type& system) {
    std::string request;
    char        part[1024];
    while (request.find("\r\n\r\n") == std::string::npos && request.size() < 65536) {
        ssize_t const size = read(connection, part, sizeof part);
        if (size <= 0) return;
        request.append(part, static_cast<std::size_t>(size));
    }
    bool const open = request.find("application/openmetrics-text") != std::string::npos;
    auto const format = open ? troupe::exposition::openmetrics : troupe::exposition::prometheus;
    system.collect();
    std::string body;
    system.metrics().write(body, format);
    std::string all = "HTTP/1.1 200 OK\r\nContent-Type: ";
    all += content_type(format);
    all += "\r\nContent-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n";
    all += body;
    for (std::size_t at = 0; at < all.size();) {
        ssize_t const size = send(connection, all.data() + at, all.size() - at, MSG_NOSIGNAL);
        if (size <= 0) return;
        at += static_cast<std::size_t>(size);
    }
}

int main() {
    system_type system{{.workers = 2}};
    system.spawn<busy>();
    auto const odd = system.metrics().counter("mine_total", "A \\ \"label\".", {"k", "a\"b\\c\nd"});
    if (!odd) return 1;
    odd.value()->add(7);

    int const   listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    if (bind(listener, reinterpret_cast<sockaddr*>(&at), size) != 0 || listen(listener, 16) != 0 ||
        getsockname(listener, reinterpret_cast<sockaddr*>(&at), &size) != 0) {
        std::perror("exporter");
        return 1;
    }
    std::printf("%d\n", ntohs(at.sin_port));
    std::fflush(stdout);
    std::thread server{[&] {
        for (;;) {
            int const connection = accept(listener, nullptr, nullptr);
            if (connection < 0) return;
            answer(connection, system);
            close(connection);
        }
    }};
    while (std::getchar() != EOF) {}
    shutdown(listener, SHUT_RDWR);
    server.join();
    close(listener);
}
