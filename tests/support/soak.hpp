// SPDX-License-Identifier: BSL-1.0
#pragma once

// How much a stress test does. CI takes the numbers as written; TROUPE_SOAK=1 takes 100 times as
// much, TROUPE_SOAK=n (from 2) n times.

#include <cstdint>
#include <cstdlib>

namespace troupe_test {

inline std::uint64_t scaled(std::uint64_t count) {
    char const* const   text = std::getenv("TROUPE_SOAK");
    std::uint64_t const soak = text == nullptr ? 0 : std::strtoull(text, nullptr, 10);
    return count * (soak == 0 ? 1 : soak == 1 ? 100 : soak);
}

}  // namespace troupe_test
