// SPDX-License-Identifier: BSL-1.0
#pragma once

// Runs a Relacy test under one of its searches and says how many interleavings that were.
//
//   random      seeds 1 .. n; TROUPE_MODEL_FACTOR multiplies n (a soak run takes 10 or 100)
//   bound       every interleaving with at most so many preemptions, to the end or to a limit
//
// In a test: objects with atomics are members or made in thread(), never static; each iteration
// makes them anew. What is leaked, freed twice or used after its end is found by Relacy.

#include "troupe/sync/atomic.hpp"

#include <cstdio>
#include <cstdlib>
#include <iostream>

// Relacy replaces the plain forms only, and the sized ones would go past it. One file is one
// program.
void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }
void operator delete[](void* memory, std::size_t) noexcept { operator delete[](memory); }

namespace troupe_model {

inline unsigned long long factor() {
    char const* const text = std::getenv("TROUPE_MODEL_FACTOR");
    return text == nullptr ? 1 : std::strtoull(text, nullptr, 10);
}

/// Whether there is time for the next bound (a soak run).
inline bool deep() { return factor() >= 10; }

/// As rl::simulate(), which would compile the test under all its schedulers. After a failure the
/// same interleaving is run again, this time with its history.
template <class Test, class Scheduler>
void run(char const* name, char const* search, rl::test_params& params) {
    std::ostream      silent{nullptr};
    rl::ostringstream state;
    params.output_stream = &silent;
    params.progress_stream = &silent;
    params.execution_depth_limit = 20'000;
    params.test_name = name;
    bool const good =
        rl::run_test<Test, Scheduler>(params, state, false) == rl::test_result_success;
    std::printf("%-34s %-8s %9llu interleavings  %s\n", name, search,
                static_cast<unsigned long long>(params.stop_iteration), good ? "ok" : "FAILED");
    std::fflush(stdout);
    if (!good) {
        rl::ostringstream again;
        params.initial_state = state.str();
        params.collect_history = true;
        params.output_stream = &std::cout;  // it needs no memory, which Relacy would count
        rl::run_test<Test, Scheduler>(params, again, true);
        std::cout.flush();
        std::_Exit(1);  // Relacy leaves the threads of a failed interleaving as they are
    }
}

template <class Test>
void random(char const* name, unsigned long long iterations) {
    rl::test_params params;
    params.search_type = rl::random_scheduler_type;
    params.iteration_count = iterations * factor();
    run<Test, rl::random_scheduler<Test::params::thread_count>>(name, "random", params);
}

template <class Test>
void bound(char const* name, unsigned preemptions) {
    rl::test_params params;
    params.search_type = rl::fair_context_bound_scheduler_type;
    params.context_bound = preemptions;
    char text[16];
    std::snprintf(text, sizeof text, "bound %u", preemptions);
    run<Test, rl::context_bound_scheduler<Test::params::thread_count>>(name, text, params);
}

}  // namespace troupe_model
