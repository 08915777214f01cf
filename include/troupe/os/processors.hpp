// SPDX-License-Identifier: BSL-1.0
#pragma once

// How many processors this process may use: the affinity mask and the cgroup quota, whichever is
// smaller. A container with half a core gets one worker.

#include <cstdio>

#include "troupe/config/abi.hpp"
#include "troupe/config/hints.hpp"

#if TROUPE_HAS_POSIX
#include <unistd.h>
#else
#include <thread>
#endif
#if defined(__linux__)
#include <sched.h>
#endif

namespace troupe::inline TROUPE_ABI::detail {

/// Rounds up: half a processor is one. Zero: no limit.
constexpr unsigned processors_from_quota(long long quota, long long period) noexcept {
    if (quota <= 0 || period <= 0) return 0;
    long long const count = quota / period + (quota % period != 0 ? 1 : 0);
    return count > 0xffff ? 0xffffu : static_cast<unsigned>(count);
}

/// Reads `quota period` as cgroup v2 writes it ("max 100000", "50000 100000"). Zero: no limit.
inline unsigned processors_from_quota(char const* text) noexcept {
    long long quota = 0;
    long long period = 0;
    if (std::sscanf(text, "%18lld %18lld", &quota, &period) != 2) return 0;
    return processors_from_quota(quota, period);
}

TROUPE_COLD inline unsigned cgroup_processors() noexcept {
    char text[64] = {};
    if (std::FILE* file = std::fopen("/sys/fs/cgroup/cpu.max", "re")) {
        std::size_t const length = std::fread(text, 1, sizeof text - 1, file);
        std::fclose(file);
        if (length > 0) return processors_from_quota(text);
    }
    long long quota = 0;
    long long period = 0;
    if (std::FILE* file = std::fopen("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "re")) {
        if (std::fscanf(file, "%lld", &quota) != 1) quota = 0;
        std::fclose(file);
    }
    if (std::FILE* file = std::fopen("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "re")) {
        if (std::fscanf(file, "%lld", &period) != 1) period = 0;
        std::fclose(file);
    }
    return processors_from_quota(quota, period);
}

/// At least one.
TROUPE_COLD inline unsigned available_processors() noexcept {
#if TROUPE_HAS_POSIX
    long const online = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned   count = online > 0 ? static_cast<unsigned>(online) : 0;
#else
    unsigned count = std::thread::hardware_concurrency();
#endif
#if defined(__linux__)
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
        auto const affine = static_cast<unsigned>(CPU_COUNT(&allowed));
        if (count == 0 || affine < count) count = affine;
    }
    if (unsigned const quota = cgroup_processors(); quota != 0 && quota < count) count = quota;
#endif
    return count == 0 ? 1 : count;
}

}  // namespace troupe::inline TROUPE_ABI::detail
