// SPDX-License-Identifier: BSL-1.0
#pragma once

// How much a stress test does. CI takes the numbers as written; TROUPE_SOAK=1 takes those of a soak
// run, 100 times as much where none is given; TROUPE_SOAK=n (from 2) takes n times those of CI.

#include <cstdint>
#include <cstdlib>

namespace troupe_test {

inline std::uint64_t scaled(std::uint64_t in_ci, std::uint64_t in_a_soak_run) {
    char const* const   text = std::getenv("TROUPE_SOAK");
    std::uint64_t const soak = text == nullptr ? 0 : std::strtoull(text, nullptr, 10);
    return soak == 0 ? in_ci : soak == 1 ? in_a_soak_run : in_ci * soak;
}
inline std::uint64_t scaled(std::uint64_t in_ci) { return scaled(in_ci, 100 * in_ci); }

}  // namespace troupe_test
