// SPDX-License-Identifier: BSL-1.0
#pragma once

// Where something listens, as text and in parts: `tcp://127.0.0.1:7000`, `tcp://[::1]:0`,
// `unix:///run/bank.sock`, `loopback://name`. Without a scheme the transport's own is meant.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "troupe/base/result.hpp"

namespace troupe::inline TROUPE_ABI {

enum class endpoint_errc : std::uint8_t {
    empty,           ///< there is nothing
    too_long,        ///< more than endpoint::length_max bytes
    bad_character,   ///< a blank, a control byte, or one that belongs elsewhere
    bad_scheme,      ///< what stands before `://` is no scheme
    missing_host,    ///< there is no host before the port
    missing_port,    ///< there is no `:port` behind the host
    bad_port,        ///< the port is no number from 0 to 65535
    bad_bracket,     ///< an address of IPv6 stands in [ and ]
    missing_path,    ///< there is no path behind `unix://`
};

constexpr std::string_view to_string(endpoint_errc code) noexcept {
    switch (code) {
        case endpoint_errc::empty: return "endpoint: empty";
        case endpoint_errc::too_long: return "endpoint: longer than 255 bytes";
        case endpoint_errc::bad_character: return "endpoint: a character that does not belong there";
        case endpoint_errc::bad_scheme: return "endpoint: what stands before :// is no scheme";
        case endpoint_errc::missing_host: return "endpoint: no host";
        case endpoint_errc::missing_port: return "endpoint: no :port behind the host";
        case endpoint_errc::bad_port: return "endpoint: the port is not a number from 0 to 65535";
        case endpoint_errc::bad_bracket: return "endpoint: an IPv6 address is written [address]:port";
        case endpoint_errc::missing_path: return "endpoint: no path or name behind ://";
    }
    return "?";
}

/// A place to listen at or to connect to. A value of fixed size, built by `parse_endpoint`, also
/// while compiling.
class endpoint {
public:
    static constexpr std::size_t length_max = 255;

    constexpr endpoint() noexcept = default;

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
    friend struct endpoint_parser;
    constexpr std::size_t place_at() const noexcept { return scheme_ == 0 ? 0 : scheme_ + 3u; }

    char          text_[length_max + 1] = {};
    std::uint8_t  length_ = 0;
    std::uint8_t  scheme_ = 0;
    std::uint8_t  host_ = 0;
    std::uint8_t  host_length_ = 0;
    std::uint16_t port_ = 0;
    bool          has_port_ = false;
};

}  // namespace troupe::inline TROUPE_ABI
