// SPDX-License-Identifier: BSL-1.0
#pragma once

// What the operating system says, in the words of transports.

#include <cerrno>

#include "troupe/port/transport.hpp"

namespace troupe::inline TROUPE_ABI::detail {

constexpr transport_errc transport_errc_of(int error) noexcept {
    switch (error) {
        case ECONNREFUSED:
        case ENOENT: return transport_errc::refused;  // no such path: nobody listens there
        case ENETUNREACH:
        case EHOSTUNREACH:
        case ENETDOWN:
#if defined(EHOSTDOWN)
        case EHOSTDOWN:
#endif
            return transport_errc::unreachable;
        case ETIMEDOUT: return transport_errc::timed_out;
        case EADDRINUSE: return transport_errc::address_in_use;
        case EADDRNOTAVAIL:
        case EAFNOSUPPORT:
        case EPROTONOSUPPORT:
        case EPROTOTYPE:  // a path at which one speaks in datagrams
        case EDESTADDRREQ:
        case ENAMETOOLONG:
        case ENOTDIR:
        case EISDIR:
        case ELOOP:
        case EROFS:
        case EINVAL: return transport_errc::invalid_address;
        case EACCES:
        case EPERM: return transport_errc::denied;
        case EMFILE:
        case ENFILE:
        case ENOBUFS:
        case ENOSPC:
        case EAGAIN:
        case ENOMEM: return transport_errc::no_resources;
        case ENOTCONN:
        case ENOTSOCK:
        case EBADF: return transport_errc::misused;
        default: return transport_errc::reset;
    }
}

/// With words of its own, which live as long as the program: what was attempted.
constexpr transport_error transport_error_of(int error, std::string_view detail = {}) noexcept {
    return {transport_errc_of(error), error, detail};
}

/// Why one cannot listen there, where that says more than the code.
constexpr std::string_view words_of_bind(int error) noexcept {
    switch (error) {
        case EADDRNOTAVAIL: return "this machine has no such address";
        case EAFNOSUPPORT: return "this machine has no addresses of this kind";
        case ENOENT:
        case ENOTDIR: return "there is no such folder";
        case EROFS: return "nothing can be written there";
        case EACCES:
        case EPERM: return "this process may not listen there";
        default: return "cannot bind";
    }
}

}  // namespace troupe::inline TROUPE_ABI::detail
