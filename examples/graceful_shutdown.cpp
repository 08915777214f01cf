// SPDX-License-Identifier: BSL-1.0
// A service that ends well: at SIGTERM it takes nothing new, handles what is queued, ends its
// actors in order, says what it has done, and who has not ended, if there is anybody.
//
//     graceful_shutdown          works until SIGTERM
//     graceful_shutdown --self   sends it to itself, when there is work to be drained
//     graceful_shutdown --stuck  the same, with a handler that never ends: the report names it

#include <troupe/troupe.hpp>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

using namespace std::chrono_literals;

struct order {
    int number;
};
struct flush {};
struct hang {};

/// Writes what it was given, in one go, when it is asked to.
class archive {
public:
    using protocol = troupe::protocol<void(order), int(flush)>;
    void on(order o) { kept_.push_back(o.number); }
    int  on(flush) {
        int const written = static_cast<int>(kept_.size());
        kept_.clear();
        return written;
    }

private:
    std::vector<int> kept_;
};

/// Takes orders. When it stops it sees to it that they are written: its children, and those that
/// were spawned before it, still live then.
class front {
public:
    using protocol = troupe::protocol<void(order), void(hang)>;
    static constexpr auto hooks = troupe::hook_deadlines{.stopping = 2s};

    explicit front(troupe::ref<archive> a) : archive_(a) {}
    void on(order o) { archive_.send(o); }
    void on(hang) {
        while (!over.load()) {}
    }
    troupe::task<> stopping() {
        int const written = co_await archive_.ask<flush>();
        std::printf("stopping: %d orders written\n", written);
    }
    void stopped() { std::puts("stopped: the front is closed"); }

    static inline std::atomic<bool> over{false};

private:
    troupe::ref<archive> archive_;
};

int main(int argc, char** argv) {
    std::string_view const what = argc > 1 ? argv[1] : "";

    // Before the first thread is made: all threads inherit that the signals wait.
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGTERM);
    sigaddset(&wanted, SIGINT);
    pthread_sigmask(SIG_BLOCK, &wanted, nullptr);

    troupe::system system;
    auto const     a = system.spawn<archive>(troupe::name{"archive"});
    auto const     f = system.spawn<front>(troupe::name{"front"}, a);
    for (int i = 0; i < 1000; ++i) f.send(order{i});
    if (what == "--stuck") f.send(hang{});
    if (what == "--self" || what == "--stuck") std::raise(SIGTERM);
    else std::puts("working, until SIGTERM");
    std::fflush(stdout);

    int caught = 0;
    sigwait(&wanted, &caught);
    std::printf("caught signal %d, draining\n", caught);

    troupe::stop_report const report = system.stop(what == "--stuck" ? 200ms : 20s);
    for (troupe::straggler const& s : report.stragglers) {
        std::printf("still there: %s\n", to_string(s).c_str());
    }
    std::printf("%s\n", report.complete ? "all has ended" : "the time is over");
    front::over = true;
    return report.complete ? 0 : 1;
}
