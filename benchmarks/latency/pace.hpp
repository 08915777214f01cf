// SPDX-License-Identifier: BSL-1.0
#pragma once

// Delays with the care that coordinated omission needs: the times at which something should be sent
// are fixed before, and a delay counts from there. Who is held up by one slow answer does not send
// less for it; what waited behind it waited, and is counted so.

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "../config.hpp"

namespace troupe_bench {

using steady = std::chrono::steady_clock;

/// Calls `send(intended)` `times` times, `rate` times a second; late ones at once.
template <class Send>
void pace(std::uint64_t times, double rate, Send send) {
    using namespace std::chrono_literals;
    auto const begun = steady::now() + 1ms;
    for (std::uint64_t i = 0; i < times; ++i) {
        auto const intended =
            begun + std::chrono::duration_cast<steady::duration>(
                        std::chrono::duration<double>(static_cast<double>(i) / rate));
        // Sleeping is not exact; the last bit is spun.
        if (intended - steady::now() > 200us) std::this_thread::sleep_until(intended - 150us);
        while (steady::now() < intended) {}
        send(intended);
    }
}

/// Nanoseconds, from intended to seen. One thread adds; has room for all before the first.
class delays {
public:
    explicit delays(std::uint64_t most) { all_.reserve(most); }
    void add(steady::time_point intended) {
        all_.push_back(static_cast<double>((steady::now() - intended).count()));
    }
    void add(delays const& others) {
        all_.insert(all_.end(), others.all_.begin(), others.all_.end());
    }
    std::uint64_t count() const { return all_.size(); }

    /// Prints p50, p90, p99 and p99.9 as value latency_<kind>/<percentile>/<peer>, microseconds.
    void print(std::string const& kind, std::string const& peer) {
        std::sort(all_.begin(), all_.end());
        std::pair<char const*, double> const wanted[] = {
            {"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}};
        for (auto const& [name, part] : wanted) {
            auto const at = static_cast<std::size_t>(static_cast<double>(all_.size()) * part);
            std::printf("value latency_%s/%s/%s %.6g\n", kind.c_str(), name, peer.c_str(),
                        all_[std::min(at, all_.size() - 1)] / 1000);
        }
    }

private:
    std::vector<double> all_;
};

/// One way of talking to a peer: `send(intended)` sends or asks, `finish()` returns when all of it
/// was handled; the peer adds to `seen`.
///
/// Idle: a thousand a second. Loaded: half of what the way can carry, which is measured first.
template <class Talk>
void print_latencies(std::string const& kind, std::string const& peer, Talk talk) {
    double const part = static_cast<double>(share(1'000'000)) / 1e6;
    double       capacity = 0;
    {
        delays          seen{std::size_t{1} << 24};
        std::uint64_t   sent = 0;
        stopwatch const watch;
        talk(seen, [&](auto&& send) {
            while (watch.seconds() < 0.3 * part && sent < (std::uint64_t{1} << 24) - 100) {
                for (int i = 0; i < 100; ++i, ++sent) send(steady::now());
            }
        });
        capacity = static_cast<double>(sent) / watch.seconds();
        require_count("latency", seen.count(), sent);
    }
    for (bool const loaded : {false, true}) {
        double const        rate = loaded ? capacity / 2 : 1000;
        auto const          a_second = static_cast<std::uint64_t>(rate);
        std::uint64_t const times = std::max<std::uint64_t>(share(a_second, 100), 100);
        delays              seen{times};
        talk(seen, [&](auto&& send) { pace(times, rate, send); });
        require_count("latency", seen.count(), times);
        seen.print(kind + (loaded ? "_loaded" : "_idle"), peer);
        if (loaded) {
            std::printf("value latency_%s_loaded/rate/%s %.6g\n", kind.c_str(), peer.c_str(),
                        rate / 1e6);
        }
    }
}

/// CPU seconds of the process, without those of the calling thread.
inline double cpu_seconds_of_others() {
    auto const seconds = [](int whose) {
        rusage used{};
        getrusage(whose, &used);
        auto const add = [](timeval const& t) {
            return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
        };
        return add(used.ru_utime) + add(used.ru_stime);
    };
    return seconds(RUSAGE_SELF) - seconds(RUSAGE_THREAD);
}

/// Percent of one core that the other threads use while `wait` runs.
template <class Wait>
double cpu_percent(Wait wait) {
    double const    before = cpu_seconds_of_others();
    stopwatch const watch;
    wait();
    return 100 * (cpu_seconds_of_others() - before) / watch.seconds();
}

}  // namespace troupe_bench
