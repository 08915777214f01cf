// SPDX-License-Identifier: BSL-1.0
#pragma once

// How far are two processors from each other just now? Where the machine is a part of a larger one
// its processors may lie in different places from one second to the next, and all that passes
// from one thread to another takes several times as long, with every library. What was measured
// then is measured again.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace tools::bench {

/// The way of a cache line from one thread to another and back, in nanoseconds.
inline double cache_line_ns() {
    constexpr std::uint32_t trips = 4000;
    struct alignas(128) ball {
        std::atomic<std::uint32_t> at{0};
    };
    ball       there;
    ball       back;
    auto const await = [](ball const& b, std::uint32_t wanted) {
        for (unsigned i = 1; b.at.load(std::memory_order_acquire) != wanted; ++i) {
            if (i % 4096 == 0) std::this_thread::yield();  // there may be one processor only
        }
    };
    constexpr std::uint32_t batches = 4;  // the best counts: others may have disturbed one
    std::thread             other{[&] {
        for (std::uint32_t i = 1; i <= trips * batches; ++i) {
            await(there, i);
            back.at.store(i, std::memory_order_release);
        }
    }};
    double                  best = 1e9;
    for (std::uint32_t b = 0; b < batches; ++b) {
        auto const begun = std::chrono::steady_clock::now();
        for (std::uint32_t i = b * trips + 1; i <= (b + 1) * trips; ++i) {
            there.at.store(i, std::memory_order_release);
            await(back, i);
        }
        std::chrono::duration<double, std::nano> const took =
            std::chrono::steady_clock::now() - begun;
        best = std::min(best, took.count() / trips);
    }
    other.join();
    return best;
}

class processors {
public:
    /// `said`: what is believed instead of being measured, the last for ever; for tests.
    explicit processors(std::vector<double> said) : said_(std::move(said)) {}

    /// Are they far from each other now? Farther than half of the time: sometimes they are nearer.
    bool far() {
        if (said_.empty() && std::thread::hardware_concurrency() < 2) return false;
        if (all_.empty()) {
            for (int i = 0; i < first_looks; ++i) look();
        }
        double const now = look();
        return now > factor * sorted()[all_.size() / 2];
    }
    void note_repeated() { ++repeated_; }
    void note_kept() { ++kept_; }

    std::string summary() const {
        if (all_.empty()) return "one";
        std::vector<double> const line = sorted();
        char                      text[256];
        std::snprintf(text, sizeof text,
                      "a cache line goes to the other and back in %.0f ns [%.0f - %.0f]; measured "
                      "again because it took more than %g times as long: %d, kept though: %d",
                      line[line.size() / 2], line.front(), line.back(), factor, repeated_, kept_);
        return text;
    }

private:
    static constexpr double factor = 2;
    static constexpr int    first_looks = 20;

    double look() {
        all_.push_back(said_.empty() ? cache_line_ns()
                                     : said_[std::min(next_++, said_.size() - 1)]);
        return all_.back();
    }
    std::vector<double> sorted() const {
        std::vector<double> line = all_;
        std::sort(line.begin(), line.end());
        return line;
    }

    std::vector<double> said_;
    std::size_t         next_ = 0;
    std::vector<double> all_;
    int                 repeated_ = 0;
    int                 kept_ = 0;
};

}  // namespace tools::bench
