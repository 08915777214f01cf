// SPDX-License-Identifier: BSL-1.0
#pragma once

// Runs a Relacy test under one of its searches and says how many interleavings that were.
//
//   random      seeds 1 .. n; TROUPE_MODEL_FACTOR multiplies n (a soak run takes 10 or 100)
//   bound       every interleaving with at most so many preemptions, to the end or to a limit
//   orders      the same, but for what only multiplies them: weak exchanges that fail for nothing,
//               and blocks of the heap that come back at once (random has both)
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

/// What a test has per thread, which Relacy's threads, fibers of one, would share: it is called
/// between two of them.
inline void (*on_switch)(unsigned from, unsigned to) = nullptr;
/// And at the begin of each interleaving.
inline void (*on_begin)() = nullptr;

template <class Scheduler>
class watched : public Scheduler {
public:
    using Scheduler::Scheduler;

    rl::thread_id_t iteration_begin(rl::iteration_t number) {
        if (on_begin != nullptr) on_begin();
        return running_ = Scheduler::iteration_begin(number);
    }
    rl::thread_id_t schedule(rl::unpark_reason& reason, unsigned yield) {
        rl::thread_id_t const next = Scheduler::schedule(reason, yield);
        if (next != running_ && on_switch != nullptr) on_switch(running_, next);
        return running_ = next;
    }

private:
    rl::thread_id_t running_ = 0;
};

/// Each order of steps and each value that a load may find; nothing is left to chance.
template <class Scheduler>
class orders_only : public Scheduler {
public:
    using Scheduler::Scheduler;

    unsigned rand(unsigned limit, rl::sched_type what) {
        bool const noise = what == rl::sched_type_cas_fail || what == rl::sched_type_mem_realloc;
        return noise ? limit - 1 : Scheduler::rand(limit, what);
    }
};

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
    using scheduler = rl::random_scheduler<Test::params::thread_count>;
    run<Test, watched<scheduler>>(name, "random", params);
}

template <class Test, class Scheduler>
void preemptions(char const* name, char const* search, unsigned most) {
    rl::test_params params;
    params.search_type = rl::fair_context_bound_scheduler_type;
    params.context_bound = most;
    char text[16];
    std::snprintf(text, sizeof text, "%s %u", search, most);
    run<Test, watched<Scheduler>>(name, text, params);
}

template <class Test>
void bound(char const* name, unsigned most) {
    preemptions<Test, rl::context_bound_scheduler<Test::params::thread_count>>(name, "bound", most);
}
template <class Test>
void orders(char const* name, unsigned most) {
    using scheduler = rl::context_bound_scheduler<Test::params::thread_count>;
    preemptions<Test, orders_only<scheduler>>(name, "orders", most);
}

}  // namespace troupe_model
