// SPDX-License-Identifier: BSL-1.0
#pragma once

// A parser of JSON that takes nothing that RFC 8259 does not, for tests of what writes it: no bytes
// behind the value, no control bytes and no broken UTF-8 in strings, no number in another form.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "troupe/base/utf8.hpp"

namespace troupe_test {

struct json_member;

/// A value as text: a string without its quotes and escapes, everything else as it was written; and
/// the members, if it is an object.
struct json_value {
    enum class kind { string, number, word, object } is = kind::word;
    std::string              text;
    std::vector<json_member> members;

    /// Null: there is none with this key.
    json_value const* find(std::string_view key) const;
    /// The text of a member; "" when there is none.
    std::string operator[](std::string_view key) const {
        json_value const* const found = find(key);
        return found == nullptr ? std::string{} : found->text;
    }
};

struct json_member {
    std::string key;
    json_value  value;
};

inline json_value const* json_value::find(std::string_view key) const {
    for (json_member const& m : members) {
        if (m.key == key) return &m.value;
    }
    return nullptr;
}

class strict_json {
public:
    /// None: it is not JSON. (Arrays are not read: nothing here writes one.)
    static std::optional<json_value> parse(std::string_view text) {
        strict_json reader{text};
        json_value  whole;
        if (!reader.value(whole, 0) || !reader.left_.empty()) return std::nullopt;
        return whole;
    }

private:
    explicit strict_json(std::string_view text) : left_(text) {}

    bool take(char wanted) {
        if (left_.empty() || left_.front() != wanted) return false;
        left_.remove_prefix(1);
        return true;
    }
    bool take(std::string_view wanted) {
        if (!left_.starts_with(wanted)) return false;
        left_.remove_prefix(wanted.size());
        return true;
    }
    bool value(json_value& to, int depth) {
        if (depth > 8 || left_.empty()) return false;
        if (left_.front() == '"') {
            to.is = json_value::kind::string;
            return string(to.text);
        }
        if (left_.front() == '{') {
            to.is = json_value::kind::object;
            return object(to, depth);
        }
        for (std::string_view const word : {"true", "false", "null"}) {
            if (take(word)) {
                to.text = word;
                return true;
            }
        }
        to.is = json_value::kind::number;
        return number(to.text);
    }
    bool object(json_value& to, int depth) {
        if (!take('{')) return false;
        if (take('}')) return true;
        do {
            json_member& next = to.members.emplace_back();
            if (!string(next.key) || !take(':') || !value(next.value, depth + 1)) return false;
        } while (take(','));
        return take('}');
    }
    static bool is_digit(char c) { return c >= '0' && c <= '9'; }
    bool        digits(std::string& to) {
        if (left_.empty() || !is_digit(left_.front())) return false;
        while (!left_.empty() && is_digit(left_.front())) {
            to += left_.front();
            left_.remove_prefix(1);
        }
        return true;
    }
    bool number(std::string& to) {
        if (take('-')) to += '-';
        if (take('0')) to += '0';
        else if (!digits(to)) return false;
        if (take('.')) {
            to += '.';
            if (!digits(to)) return false;
        }
        if (!left_.empty() && (left_.front() == 'e' || left_.front() == 'E')) {
            to += 'e';
            left_.remove_prefix(1);
            if (take('-')) to += '-';
            else if (take('+')) to += '+';
            if (!digits(to)) return false;
        }
        return true;
    }
    bool escaped(std::string& to) {
        if (left_.empty()) return false;
        char const c = left_.front();
        left_.remove_prefix(1);
        constexpr std::string_view from = "\"\\/bfnrt";
        constexpr std::string_view into = "\"\\/\b\f\n\r\t";
        if (std::size_t const at = from.find(c); at != std::string_view::npos) {
            to += into[at];
            return true;
        }
        if (c != 'u' || left_.size() < 4) return false;
        unsigned code = 0;
        for (int i = 0; i < 4; ++i) {
            std::size_t const digit = std::string_view{"0123456789abcdef"}.find(left_[0]);
            if (digit == std::string_view::npos) return false;
            code = code * 16 + static_cast<unsigned>(digit);
            left_.remove_prefix(1);
        }
        if (code >= 0xd800 && code < 0xe000) return false;  // half of a pair
        if (code < 0x80) {
            to += static_cast<char>(code);
        } else if (code < 0x800) {
            to += static_cast<char>(0xc0 | code >> 6);
            to += static_cast<char>(0x80 | (code & 0x3f));
        } else {
            to += static_cast<char>(0xe0 | code >> 12);
            to += static_cast<char>(0x80 | (code >> 6 & 0x3f));
            to += static_cast<char>(0x80 | (code & 0x3f));
        }
        return true;
    }
    bool string(std::string& to) {
        if (!take('"')) return false;
        while (!left_.empty()) {
            if (take('"')) return true;
            if (take('\\')) {
                if (!escaped(to)) return false;
                continue;
            }
            if (static_cast<unsigned char>(left_.front()) < 0x20) return false;
            std::size_t const size = troupe::detail::utf8_length(
                std::as_bytes(std::span<char const>{left_.data(), left_.size()}));
            if (size == 0) return false;
            to += left_.substr(0, size);
            left_.remove_prefix(size);
        }
        return false;
    }

    std::string_view left_;
};

}  // namespace troupe_test
