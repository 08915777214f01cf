// SPDX-License-Identifier: BSL-1.0
#pragma once

// Which of many are looked at: none, or from begin() on the first, and then one of `mean` on
// average, chosen by chance, so that no rhythm in the program is missed or always met. One thread.

#include <cstdint>

#include "troupe/config/abi.hpp"

namespace troupe::inline TROUPE_ABI::detail {

class sampler {
public:
    static constexpr std::uint32_t mean = 64;

    void begin() noexcept { left_ = 1; }
    bool next() noexcept {
        if (left_ == 0 || --left_ != 0) [[likely]]
            return false;
        // xorshift32 (G. Marsaglia, 2003)
        dice_ ^= dice_ << 13;
        dice_ ^= dice_ >> 17;
        dice_ ^= dice_ << 5;
        left_ = 1 + dice_ % (2 * mean - 1);
        return true;
    }

private:
    std::uint32_t left_ = 0;
    std::uint32_t dice_ = 2463534242u;
};

}  // namespace troupe::inline TROUPE_ABI::detail
