// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a log record says besides its words: keys with values, on the stack of the one that logs.
// Nothing is allocated and no text is copied; all of it lives as long as the call.

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <type_traits>

#include "troupe/base/secret.hpp"
#include "troupe/base/time.hpp"
#include "troupe/config/abi.hpp"

namespace troupe::inline TROUPE_ABI {

namespace detail {
template <class Value>
concept has_words = std::is_enum_v<Value> && requires(Value v) {
    { to_string(v) } noexcept -> std::convertible_to<std::string_view>;
    requires std::is_trivially_destructible_v<decltype(to_string(v))>;  // else they would be gone
};
template <class Value>
inline constexpr bool log_field_can_hold =
    std::is_arithmetic_v<Value> || has_words<Value> || is_secret<Value> ||
    std::is_convertible_v<Value const&, duration> ||
    std::is_convertible_v<Value const&, std::string_view>;
}  // namespace detail

/// A number, a bool, a text, a duration, an enumerator by its words, or that there is a secret.
class log_value {
public:
    enum class kind : std::uint8_t { text, integer, natural, real, boolean, span, secret };

    template <class Value>
    constexpr log_value(Value const& value) noexcept {  // NOLINT: what can be held is the point
        static_assert(
            detail::log_field_can_hold<Value>,
            "troupe: a log field holds a number, a bool, a text, a duration, a secret, or an "
            "enumerator with `constexpr std::string_view to_string(E) noexcept` beside it");
        if constexpr (is_secret<Value>) {
            kind_ = kind::secret;  // and nothing of it
        } else if constexpr (std::is_same_v<Value, bool>) {
            kind_ = kind::boolean;
            at_.boolean = value;
        } else if constexpr (std::is_floating_point_v<Value>) {
            kind_ = kind::real;
            at_.real = static_cast<double>(value);
        } else if constexpr (std::is_integral_v<Value> && std::is_signed_v<Value>) {
            kind_ = kind::integer;
            at_.integer = value;
        } else if constexpr (std::is_integral_v<Value>) {
            kind_ = kind::natural;
            at_.natural = value;
        } else if constexpr (detail::has_words<Value>) {
            set(to_string(value));
        } else if constexpr (std::is_convertible_v<Value const&, duration>) {
            kind_ = kind::span;
            at_.integer = duration{value}.count();
        } else if constexpr (std::is_convertible_v<Value const&, std::string_view>) {
            if constexpr (std::is_convertible_v<Value const&, char const*>) {
                char const* const words = value;
                if (words == nullptr) return;
            }
            set(value);
        }
    }

    constexpr kind             is() const noexcept { return kind_; }
    constexpr std::string_view text() const noexcept {
        return kind_ == kind::text ? std::string_view{at_.text, size_} : std::string_view{};
    }
    constexpr std::int64_t  integer() const noexcept { return at_.integer; }
    constexpr std::uint64_t natural() const noexcept { return at_.natural; }
    constexpr double        real() const noexcept { return at_.real; }
    constexpr bool          boolean() const noexcept { return at_.boolean; }
    constexpr duration      span() const noexcept { return duration{at_.integer}; }

    /// That there is something, which is not told.
    static constexpr log_value hidden() noexcept {
        log_value made{0};
        made.kind_ = kind::secret;
        return made;
    }

private:
    constexpr void set(std::string_view words) noexcept {
        at_.text = words.data();
        size_ = words.size();
    }

    union content {
        char const*   text = nullptr;
        std::int64_t  integer;
        std::uint64_t natural;
        double        real;
        bool          boolean;
    } at_;
    std::size_t size_ = 0;
    kind        kind_ = kind::text;
};

struct log_field {
    std::string_view key{};
    log_value        value{std::string_view{}};
};

/// Which fields are not shown. Others may stand behind it: what one of them hides is hidden.
struct log_redaction {
    bool (*hides)(std::string_view key) noexcept;
    log_redaction const* more = nullptr;
};

/// The fields of a record, in the order in which they were written. A view.
class log_fields {
public:
    class iterator {
    public:
        log_field operator*() const noexcept { return (*of_)[at_]; }
        iterator& operator++() noexcept {
            ++at_;
            return *this;
        }
        friend bool operator==(iterator const& a, iterator const& b) noexcept {
            return a.at_ == b.at_;
        }

    private:
        friend class log_fields;
        iterator(log_fields const& of, std::size_t at) noexcept : of_(&of), at_(at) {}
        log_fields const* of_;
        std::size_t       at_;
    };

    constexpr log_fields() noexcept = default;
    constexpr log_fields(log_field const* first, std::size_t count) noexcept
        : first_(first), count_(count) {}
    /// The list must outlive this: as an argument, it does.
    constexpr log_fields(std::initializer_list<log_field> list) noexcept : count_(list.size()) {
        first_ = list.begin();
    }

    constexpr std::size_t size() const noexcept { return count_; }
    constexpr bool        empty() const noexcept { return count_ == 0; }
    /// As it may be shown.
    log_field operator[](std::size_t i) const noexcept {
        log_field seen = first_[i];
        for (log_redaction const* r = rules_; r != nullptr; r = r->more) {
            if (r->hides(seen.key)) seen.value = log_value::hidden();
        }
        return seen;
    }
    iterator begin() const noexcept { return {*this, 0}; }
    iterator end() const noexcept { return {*this, count_}; }

    /// Hides more. `rule` outlives this; its `more` is set to what hid already.
    void hide_by(log_redaction& rule) noexcept {
        rule.more = rules_;
        rules_ = &rule;
    }

private:
    log_field const*     first_ = nullptr;
    std::size_t          count_ = 0;
    log_redaction const* rules_ = nullptr;
};

namespace detail {
/// Stands for a field that is not logged: it takes anything, and looks at nothing.
struct unlogged_field {
    template <class Key, class Value>
    constexpr unlogged_field(Key const&, Value const&) noexcept {}
};
}  // namespace detail

}  // namespace troupe::inline TROUPE_ABI
