// SPDX-License-Identifier: BSL-1.0
// Becomes examples/graceful_shutdown.cpp: SIGTERM, drain, report, exit code.

#include "interface.hpp"

#include <csignal>
#include <cstdio>

using namespace std::chrono_literals;

struct request_line {
    int number;
};
class front {
public:
    using protocol = troupe::protocol<void(request_line)>;
    void on(request_line const&) {}
};

int main() {
    sigset_t wanted;  // before the first thread: all inherit it
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &wanted, nullptr);

    troupe::system system;
    system.spawn<front>().send(request_line{1});
    int caught = 0;
    sigwait(&wanted, &caught);

    troupe::stop_report const report = system.stop(20s);  // a second SIGTERM: stop_mode::now
    for (troupe::straggler const& s : report.stragglers) std::puts(to_string(s).c_str());
    return report.complete && report.books.balanced() ? 0 : 1;
}
