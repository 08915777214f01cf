// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a node says when it cannot: an option outside its range, a key that is none or taken, an
// endpoint that is none, a place where it cannot listen.

#include <cstdint>
#include <cstdio>
#include <exception>
#include <string_view>

#include "troupe/base/result.hpp"
#include "troupe/config/exceptions.hpp"
#include "troupe/config/hints.hpp"

namespace troupe::inline TROUPE_ABI {

/// Thrown where the name of the function has no `try_`. `what()` is `<what>: <about>`.
class node_error : public std::exception {
public:
    TROUPE_COLD node_error(std::string_view what, std::string_view about) noexcept {
        std::snprintf(text_, sizeof text_, "%.*s%s%.*s", static_cast<int>(what.size()), what.data(),
                      about.empty() ? "" : ": ", static_cast<int>(about.size()), about.data());
        for (char* c = text_; *c != 0; ++c) {
            if (static_cast<unsigned char>(*c) < 0x20 || *c == 0x7f) *c = '?';
        }
    }
    char const* what() const noexcept override { return text_; }

private:
    char text_[320];
};

namespace detail {

template <class Result>
void throw_if([[maybe_unused]] Result const& r) {
    if (r.has_value()) return;
#if TROUPE_HAS_EXCEPTIONS
    throw r.error();
#else
    std::fprintf(stderr, "%s\n", r.error().what());
    std::abort();
#endif
}

/// What is wrong with a key; null: nothing.
constexpr char const* fault_of_key(std::string_view key) noexcept {
    if (key.empty()) return "node: key: empty";
    if (key.size() > 200) return "node: key: longer than 200 bytes";
    bool begins = true;
    for (char const c : key) {
        bool const word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
        if (c == '/' && begins) return "node: key: a segment is empty";
        if (c != '/' && !word) {
            return "node: key: segments are of letters, digits, '.', '-' and '_'";
        }
        begins = c == '/';
    }
    return begins ? "node: key: a segment is empty" : nullptr;
}
/// Called while compiling: the text of an actor_key is none.
void a_key_is_segments_of_letters_digits_dots_dashes_and_underscores();

}  // namespace detail
}  // namespace troupe::inline TROUPE_ABI
