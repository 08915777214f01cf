// SPDX-License-Identifier: BSL-1.0
#pragma once

// One line of a log while it is written: a fixed place, and what is put there stands whole or not
// at all. Nothing is allocated.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string_view>

#include "troupe/base/utf8.hpp"
#include "troupe/config/hints.hpp"
#include "troupe/port/log_field.hpp"

namespace troupe::inline TROUPE_ABI {

/// For formatters. One thread at a time.
class log_line {
public:
    /// `colours`: whether who looks at it sees them.
    explicit log_line(std::span<char> place, bool colours = false) noexcept
        : begin_(place.data()), limit_(place.size()), colours_(colours) {}

    std::string_view text() const noexcept { return {begin_, size_}; }
    std::size_t      size() const noexcept { return size_; }
    /// How many bytes still fit.
    std::size_t room() const noexcept { return limit_ - size_; }
    bool        colours() const noexcept { return colours_; }
    /// Something did not fit.
    bool is_cut() const noexcept { return cut_; }
    void note_cut() noexcept { cut_ = true; }

    /// All of it, or nothing; false: it does not fit.
    bool put(std::string_view part) noexcept {
        if (part.size() > room()) {
            cut_ = true;
            return false;
        }
        size_ += part.copy(begin_ + size_, part.size());
        return true;
    }
    bool put(char const* part) noexcept { return put(std::string_view{part}); }
    bool put(char one) noexcept { return put(std::string_view{&one, 1}); }
    bool put(std::uint64_t number) noexcept;
    bool put(std::int64_t number) noexcept;
    /// Digits that give the number again when they are read, with a point whatever the locale says;
    /// `NaN`, `Infinity`, `-Infinity`.
    bool put(double number) noexcept;
    /// Takes back what was put since the line was `size` long.
    void back_to(std::size_t size) noexcept { size_ = size; }

    /// Keeps some of the room for what ends the line, until it is given back. False: there is less.
    bool keep_back(std::size_t bytes) noexcept {
        if (bytes > room()) return false;
        limit_ -= bytes;
        return true;
    }
    void give_back(std::size_t bytes) noexcept { limit_ += bytes; }

private:
    char*       begin_;
    std::size_t limit_;
    std::size_t size_ = 0;
    bool        cut_ = false;
    bool        colours_;
};

TROUPE_COLD inline bool log_line::put(std::uint64_t number) noexcept {
    char        digits[20];
    std::size_t first = sizeof digits;
    do {
        digits[--first] = static_cast<char>('0' + number % 10);
        number /= 10;
    } while (number != 0);
    return put(std::string_view{digits + first, sizeof digits - first});
}

TROUPE_COLD inline bool log_line::put(std::int64_t number) noexcept {
    if (number >= 0) return put(static_cast<std::uint64_t>(number));
    std::size_t const before = size_;
    if (put('-') && put(0 - static_cast<std::uint64_t>(number))) return true;
    back_to(before);
    return false;
}

TROUPE_COLD inline bool log_line::put(double number) noexcept {
    if (number != number) return put("NaN");
    if (number - number != 0) return put(number < 0 ? "-Infinity" : "Infinity");
    char digits[40];
    int  length = 0;
    for (int precision = 15; precision <= 17; ++precision) {
        length = std::snprintf(digits, sizeof digits, "%.*g", precision, number);
        if (std::strtod(digits, nullptr) == number) break;
    }
    // The decimal point is the locale's, and may be several bytes: all that is no part of a number.
    char        plain[sizeof digits];
    std::size_t size = 0;
    bool        pointed = false;
    for (int i = 0; i < length; ++i) {
        char const c = digits[i];
        bool const usual = (c >= '0' && c <= '9') || c == '-' || c == '+' || c == 'e';
        if (usual) plain[size++] = c;
        else if (!pointed) plain[size++] = '.';
        pointed = !usual;
    }
    return put(std::string_view{plain, size});
}

namespace detail {

/// One character of a text, as far as it is one.
struct log_character {
    std::string_view bytes;  // at least one
    bool             valid;  // UTF-8
    /// It would end a line, move the cursor, or turn the direction of what follows.
    bool controls;
    /// Its number, where it controls.
    std::uint32_t code;
};

/// The character at the head of a text that is not empty.
inline log_character first_character(std::string_view text) noexcept {
    auto const at = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    if (at(0) < 0x80) return {text.substr(0, 1), true, at(0) < 0x20 || at(0) == 0x7f, at(0)};
    std::size_t const length =
        utf8_length(std::as_bytes(std::span<char const>{text.data(), text.size()}));
    if (length == 0) return {text.substr(0, 1), false, true, at(0)};
    std::uint32_t code = 0;
    if (length == 2) code = (at(0) & 0x1fu) << 6 | (at(1) & 0x3fu);
    if (length == 3) code = (at(0) & 0xfu) << 12 | (at(1) & 0x3fu) << 6 | (at(2) & 0x3fu);
    // C1 controls with NEL and CSI; the separators of lines and paragraphs; bidirectional controls
    bool const controls = (length == 2 && (code < 0xa0 || code == 0x61c)) ||
                          (code >= 0x2028 && code <= 0x202e) ||
                          (code >= 0x2066 && code <= 0x2069) || code == 0x200e || code == 0x200f;
    return {text.substr(0, length), true, controls, code};
}

inline constexpr char hex_digits[] = "0123456789abcdef";

/// What shows that a text goes on.
inline constexpr std::string_view log_cut = "...";

/// What is shown instead of a secret.
inline constexpr std::string_view log_hidden = "[secret]";

/// Puts a text, character by character as `put_one(line, character)` writes it, whole or cut with
/// `...`; `most` bytes, and `behind` bytes stay free. False: there was not even room for that.
template <class PutOne>
bool put_text(log_line& line, std::string_view text, std::size_t most, std::size_t behind,
              PutOne const& put_one) noexcept {
    std::size_t const begin = line.size();
    std::size_t       safe = begin;  // up to here it may be cut
    bool              may_cut = line.room() >= log_cut.size() + behind;
    if (!may_cut && !text.empty()) return false;
    while (!text.empty()) {
        log_character const next = first_character(text);
        bool const          fits = put_one(line, next) && line.size() - begin <= most;
        if (!fits || line.room() < behind) {
            line.back_to(safe);
            line.note_cut();
            return line.put(log_cut);
        }
        if (line.room() >= log_cut.size() + behind &&
            line.size() - begin + log_cut.size() <= most) {
            safe = line.size();
        }
        text.remove_prefix(next.bytes.size());
    }
    return true;
}

}  // namespace detail
}  // namespace troupe::inline TROUPE_ABI
