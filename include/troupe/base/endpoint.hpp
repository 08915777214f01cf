// SPDX-License-Identifier: BSL-1.0
#pragma once

// Where something listens, as text and in parts. Without a scheme the transport's own is meant.
//
//     tcp://127.0.0.1:7000   127.0.0.1:7000   bank.example:7000   [::1]:0   tls://bank.example:7000
//     unix:///run/bank.sock  /run/bank.sock   unix://@bank (a name without a file)
//     loopback://bank
//
// What stands in the program is read while compiling, and does not compile when it is wrong; what
// comes at run time goes through `parse_endpoint`. Nothing here allocates, throws or asks the
// network.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "troupe/base/result.hpp"

namespace troupe::inline TROUPE_ABI {

enum class endpoint_errc : std::uint8_t {
    empty,          ///< there is nothing
    too_long,       ///< more than endpoint::length_max bytes
    bad_character,  ///< a blank, a control byte, or one that belongs elsewhere
    bad_scheme,     ///< what stands before `://` is no scheme
    missing_host,   ///< there is no host before the port
    missing_port,   ///< there is no `:port` behind the host
    bad_port,       ///< the port is no number from 0 to 65535
    bad_host,       ///< digits and dots that are no address, or a name that is none
    bad_bracket,    ///< an address of IPv6 stands in [ and ], and it must be one
    missing_path,   ///< there is no path behind `unix://`
};

constexpr std::string_view to_string(endpoint_errc code) noexcept {
    switch (code) {
        case endpoint_errc::empty: return "endpoint: empty";
        case endpoint_errc::too_long: return "endpoint: longer than 255 bytes";
        case endpoint_errc::bad_character:
            return "endpoint: a character that does not belong there";
        case endpoint_errc::bad_scheme: return "endpoint: what stands before :// is no scheme";
        case endpoint_errc::missing_host: return "endpoint: no host";
        case endpoint_errc::missing_port: return "endpoint: no :port behind the host";
        case endpoint_errc::bad_port: return "endpoint: the port is not a number from 0 to 65535";
        case endpoint_errc::bad_host: return "endpoint: the host is neither an address nor a name";
        case endpoint_errc::bad_bracket:
            return "endpoint: an IPv6 address is written [address]:port";
        case endpoint_errc::missing_path: return "endpoint: no path or name behind ://";
    }
    return "?";
}

class endpoint;
constexpr result<endpoint, endpoint_errc> parse_endpoint(std::string_view text) noexcept;

/// A place to listen at or to connect to. A value of fixed size, built from a literal or by
/// `parse_endpoint`.
class endpoint {
public:
    static constexpr std::size_t length_max = 255;

    /// No place: its text is empty.
    constexpr endpoint() noexcept = default;
    /// Of a literal, while compiling: `endpoint at = "127.0.0.1:0";`
    template <std::size_t Size>
    consteval endpoint(char const (&text)[Size]);  // NOLINT: implicit, so that options read well

    /// Everything, as it was written.
    constexpr std::string_view text() const noexcept { return {text_, length_}; }
    /// Before `://`; empty where there is none.
    constexpr std::string_view scheme() const noexcept { return {text_, scheme_}; }
    /// Behind `://`: host and port, or the path, or the name.
    constexpr std::string_view place() const noexcept { return text().substr(place_at()); }
    /// Without brackets; empty where there is a path or a name.
    constexpr std::string_view host() const noexcept { return text().substr(host_, host_length_); }
    constexpr std::uint16_t    port() const noexcept { return port_; }
    constexpr bool             has_port() const noexcept { return has_port_; }

    friend constexpr bool operator==(endpoint const& a, endpoint const& b) noexcept {
        return a.text() == b.text();
    }

private:
    friend constexpr result<endpoint, endpoint_errc> parse_endpoint(std::string_view) noexcept;
    constexpr std::size_t place_at() const noexcept { return scheme_ == 0 ? 0 : scheme_ + 3u; }

    char          text_[length_max + 1] = {};
    std::uint8_t  length_ = 0;
    std::uint8_t  scheme_ = 0;
    std::uint8_t  host_ = 0;
    std::uint8_t  host_length_ = 0;
    std::uint16_t port_ = 0;
    bool          has_port_ = false;
};

namespace detail {

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_lower(char c) noexcept { return c >= 'a' && c <= 'z'; }
constexpr bool is_hexadecimal(char c) noexcept {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
constexpr bool is_of_name(char c) noexcept {
    return is_digit(c) || is_lower(c) || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.';
}

/// A letter, then letters, digits, `+`, `-`, `.`; small ones, so that one scheme is one text.
constexpr bool is_scheme(std::string_view text) noexcept {
    if (text.empty() || !is_lower(text.front())) return false;
    for (char const c : text) {
        if (!is_lower(c) && !is_digit(c) && c != '+' && c != '-' && c != '.') return false;
    }
    return true;
}

/// Four numbers up to 255.
constexpr bool is_ipv4(std::string_view text) noexcept {
    unsigned numbers = 0;
    for (;;) {
        std::size_t const length = text.find('.') < text.size() ? text.find('.') : text.size();
        if (length == 0 || length > 3) return false;
        if (length > 1 && text.front() == '0') return false;  // some would read it as octal
        unsigned value = 0;
        for (char const c : text.substr(0, length)) {
            if (!is_digit(c)) return false;
            value = value * 10 + static_cast<unsigned>(c - '0');
        }
        if (value > 255) return false;
        ++numbers;
        if (length == text.size()) return numbers == 4;
        text.remove_prefix(length + 1);
    }
}

/// Groups of four hexadecimal digits, one `::` at most, IPv4 at the end, and perhaps `%interface`.
constexpr bool is_ipv6(std::string_view text) noexcept {
    if (std::size_t const percent = text.find('%'); percent < text.size()) {
        std::string_view const interface_name = text.substr(percent + 1);
        if (interface_name.empty()) return false;
        for (char const c : interface_name) {
            if (!is_of_name(c)) return false;
        }
        text = text.substr(0, percent);
    }
    unsigned groups = 0;
    bool     gap = false;
    if (text.starts_with("::")) {
        gap = true;
        text.remove_prefix(2);
        if (text.empty()) return true;
    }
    for (;;) {
        std::size_t const length = text.find(':') < text.size() ? text.find(':') : text.size();
        if (length == text.size() && text.find('.') < text.size()) {
            groups += 2;
            return is_ipv4(text) && (gap ? groups < 8 : groups == 8);
        }
        if (length == 0 || length > 4) return false;
        for (char const c : text.substr(0, length)) {
            if (!is_hexadecimal(c)) return false;
        }
        ++groups;
        if (length == text.size()) return gap ? groups < 8 : groups == 8;
        text.remove_prefix(length + 1);
        if (text.empty()) return false;  // it ends with one colon
        if (text.front() != ':') continue;
        if (gap) return false;
        gap = true;
        text.remove_prefix(1);
        if (text.empty()) return groups < 8;
    }
}

/// Labels of up to 63 characters, and an address where there are digits and dots alone.
constexpr bool is_host(std::string_view text) noexcept {
    bool        digits = true;
    std::size_t label = 0;
    for (char const c : text) {
        if (!is_digit(c) && c != '.') digits = false;
        if (c == '.' && label == 0) return false;
        label = c == '.' ? 0 : label + 1;
        if (label > 63) return false;
    }
    return digits ? is_ipv4(text) : true;
}

/// -1: it is no port.
constexpr int to_port(std::string_view text) noexcept {
    if (text.empty() || text.size() > 5) return -1;
    int value = 0;
    for (char const c : text) {
        if (!is_digit(c)) return -1;
        value = value * 10 + (c - '0');
    }
    return value > 65535 ? -1 : value;
}

/// What a scheme like `tls+unix` stands on is its last word.
constexpr std::string_view base_of_scheme(std::string_view scheme) noexcept {
    std::size_t const plus = scheme.rfind('+');
    return plus < scheme.size() ? scheme.substr(plus + 1) : scheme;
}

// Called by literals that are wrong: the compiler names what is wrong with them.
inline void endpoint_is_empty() {}
inline void endpoint_is_too_long() {}
inline void endpoint_has_a_character_that_does_not_belong_there() {}
inline void endpoint_has_no_scheme_before_the_slashes() {}
inline void endpoint_has_no_host() {}
inline void endpoint_has_no_port_behind_the_host() {}
inline void endpoint_has_a_port_that_is_not_a_number_from_0_to_65535() {}
inline void endpoint_has_a_host_that_is_neither_an_address_nor_a_name() {}
inline void endpoint_has_an_IPv6_address_that_is_not_written_in_brackets() {}
inline void endpoint_has_no_path_or_name() {}

consteval void explain_endpoint(endpoint_errc code) {
    switch (code) {
        case endpoint_errc::empty: endpoint_is_empty(); break;
        case endpoint_errc::too_long: endpoint_is_too_long(); break;
        case endpoint_errc::bad_character:
            endpoint_has_a_character_that_does_not_belong_there();
            break;
        case endpoint_errc::bad_scheme: endpoint_has_no_scheme_before_the_slashes(); break;
        case endpoint_errc::missing_host: endpoint_has_no_host(); break;
        case endpoint_errc::missing_port: endpoint_has_no_port_behind_the_host(); break;
        case endpoint_errc::bad_port:
            endpoint_has_a_port_that_is_not_a_number_from_0_to_65535();
            break;
        case endpoint_errc::bad_host:
            endpoint_has_a_host_that_is_neither_an_address_nor_a_name();
            break;
        case endpoint_errc::bad_bracket:
            endpoint_has_an_IPv6_address_that_is_not_written_in_brackets();
            break;
        case endpoint_errc::missing_path: endpoint_has_no_path_or_name(); break;
    }
}

}  // namespace detail

/// Any bytes: an endpoint, or what is wrong with them. The path of a `unix` endpoint begins with
/// `/`, or with `@` where it is a name without a file; it may have blanks, but no control bytes.
constexpr result<endpoint, endpoint_errc> parse_endpoint(std::string_view text) noexcept {
    using namespace detail;
    if (text.empty()) return endpoint_errc::empty;
    if (text.size() > endpoint::length_max) return endpoint_errc::too_long;
    endpoint made;
    for (std::size_t i = 0; i < text.size(); ++i) made.text_[i] = text[i];
    made.length_ = static_cast<std::uint8_t>(text.size());

    std::size_t const slashes = text.find("://");
    // A path may have such a thing in it.
    if (slashes < text.size() && text.front() != '/' && text.front() != '@') {
        if (!is_scheme(text.substr(0, slashes))) return endpoint_errc::bad_scheme;
        made.scheme_ = static_cast<std::uint8_t>(slashes);
    }
    std::string_view const place = text.substr(made.place_at());
    std::string_view const base = base_of_scheme(text.substr(0, made.scheme_));
    bool const is_path = !place.empty() && (place.front() == '/' || place.front() == '@');
    for (char const c : place) {
        auto const byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f || (byte == 0x20 && !is_path)) {
            return endpoint_errc::bad_character;
        }
    }
    if (base == "unix" || is_path) {
        if (!is_path || place == "@") return endpoint_errc::missing_path;
        return made;
    }
    if (base == "loopback") {
        if (place.empty()) return endpoint_errc::missing_path;
        return made;
    }

    std::string_view host;
    std::string_view behind;
    std::size_t      host_at = made.place_at();
    if (!place.empty() && place.front() == '[') {
        std::size_t const end = place.find(']');
        if (end >= place.size()) return endpoint_errc::bad_bracket;
        host = place.substr(1, end - 1);
        behind = place.substr(end + 1);
        ++host_at;
        if (!is_ipv6(host)) return endpoint_errc::bad_bracket;
    } else {
        std::size_t const colon = place.find(':') < place.size() ? place.find(':') : place.size();
        host = place.substr(0, colon);
        behind = place.substr(colon);
        if (behind.size() > 1 && behind.substr(1).find(':') < behind.size()) {
            return endpoint_errc::bad_bracket;
        }
        for (char const c : host) {
            if (!is_of_name(c)) return endpoint_errc::bad_character;
        }
        if (host.empty()) return endpoint_errc::missing_host;
        if (!is_host(host)) return endpoint_errc::bad_host;
    }
    if (behind.size() < 2 || behind.front() != ':') return endpoint_errc::missing_port;
    int const port = to_port(behind.substr(1));
    if (port < 0) return endpoint_errc::bad_port;
    made.host_ = static_cast<std::uint8_t>(host_at);
    made.host_length_ = static_cast<std::uint8_t>(host.size());
    made.port_ = static_cast<std::uint16_t>(port);
    made.has_port_ = true;
    return made;
}

template <std::size_t Size>
consteval endpoint::endpoint(char const (&text)[Size]) {
    result<endpoint, endpoint_errc> const read = parse_endpoint({text, Size - 1});
    if (!read.has_value()) detail::explain_endpoint(read.error());
    *this = *read;
}

}  // namespace troupe::inline TROUPE_ABI
