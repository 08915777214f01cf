// SPDX-License-Identifier: BSL-1.0
#pragma once

// Whether bytes are UTF-8, as Unicode defines it: no overlong forms, no surrogates, nothing above
// U+10FFFF. Any thread; allocates nothing.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "troupe/config/abi.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// The length of the character at the head, 0 when there is none: Unicode 15, table 3-7.
inline std::size_t utf8_length(std::span<std::byte const> text) noexcept {
    auto const at = [text](std::size_t i) { return std::to_integer<unsigned>(text[i]); };
    auto const between = [&at, text](std::size_t i, unsigned least, unsigned most) {
        return i < text.size() && at(i) >= least && at(i) <= most;
    };
    unsigned const first = at(0);
    if (first < 0x80) return 1;
    if (first < 0xc2) return 0;
    if (first < 0xe0) return between(1, 0x80, 0xbf) ? 2 : 0;
    if (first < 0xf0) {
        unsigned const least = first == 0xe0 ? 0xa0 : 0x80;
        unsigned const most = first == 0xed ? 0x9f : 0xbf;
        return between(1, least, most) && between(2, 0x80, 0xbf) ? 3 : 0;
    }
    if (first > 0xf4) return 0;
    unsigned const least = first == 0xf0 ? 0x90 : 0x80;
    unsigned const most = first == 0xf4 ? 0x8f : 0xbf;
    return between(1, least, most) && between(2, 0x80, 0xbf) && between(3, 0x80, 0xbf) ? 4 : 0;
}

/// Where the first byte stands that begins no character; the size of the text when there is none.
inline std::size_t first_invalid_utf8(std::span<std::byte const> text) noexcept {
    std::size_t i = 0;
    while (i < text.size()) {
        // Eight letters of ASCII at once: most text is nothing else.
        if (std::uint64_t eight = 0; text.size() - i >= sizeof(eight)) {
            std::memcpy(&eight, text.data() + i, sizeof(eight));
            if ((eight & 0x8080808080808080u) == 0) {
                i += sizeof(eight);
                continue;
            }
        }
        std::size_t const length = utf8_length(text.subspan(i));
        if (length == 0) return i;
        i += length;
    }
    return i;
}

}  // namespace troupe::inline TROUPE_ABI::detail
