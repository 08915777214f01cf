// SPDX-License-Identifier: BSL-1.0
#pragma once

// A value or an error, as std::expected of C++23, cut to what the library needs.

#include <exception>
#include <new>
#include <type_traits>
#include <utility>

#include "troupe/config/abi.hpp"
#include "troupe/config/assert.hpp"

namespace troupe::inline TROUPE_ABI {

namespace detail {
template <class... Types>
inline constexpr bool all_trivial = (std::is_trivially_copyable_v<Types> && ...);
}  // namespace detail

/// Either a `Value` or an `Error`. `value()` of an error throws that error (without exceptions it
/// ends the program: ask `has_value()` first). Of plain data it can be made while compiling.
template <class Value, class Error>
class [[nodiscard("troupe: this may be an error; look at it")]] result {
public:
    using value_type = Value;
    using error_type = Error;

    static_assert(
        !std::is_same_v<Value, Error>,
        "troupe: the value and the error of a result have the same type; wrap one of them");

    // NOLINTBEGIN: implicit, as std::expected
    constexpr result(Value value) noexcept(std::is_nothrow_move_constructible_v<Value>)
        : value_(std::move(value)), has_value_(true) {}
    constexpr result(Error error) noexcept(std::is_nothrow_move_constructible_v<Error>)
        : error_(std::move(error)), has_value_(false) {}
    // NOLINTEND
    constexpr result(result const&) noexcept
        requires detail::all_trivial<Value, Error>
    = default;
    result(result const& other)
        requires std::is_copy_constructible_v<Value> && std::is_copy_constructible_v<Error> &&
                 (!detail::all_trivial<Value, Error>)
        : has_value_(other.has_value_) {
        if (has_value_) ::new (static_cast<void*>(&value_)) Value(other.value_);
        else ::new (static_cast<void*>(&error_)) Error(other.error_);
    }
    constexpr result(result&&) noexcept
        requires detail::all_trivial<Value, Error>
    = default;
    result(result&& other) noexcept(std::is_nothrow_move_constructible_v<Value> &&
                                    std::is_nothrow_move_constructible_v<Error>)
        requires(!detail::all_trivial<Value, Error>)
        : has_value_(other.has_value_) {
        if (has_value_) ::new (static_cast<void*>(&value_)) Value(std::move(other.value_));
        else ::new (static_cast<void*>(&error_)) Error(std::move(other.error_));
    }
    /// What can throw happens while `other` is made: then nothing has changed here.
    result& operator=(result other) noexcept
        requires std::is_nothrow_move_constructible_v<Value> &&
                 std::is_nothrow_move_constructible_v<Error>
    {
        this->~result();
        return *::new (static_cast<void*>(this)) result(std::move(other));
    }
    constexpr ~result()
        requires std::is_trivially_destructible_v<Value> && std::is_trivially_destructible_v<Error>
    = default;
    ~result() {
        if (has_value_) value_.~Value();
        else error_.~Error();
    }

    constexpr bool     has_value() const noexcept { return has_value_; }
    constexpr explicit operator bool() const noexcept { return has_value_; }

    constexpr Value& value() & {
        require_value();
        return value_;
    }
    constexpr Value const& value() const& {
        require_value();
        return value_;
    }
    constexpr Value&& value() && {
        require_value();
        return std::move(value_);
    }
    constexpr Value&       operator*() & noexcept { return value_; }
    constexpr Value const& operator*() const& noexcept { return value_; }
    constexpr Value&&      operator*() && noexcept { return std::move(value_); }
    constexpr Value*       operator->() noexcept { return &value_; }
    constexpr Value const* operator->() const noexcept { return &value_; }

    /// Only where there is no value.
    constexpr Error const& error() const noexcept {
        TROUPE_ASSERT(!has_value_, "error() of a result that holds a value");
        return error_;
    }

private:
    constexpr void require_value() const {
        if (!has_value_) complain();
    }
    [[noreturn]] void complain() const {
#if TROUPE_HAS_EXCEPTIONS
        throw error_;
#else
        std::terminate();
#endif
    }

    union {
        Value value_;
        Error error_;
    };
    bool has_value_;
};

/// Nothing or an error.
template <class Error>
class [[nodiscard("troupe: this may be an error; look at it")]] result<void, Error> {
public:
    using value_type = void;
    using error_type = Error;

    result() noexcept : has_value_(true) {}
    result(Error error) noexcept(std::is_nothrow_move_constructible_v<Error>)  // NOLINT: implicit
        : error_(std::move(error)), has_value_(false) {}
    result(result const& other)
        requires std::is_copy_constructible_v<Error>
        : has_value_(other.has_value_) {
        if (!has_value_) ::new (static_cast<void*>(&error_)) Error(other.error_);
    }
    result(result&& other) noexcept : has_value_(other.has_value_) {
        if (!has_value_) ::new (static_cast<void*>(&error_)) Error(std::move(other.error_));
    }
    /// What can throw happens while `other` is made: then nothing has changed here.
    result& operator=(result other) noexcept {
        this->~result();
        return *::new (static_cast<void*>(this)) result(std::move(other));
    }
    ~result() {
        if (!has_value_) error_.~Error();
    }

    bool     has_value() const noexcept { return has_value_; }
    explicit operator bool() const noexcept { return has_value_; }
    void     value() const {
        if (has_value_) return;
#if TROUPE_HAS_EXCEPTIONS
        throw error_;
#else
        std::terminate();
#endif
    }
    Error const& error() const noexcept {
        TROUPE_ASSERT(!has_value_, "error() of a result that holds a value");
        return error_;
    }

private:
    union {
        char  nothing_;
        Error error_;
    };
    bool has_value_;
};

}  // namespace troupe::inline TROUPE_ABI
