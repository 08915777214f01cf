// SPDX-License-Identifier: BSL-1.0
#pragma once

// What every benchmark shares, ours and the rivals': how much work is done, how a figure is named,
// and the rule that a number counts only if the receiving handler has seen every message.
//
// A figure is named question/case/peer, as in rows.txt: "fan_in/8_producers/caf_2". A digit at the
// end of a peer is its number of worker threads.

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

namespace troupe_bench {

/// The part of a full count that this run does: all of it, or TROUPE_BENCH_SHARE of it (a number
/// from 0 to 1). Shares are for smoke runs and quick looks.
inline std::uint64_t share(std::uint64_t full, std::uint64_t least = 1000) {
    static double const part = [] {
        char const* const text = std::getenv("TROUPE_BENCH_SHARE");
        double const      said = text == nullptr ? 1.0 : std::strtod(text, nullptr);
        return said > 0.0 && said < 1.0 ? said : 1.0;
    }();
    auto const some = static_cast<std::uint64_t>(static_cast<double>(full) * part);
    return some < least && least < full ? least : some;
}

/// The same for work that cannot be scaled, because its figure is the time of all of it: the whole,
/// but `small` in a smoke run.
inline std::uint64_t whole(std::uint64_t full, std::uint64_t small) {
    return share(1000, 0) < 100 ? small : full;
}

/// A benchmark that has lost a message must not print a figure.
inline void require_count(char const* what, std::uint64_t handled, std::uint64_t expected) {
    if (handled == expected) return;
    std::fprintf(stderr, "%s: the handler has seen %llu of %llu messages\n", what,
                 static_cast<unsigned long long>(handled),
                 static_cast<unsigned long long>(expected));
    std::exit(1);
}

/// Seconds since it was made.
class stopwatch {
public:
    double seconds() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count();
    }

private:
    std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

/// A figure that is a rate: `work(items)` does that many things and returns the seconds they took;
/// building and taking down is outside of them. Repeated until it is long enough to be told.
template <class Work>
void measure(std::string name, std::uint64_t items, Work work) {
    benchmark::RegisterBenchmark(name.c_str(),
                                 [items, work](benchmark::State& state) {
                                     for (auto _ : state) state.SetIterationTime(work(items));
                                     state.SetItemsProcessed(state.iterations() *
                                                             static_cast<std::int64_t>(items));
                                 })
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond);
}

/// A figure that is no rate: `work()` returns it, already in the unit of its row. Measured once.
template <class Work>
void measure_value(std::string name, Work work) {
    benchmark::RegisterBenchmark(name.c_str(),
                                 [work](benchmark::State& state) {
                                     for (auto _ : state) {
                                         stopwatch const watch;
                                         state.counters["value"] = work();
                                         state.SetIterationTime(watch.seconds());
                                     }
                                 })
        ->UseManualTime()
        ->Iterations(1)
        ->Unit(benchmark::kMillisecond);
}

/// Bytes of this process that lie in memory.
inline double resident_bytes() {
    std::FILE* const file = std::fopen("/proc/self/statm", "r");
    if (file == nullptr) return 0;
    unsigned long all = 0, resident = 0;
    int const     read = std::fscanf(file, "%lu %lu", &all, &resident);
    std::fclose(file);
    return read == 2 ? static_cast<double>(resident) * 4096.0 : 0;
}

/// The counts of the workloads: the same for every peer.
namespace counts {
inline constexpr std::uint64_t fan_in = 4'000'000;
inline constexpr std::uint64_t round_trips = 1'000'000;
inline constexpr std::uint64_t round_trips_across = 200'000;
inline constexpr std::uint64_t round_trips_awake = 100'000;
inline constexpr std::uint64_t ring = 503;
inline constexpr std::uint64_t hops = 1'000'000;
inline constexpr std::uint64_t actors = 1'000'000;
inline constexpr std::uint64_t asks = 500'000;
inline constexpr std::uint64_t blocking_asks = 20'000;
inline constexpr std::uint64_t leaves = 1'000'000;
inline constexpr std::uint64_t big_actors = 120;
inline constexpr std::uint64_t big_pings = 20'000;  // of each
inline constexpr std::uint64_t receivers = 60;
inline constexpr std::uint64_t fork_join = 100'000;  // messages to each
}  // namespace counts

}  // namespace troupe_bench
