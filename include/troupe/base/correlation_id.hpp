// SPDX-License-Identifier: BSL-1.0
#pragma once

// What ties together all that is done for one request: in all actors, processes and lines of a log.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace troupe::inline TROUPE_ABI {

/// 128 bits, as a UUID and a trace id of W3C have them. All zero: none. A value; any thread.
struct correlation_id {
    std::uint64_t high = 0;
    std::uint64_t low = 0;

    constexpr explicit    operator bool() const noexcept { return (high | low) != 0; }
    friend constexpr bool operator==(correlation_id const&, correlation_id const&) = default;
    friend constexpr auto operator<=>(correlation_id const&, correlation_id const&) = default;

    /// How it is written: 32 digits, small letters.
    class digits {
    public:
        constexpr std::string_view view() const noexcept { return {text_, sizeof text_}; }

    private:
        friend struct correlation_id;
        char text_[32] = {};
    };
    constexpr digits text() const noexcept;

    /// Of 32 hexadecimal digits, small or large, with or without the hyphens of a UUID; none when
    /// it is anything else.
    static constexpr correlation_id parse(std::string_view text) noexcept;
};

constexpr correlation_id::digits correlation_id::text() const noexcept {
    digits to;
    for (std::size_t i = 0; i < 16; ++i) {
        to.text_[15 - i] = "0123456789abcdef"[high >> (4 * i) & 15];
        to.text_[31 - i] = "0123456789abcdef"[low >> (4 * i) & 15];
    }
    return to;
}

constexpr correlation_id correlation_id::parse(std::string_view text) noexcept {
    bool const     hyphens = text.size() == 36;
    correlation_id id;
    std::size_t    digits = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char const c = text[i];
        if (hyphens && (i == 8 || i == 13 || i == 18 || i == 23)) {
            if (c != '-') return {};
            continue;
        }
        unsigned const digit = c >= '0' && c <= '9'   ? static_cast<unsigned>(c - '0')
                               : c >= 'a' && c <= 'f' ? static_cast<unsigned>(c - 'a') + 10
                               : c >= 'A' && c <= 'F' ? static_cast<unsigned>(c - 'A') + 10
                                                      : 16;
        if (digit == 16 || digits == 32) return {};
        std::uint64_t& half = digits < 16 ? id.high : id.low;
        half = half << 4 | digit;
        ++digits;
    }
    return digits == 32 ? id : correlation_id{};
}

}  // namespace troupe::inline TROUPE_ABI
