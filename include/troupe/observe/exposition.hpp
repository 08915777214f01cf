// SPDX-License-Identifier: BSL-1.0
#pragma once

// Numbers as the text that Prometheus reads: its own format (0.0.4), or OpenMetrics (1.0.0). Knows
// of no sink; writes pieces of text to wherever somebody wants them.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "troupe/config/hints.hpp"
#include "troupe/observe/catalogue.hpp"

namespace troupe::inline TROUPE_ABI {

enum class exposition : std::uint8_t { prometheus, openmetrics };

/// What an HTTP answer says of it.
constexpr std::string_view content_type(exposition format) noexcept {
    return format == exposition::openmetrics
               ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
               : "text/plain; version=0.0.4; charset=utf-8";
}

namespace detail {

/// A name of Prometheus without colons, which are for rules: a letter or _, then digits too.
constexpr bool is_metric_name(std::string_view text) noexcept {
    if (text.empty() || (text[0] >= '0' && text[0] <= '9')) return false;
    for (char const c : text) {
        bool const letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && !(c >= '0' && c <= '9')) return false;
    }
    return true;
}

/// A double in decimal: short where that says it exactly. No locale is heard.
class number_text {
public:
    explicit number_text(double value) noexcept {
        if (value != value) {
            copy("NaN");
        } else if (value == std::numeric_limits<double>::infinity()) {
            copy("+Inf");
        } else if (value == -std::numeric_limits<double>::infinity()) {
            copy("-Inf");
        } else if (is_integer(value)) {
            print("%.0f", value);
        } else {
            print("%.15g", value);
            if (std::strtod(text_, nullptr) != value) print("%.17g", value);
            force_point();
        }
    }
    explicit number_text(std::uint64_t value) noexcept {
        size_ = static_cast<std::size_t>(
            std::snprintf(text_, sizeof text_, "%llu", static_cast<unsigned long long>(value)));
    }
    std::string_view view() const noexcept { return {text_, size_}; }
    /// As OpenMetrics writes it where it stands in a label: with a point.
    bool is_whole() const noexcept { return view().find_first_not_of("-0123456789") > size_; }

private:
    static bool is_integer(double value) noexcept {
        constexpr double exact = 9007199254740992.0;  // 2^53: up to here every integer is a double
        return value >= -exact && value <= exact &&
               static_cast<double>(static_cast<std::int64_t>(value)) == value;
    }
    void copy(std::string_view words) noexcept { size_ = words.copy(text_, sizeof text_); }
    void print(char const* how, double value) noexcept {
        size_ = static_cast<std::size_t>(std::snprintf(text_, sizeof text_, how, value));
    }
    /// What stands for the decimal point in the locale becomes one.
    void force_point() noexcept {
        std::size_t out = 0;
        for (std::size_t i = 0; i < size_; ++i) {
            char const c = text_[i];
            bool const plain = (c >= '0' && c <= '9') || c == '-' || c == '+' || c == 'e';
            if (plain) text_[out++] = c;
            else if (out == 0 || text_[out - 1] != '.') text_[out++] = '.';
        }
        size_ = out;
    }

    char        text_[40] = {};
    std::size_t size_ = 0;
};

/// One exposition on its way out. Throws what `put` throws.
class exposition_text {
public:
    using put_call = void (*)(void* to, std::string_view piece);

    exposition_text(void* to, put_call how, exposition format, std::string_view prefix) noexcept
        : to_(to), put_(how), open_(format == exposition::openmetrics), prefix_(prefix) {}

    /// The lines before a family of samples. `name` is without the prefix.
    void family(std::string_view name, metric_kind kind, std::string_view unit,
                std::string_view help);
    struct label {
        std::string_view key{};  // empty: there is none
        std::string_view value{};
    };
    void sample(std::string_view name, label one, std::string_view value) {
        series(name, {}, one, {});
        put(value);
        put("\n");
    }
    /// `in(n)` is what lies in the bucket that ends with the n-th boundary; behind the last: the
    /// rest.
    template <class In>
    void histogram(std::string_view name, label one, std::span<double const> bounds, In const& in,
                   double sum) {
        std::uint64_t all = 0;
        for (std::size_t i = 0; i <= bounds.size(); ++i) {
            all += in(i);
            bucket(name, one, i < bounds.size() ? bounds[i] : infinity, all);
        }
        series(name, "_sum", one, {});
        put(number_text{sum}.view());
        put("\n");
        series(name, "_count", one, {});
        put(number_text{all}.view());
        put("\n");
    }
    void end() {
        if (open_) put("# EOF\n");
    }

private:
    static constexpr double infinity = std::numeric_limits<double>::infinity();

    void put(std::string_view piece) { put_(to_, piece); }
    void name_of(std::string_view name) {
        put(prefix_);
        if (!prefix_.empty()) put("_");
        put(name);
    }
    void series(std::string_view name, std::string_view suffix, label one, std::string_view le);
    void bucket(std::string_view name, label one, double bound, std::uint64_t all);
    /// Quotes are escaped in label values; in help texts in OpenMetrics only.
    void escaped(std::string_view text, bool quotes);

    void*            to_;
    put_call         put_;
    bool             open_;
    std::string_view prefix_;
};

TROUPE_COLD inline void exposition_text::family(std::string_view name, metric_kind kind,
                                                std::string_view unit, std::string_view help) {
    constexpr std::string_view total = "_total";
    // In OpenMetrics a counter is a family whose sample has the suffix.
    if (open_ && kind == metric_kind::counter && name.ends_with(total)) {
        name.remove_suffix(total.size());
    }
    put("# HELP ");
    name_of(name);
    put(" ");
    escaped(help, open_);
    put("\n# TYPE ");
    name_of(name);
    put(" ");
    put(to_string(kind));
    put("\n");
    if (!open_ || unit.empty() || !name.ends_with(unit)) return;
    put("# UNIT ");
    name_of(name);
    put(" ");
    put(unit);
    put("\n");
}

TROUPE_COLD inline void exposition_text::series(std::string_view name, std::string_view suffix,
                                                label one, std::string_view le) {
    name_of(name);
    put(suffix);
    if (!one.key.empty()) {
        put("{");
        put(one.key);
        put("=\"");
        escaped(one.value, true);
        put("\"");
    }
    if (!le.empty()) {
        put(one.key.empty() ? "{" : ",");
        put("le=\"");
        put(le);
        put("\"");
    }
    put(one.key.empty() && le.empty() ? " " : "} ");
}

TROUPE_COLD inline void exposition_text::bucket(std::string_view name, label one, double bound,
                                                std::uint64_t all) {
    number_text const text{bound};
    char              le[48];
    std::size_t       size = text.view().copy(le, sizeof le);
    if (open_ && text.is_whole()) size += std::string_view{".0"}.copy(le + size, sizeof le - size);
    series(name, "_bucket", one, {le, size});
    put(number_text{all}.view());
    put("\n");
}

TROUPE_COLD inline void exposition_text::escaped(std::string_view text, bool quotes) {
    std::size_t from = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char const* const instead = text[i] == '\\'            ? "\\\\"
                                    : text[i] == '\n'          ? "\\n"
                                    : text[i] == '"' && quotes ? "\\\""
                                                               : nullptr;
        if (instead == nullptr) continue;
        put(text.substr(from, i - from));
        put(instead);
        from = i + 1;
    }
    put(text.substr(from));
}

inline void append_piece(void* to, std::string_view piece) {
    static_cast<std::string*>(to)->append(piece);
}

/// Writes as much as there is room for, and counts the rest.
struct limited_text {
    std::span<char> place;
    std::size_t     needed = 0;

    static void put(void* to, std::string_view piece) noexcept {
        auto& self = *static_cast<limited_text*>(to);
        if (!piece.empty() && self.needed < self.place.size()) {
            std::size_t const room = self.place.size() - self.needed;
            std::memcpy(self.place.data() + self.needed, piece.data(),
                        piece.size() < room ? piece.size() : room);
        }
        self.needed += piece.size();
    }
};

}  // namespace detail
}  // namespace troupe::inline TROUPE_ABI
