// SPDX-License-Identifier: BSL-1.0
// A metrics sink of one's own that pushes: it keeps sums, and an actor hands them on in one batch
// each second, as lines of StatsD. Here they go to the standard output instead of a socket, and the
// time is the program's.

#include <troupe/testing.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

using namespace std::chrono_literals;

// Sums over all labels, in fixed memory: it must not block, allocate or throw.
class push_sink {
public:
    void add(troupe::metric id, std::string_view, std::uint64_t n) noexcept {
        counters_[index(id)].fetch_add(n, std::memory_order_relaxed);
    }
    void set(troupe::metric id, std::string_view, double value) noexcept {
        gauges_[index(id)].set(value);
    }
    void sample(troupe::metric id, std::string_view, double value) noexcept {
        longest_[index(id)].raise(value);
    }

    // What has come since the last batch, as lines.
    std::string take_batch() {
        std::string lines;
        for (troupe::metric_info const& m : troupe::metric_catalogue) {
            std::uint64_t const n = counters_[index(m.id)].exchange(0, std::memory_order_relaxed);
            if (n != 0) {
                lines += std::string{m.name} + ":" + std::to_string(n) + "|c\n";
            } else if (m.kind == troupe::metric_kind::gauge && m.unit.empty()) {
                auto const value = static_cast<long>(gauges_[index(m.id)].value());
                lines += std::string{m.name} + ":" + std::to_string(value) + "|g\n";
            } else if (m.id == troupe::metric::handler_seconds) {
                auto const us = static_cast<long>(longest_[index(m.id)].value() * 1e6);
                lines += "handler_longest_us:" + std::to_string(us) + "|g\n";
            }
        }
        return lines;
    }

private:
    static std::size_t index(troupe::metric id) noexcept { return static_cast<std::size_t>(id); }

    std::array<std::atomic<std::uint64_t>, troupe::metric_count> counters_{};
    std::array<troupe::metric_gauge, troupe::metric_count>       gauges_;
    std::array<troupe::metric_gauge, troupe::metric_count>       longest_;
};
static_assert(troupe::metrics_sink<push_sink>);

struct config : troupe::defaults {
    using metrics_type = push_sink;
    using clock_type = troupe::manual_clock;
    using scheduler_type = troupe::run_loop_scheduler;
};
using system_type = troupe::basic_system<config>;

struct flush {};

// Pushes each second. What the system counts by itself is told to the sink first.
class pusher {
public:
    using protocol = troupe::protocol<void(flush)>;

    explicit pusher(system_type& system) : system_(system) {}
    void started(troupe::context<pusher>& self) { self.every(1s, flush{}); }
    void on(flush) {
        system_.collect();
        std::string const batch = system_.metrics().take_batch();
        std::printf("---- batch %d\n%s", ++batches_, batch.c_str());
    }

private:
    system_type& system_;
    int          batches_ = 0;
};

int main() {
    troupe::manual_clock clock;
    system_type          system{{.clock = &clock}};
    system.spawn<pusher>(std::ref(system));
    auto const worker = system.spawn([](int) {});
    for (int second = 0; second < 2; ++second) {
        for (int i = 0; i < 100; ++i) worker.send(i);
        system.run_until_idle();
        clock.advance(1s);
        system.run_until_idle();
    }
}
