// SPDX-License-Identifier: BSL-1.0
#pragma once

// What all benchmarks share: the systems they run on, and the rule that a number counts only if the
// receiving handler has seen every message.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "troupe/testing.hpp"

namespace troupe_bench {

/// Workers with threads; how many is the benchmark's argument.
struct stealing : troupe::defaults {
    using log_type = troupe::null_log;
};
/// The benchmark's own thread runs the actors.
struct run_loop : stealing {
    using scheduler_type = troupe::run_loop_scheduler;
};

template <class Config>
troupe::options<Config> with_workers(std::int64_t workers) {
    troupe::options<Config> options;
    options.workers = static_cast<unsigned>(workers);
    return options;
}

/// A benchmark that has lost a message must not print a figure.
inline void require_count(char const* what, std::uint64_t handled, std::uint64_t expected) {
    if (handled == expected) return;
    std::fprintf(stderr, "%s: the handler has seen %llu of %llu messages\n", what,
                 static_cast<unsigned long long>(handled),
                 static_cast<unsigned long long>(expected));
    std::exit(1);
}

}  // namespace troupe_bench
