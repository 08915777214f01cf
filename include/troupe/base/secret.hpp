// SPDX-License-Identifier: BSL-1.0
#pragma once

// A value that must not be seen: a password, a token, a key. It has no way out but reveal(), and
// leaves no copy of itself behind in its own memory. What it was made from, and what is made from
// what reveal() gives, is the caller's affair.

#include <cstddef>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <utility>

#include "troupe/config/abi.hpp"
#include "troupe/config/hints.hpp"

namespace troupe::inline TROUPE_ABI {

namespace detail {

/// Overwrites bytes that nobody reads any more, which compilers would otherwise leave out.
TROUPE_COLD inline void wipe_bytes(void* place, std::size_t size) noexcept {
    if (size == 0) return;
    std::memset(place, 0, size);
#if defined(__GNUC__) || defined(__clang__)
    asm volatile("" : : "r"(place) : "memory");
#else
    auto* const bytes = static_cast<unsigned char volatile*>(place);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = 0;
#endif
}

/// Takes as long for bytes that differ at once as for those that are equal.
TROUPE_COLD inline bool equal_bytes(void const* a, void const* b, std::size_t size) noexcept {
    auto const* const first = static_cast<unsigned char const*>(a);
    auto const* const second = static_cast<unsigned char const*>(b);
    unsigned          difference = 0;
    for (std::size_t i = 0; i < size; ++i) {
        difference |= static_cast<unsigned>(first[i] ^ second[i]);
#if defined(__GNUC__) || defined(__clang__)
        asm volatile("" : "+r"(difference));  // no early end
#endif
    }
    return difference == 0;
}

/// A string or a vector of plain values: all it has room for can be overwritten.
template <class Value>
concept grows_in_one_piece = requires(Value& v) {
    v.resize(v.capacity());
    { v.data() };
    requires std::is_trivially_copyable_v<std::remove_pointer_t<decltype(v.data())>>;
    requires !std::is_const_v<std::remove_pointer_t<decltype(v.data())>>;
};
/// It shows what somebody else owns: a pointer, std::string_view, std::span.
template <class Value>
concept only_shows = std::is_pointer_v<Value> || requires(Value v) { v.remove_prefix(1u); } ||
                     requires(Value const& v) { v.subspan(1u); };

template <class Value>
inline constexpr bool secret_owns_its_value = !only_shows<Value>;
template <class Value>
inline constexpr bool secret_can_be_wiped =
    grows_in_one_piece<Value> || std::is_trivially_copyable_v<Value>;

}  // namespace detail

/// Holds a string, a vector of plain values, or a plain value. One thread at a time, as its value.
/// Copying and destroying cost what they cost for the value, and wiping it.
template <class Value>
class secret {
    static_assert(std::is_same_v<Value, std::remove_cvref_t<Value>>,
                  "troupe: a secret holds a value: write secret<std::string>");
    static_assert(
        detail::secret_owns_its_value<Value>,
        "troupe: a secret must own what it hides, and a view or a pointer does not; write "
        "secret<std::string>");
    static_assert(detail::secret_can_be_wiped<Value>,
                  "troupe: a secret must be able to overwrite its value; hold a std::string, a "
                  "vector of plain values, or a trivially copyable type");

public:
    using value_type = Value;

    secret() = default;
    /// `value` is wiped; what it was copied from is not.
    explicit secret(Value value) : value_(std::move(value)) { wipe(value); }
    secret(secret const&) = default;
    secret(secret&& other) noexcept(std::is_nothrow_move_constructible_v<Value>)
        : value_(std::move(other.value_)) {
        wipe(other.value_);
    }
    secret& operator=(secret const& other) {
        if (this != &other) {
            secret copy{other};  // first, so that nothing is lost when there is no memory
            *this = std::move(copy);
        }
        return *this;
    }
    secret& operator=(secret&& other) noexcept(std::is_nothrow_move_assignable_v<Value>) {
        if (this == &other) return *this;
        wipe(value_);
        value_ = std::move(other.value_);
        wipe(other.value_);
        return *this;
    }
    ~secret() { wipe(value_); }

    /// The value. Whoever reads a program finds here where its secrets go.
    Value const& reveal() const& noexcept { return value_; }
    Value const& reveal() const&& = delete;  // it would be gone

    /// Two secrets are compared in a time that depends on their size alone, if their value is a
    /// string or bytes; a secret and a text likewise, in that of the text.
    friend bool operator==(secret const& a, secret const& b) noexcept
        requires(detail::grows_in_one_piece<Value> ||
                 std::has_unique_object_representations_v<Value>)
    {
        if constexpr (detail::grows_in_one_piece<Value>) {
            return a.value_.size() == b.value_.size() &&
                   detail::equal_bytes(a.value_.data(), b.value_.data(), a.bytes());
        } else {
            return detail::equal_bytes(&a.value_, &b.value_, sizeof(Value));
        }
    }
    friend bool operator==(secret const& a, std::string_view text) noexcept
        requires(std::is_convertible_v<Value const&, std::string_view>)
    {
        return a.value_.size() == text.size() &&
               detail::equal_bytes(a.value_.data(), text.data(), text.size());
    }

    /// A secret is not printed.
    template <class Stream>
    friend Stream& operator<<(Stream& to, secret const&) = delete;

private:
    std::size_t bytes() const noexcept { return value_.size() * sizeof(*value_.data()); }
    static void wipe(Value& value) noexcept {
        if constexpr (detail::grows_in_one_piece<Value>) {
            value.resize(value.capacity());  // all it ever held; there is room for it
            detail::wipe_bytes(value.data(), value.size() * sizeof(*value.data()));
            value.clear();
        } else {
            detail::wipe_bytes(&value, sizeof(Value));
        }
    }

    Value value_{};
};

/// Whether a type is a secret, of whatever.
template <class Type>
inline constexpr bool is_secret = false;
template <class Value>
inline constexpr bool is_secret<secret<Value>> = true;

}  // namespace troupe::inline TROUPE_ABI
