// SPDX-License-Identifier: BSL-1.0
#pragma once

// Counts calls of malloc and its family, by whomever in the process.

#include "../../tests/support/heap_count.hpp"
#include "../config.hpp"

namespace troupe_bench {

/// Prints the calls per message of `run(messages)`: of its third run, when everything is warm.
template <class Run>
void print_allocations(std::string const& name, std::uint64_t messages, Run run) {
    std::uint64_t const count = share(messages);
    run(count);
    run(count);
    std::uint64_t const before = troupe_test::heap_calls.load();
    run(count);
    std::uint64_t const calls = troupe_test::heap_calls.load() - before;
    std::printf("value allocations/%s %.6f\n", name.c_str(),
                static_cast<double>(calls) / static_cast<double>(count));
}

}  // namespace troupe_bench
