// SPDX-License-Identifier: BSL-1.0
#pragma once

// Two processes that talk over TCP on the loopback interface: the child serves, the parent
// measures. The child is forked before any thread is made.

#include <cstdio>
#include <cstdlib>

#include <sys/wait.h>
#include <unistd.h>

#include "../config.hpp"

namespace troupe_bench {

/// `serve(tell)` runs in the child: it calls `tell(port)` when it can be connected to, and returns
/// when its work is done. `ask(port)` runs here. A child that fails ends the measurement.
template <class Serve, class Ask>
void in_two_processes(Serve const& serve, Ask const& ask) {
    int pipe_ends[2];
    if (pipe(pipe_ends) != 0) std::exit(1);
    pid_t const child = fork();
    if (child < 0) std::exit(1);
    if (child == 0) {
        close(pipe_ends[0]);
        serve([&](int port) {
            if (write(pipe_ends[1], &port, sizeof port) != sizeof port) std::exit(1);
        });
        std::fflush(nullptr);
        _exit(0);
    }
    close(pipe_ends[1]);
    int port = 0;
    if (read(pipe_ends[0], &port, sizeof port) != sizeof port) std::exit(1);
    close(pipe_ends[0]);
    ask(port);
    int status = 0;
    if (waitpid(child, &status, 0) != child || status != 0) {
        std::fprintf(stderr, "remote: the serving process has failed\n");
        std::exit(1);
    }
}

inline void print_rate(char const* what, char const* peer, double count, double seconds) {
    std::printf("rate remote/%s/%s %.6g\n", what, peer, count / seconds);
    std::fflush(stdout);
}

namespace counts {
inline constexpr std::uint64_t remote_asks = 20'000;
inline constexpr std::uint64_t remote_messages = 2'000'000;
}  // namespace counts

}  // namespace troupe_bench
