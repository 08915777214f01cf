// SPDX-License-Identifier: BSL-1.0
#pragma once

// What the process uses of the machine.

#include <cstdio>
#include <ctime>

#include "troupe/config/features.hpp"
#include "troupe/config/hints.hpp"

#if defined(__linux__)
#include <unistd.h>
#endif

namespace troupe::inline TROUPE_ABI::detail {

/// Processor time of all threads, in seconds; negative: not known.
TROUPE_COLD inline double process_cpu_seconds() noexcept {
#if TROUPE_HAS_POSIX
    timespec used{};
    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) != 0) return -1;
    return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
#else
    std::clock_t const used = std::clock();
    return used < 0 ? -1 : static_cast<double>(used) / CLOCKS_PER_SEC;
#endif
}

/// Memory that is in RAM, in bytes; negative: not known. Reads a file.
TROUPE_COLD inline double process_memory_bytes() noexcept {
#if defined(__linux__)
    double pages = -1;
    if (std::FILE* file = std::fopen("/proc/self/statm", "re")) {
        unsigned long all = 0;
        unsigned long resident = 0;
        if (std::fscanf(file, "%lu %lu", &all, &resident) == 2) {
            pages = static_cast<double>(resident);
        }
        std::fclose(file);
    }
    return pages < 0 ? -1 : pages * static_cast<double>(sysconf(_SC_PAGESIZE));
#else
    return -1;
#endif
}

}  // namespace troupe::inline TROUPE_ABI::detail
