// SPDX-License-Identifier: BSL-1.0
#pragma once

// Bytes between processes of one machine: over a path (`unix:///run/bank.sock`), which is a file
// with permissions, or over a name without a file (`unix://@bank`, Linux only), which is
// everybody's in the network namespace.
//
// A path where nobody listens any more, because a process ended without order, is taken over; one
// that is no socket is not touched. The path goes with the listener, if it is still the same file.

#include "troupe/config/features.hpp"

#if TROUPE_HAS_POSIX

#include <cstddef>
#include <cstdio>
#include <cstring>
#include <span>
#include <string_view>
#include <sys/stat.h>
#include <utility>

#include "troupe/base/endpoint.hpp"
#include "troupe/config/hints.hpp"
#include "troupe/os/reactor.hpp"
#include "troupe/os/socket.hpp"
#include "troupe/port/transport.hpp"
#include "troupe/remote/stream.hpp"

namespace troupe::inline TROUPE_ABI {

struct unix_options {
    /// How many connections may wait to be accepted.
    int backlog = 1024;
    /// Of the path: who may connect. 0600: this user.
    unsigned permissions = 0600;
};

namespace detail {

/// A file, whatever its name is.
struct file_identity {
    dev_t device = 0;
    ino_t number = 0;
    bool  known = false;

    /// What stands at a path, if it is a socket.
    static file_identity of_socket(char const* path) noexcept {
        struct stat found{};
        if (::lstat(path, &found) != 0 || !S_ISSOCK(found.st_mode)) return {};
        return {found.st_dev, found.st_ino, true};
    }
    friend bool operator==(file_identity const& a, file_identity const& b) noexcept {
        return a.known && b.known && a.device == b.device && a.number == b.number;
    }
};

/// Unlinks a socket, if it is still that one. (Another process may put its own there between the
/// look and the act: who starts two servers at one path at one moment may lose one.)
inline bool unlink_socket(char const* path, file_identity const& which) noexcept {
    return file_identity::of_socket(path) == which && ::unlink(path) == 0;
}

/// False: it is too long, or this system has no such names.
inline bool unix_address(std::string_view place, socket_address& to) noexcept {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    bool const is_name = place.starts_with('@');
#if !defined(__linux__)
    if (is_name) return false;
#endif
    // A path ends with a zero; a name begins with one.
    if (place.size() + (is_name ? 0 : 1) > sizeof at.sun_path) return false;
    std::memcpy(at.sun_path, place.data(), place.size());
    if (is_name) at.sun_path[0] = 0;
    to = {&at, offsetof(sockaddr_un, sun_path) + place.size() + (is_name ? 0u : 1u)};
    return true;
}

}  // namespace detail

class unix_transport {
public:
    static constexpr std::string_view scheme = "unix";

    /// A connection. One thread at a time; default constructed it is closed.
    class connection {
    public:
        connection() noexcept = default;
        connection(connection&&) noexcept = default;
        connection& operator=(connection&&) noexcept = default;

        result<bool, transport_error> establish() noexcept {
            if (!stream_.is_open()) return detail::not_open;
            return true;
        }
        result<std::size_t, transport_error> send(gathered_bytes buffers) noexcept {
            if (!stream_.is_open()) return detail::not_open;
            return stream_.send(buffers);
        }
        result<std::size_t, transport_error> receive(std::span<std::byte> place) noexcept {
            if (!stream_.is_open()) return detail::not_open;
            return stream_.receive(place);
        }
        void close() noexcept { stream_.close(); }

        /// The descriptor, for options that are not here; -1: it is closed. It stays the
        /// connection's.
        int native_handle() noexcept { return stream_.native().descriptor(); }

    private:
        friend class unix_transport;
        detail::stream stream_;
    };

    /// One thread at a time.
    class listener {
    public:
        listener(listener&& other) noexcept
            : stream_(std::move(other.stream_)),
              reactor_(other.reactor_),
              bound_(other.bound_),
              file_(std::exchange(other.file_, {})) {}
        listener& operator=(listener&& other) noexcept {
            if (this == &other) return *this;
            close();
            stream_ = std::move(other.stream_);
            reactor_ = other.reactor_;
            bound_ = other.bound_;
            file_ = std::exchange(other.file_, {});
            return *this;
        }
        ~listener() { close(); }

        /// Where the process has no descriptor left the error is `no_resources`: who has come still
        /// waits, and no signal tells when there is one again.
        result<connection, transport_error> accept(transport_signal signal) noexcept;
        endpoint                            bound() const noexcept { return bound_; }
        void                                close() noexcept;
        int native_handle() noexcept { return stream_.native().descriptor(); }

    private:
        friend class unix_transport;
        listener() noexcept = default;
        detail::stream        stream_;
        reactor*              reactor_ = nullptr;
        endpoint              bound_;
        detail::file_identity file_;  // none: it is a name
    };

    /// The reactor of a system (`system.reactor()`) must live longer.
    explicit unix_transport(reactor& by, unix_options given = {}) noexcept
        : reactor_(&by), options_(given) {}

    result<connection, transport_error> connect(endpoint const&  to,
                                                transport_signal signal) noexcept;
    result<listener, transport_error> listen(endpoint const& at, transport_signal signal) noexcept;

private:
    static bool read(endpoint const& e, detail::socket_address& to) noexcept {
        bool const ours = !e.has_port() && (e.scheme().empty() || e.scheme() == scheme);
        return ours && !e.place().empty() && detail::unix_address(e.place(), to);
    }
    static constexpr transport_error invalid{transport_errc::invalid_address, 0,
                                             "it is no path of at most 107 bytes, nor @name"};

    reactor*     reactor_;
    unix_options options_;
};

TROUPE_COLD inline auto unix_transport::connect(endpoint const&  to,
                                                transport_signal signal) noexcept
    -> result<connection, transport_error> {
    using namespace detail;
    socket_address at;
    if (!read(to, at)) return invalid;
    auto made = socket::make(AF_UNIX);
    if (!made.has_value()) return made.error();
    switch (int const error = made->connect(at)) {
        case 0: break;
        case EAGAIN:
            return transport_error{transport_errc::refused, EAGAIN,
                                   "too many wait there to be accepted"};
        default: return transport_error_of(error);
    }
    connection open;
    auto const watched =
        open.stream_.open(*reactor_, std::move(*made), readiness::read_and_write, signal);
    if (!watched.has_value()) return watched.error();
    return open;
}

TROUPE_COLD inline auto unix_transport::listen(endpoint const& at, transport_signal signal) noexcept
    -> result<listener, transport_error> {
    using namespace detail;
    socket_address to;
    if (!read(at, to)) return invalid;
    auto made = socket::make(AF_UNIX);
    if (!made.has_value()) return made.error();

    char       path[endpoint::length_max + 1] = {};
    bool const is_path = at.place().front() == '/';
    std::memcpy(path, at.place().data(), at.place().size());
    int  error = made->bind(to);
    bool foreign = false;  // what stands there is no socket
    if (error == EADDRINUSE && is_path) {
        file_identity const there = file_identity::of_socket(path);
        auto                probe = socket::make(AF_UNIX);
        foreign = !there.known;
        if (there.known && probe.has_value() && probe->connect(to) == ECONNREFUSED &&
            unlink_socket(path, there)) {
            error = made->bind(to);
        }
    }
    if (error != 0) {
        return transport_error_of(error == ENOENT ? ENOTDIR : error,
                                  foreign ? "what stands there is no socket"
                                          : words_of_bind(error));
    }

    listener ready;
    if (is_path) {
        ready.file_ = file_identity::of_socket(path);
        // Before it listens: nobody gets in meanwhile.
        if (::chmod(path, static_cast<mode_t>(options_.permissions)) != 0) error = errno;
    }
    if (error == 0) error = made->listen(options_.backlog);
    char text[endpoint::length_max + 16];
    std::snprintf(text, sizeof text, "unix://%s", path);
    auto const whole = parse_endpoint(text);
    ready.bound_ = whole.has_value() ? *whole : at;
    ready.reactor_ = reactor_;
    if (error != 0) {
        made->close();
        ready.close();
        return transport_error_of(error, "cannot listen");
    }
    auto const watched = ready.stream_.open(*reactor_, std::move(*made), readiness::read, signal);
    if (!watched.has_value()) return watched.error();
    return ready;
}

inline auto unix_transport::listener::accept(transport_signal signal) noexcept
    -> result<connection, transport_error> {
    if (!stream_.is_open()) return detail::not_open;
    auto next = stream_.accept();
    if (!next.has_value()) return next.error();
    connection open;
    auto const watched =
        open.stream_.open(*reactor_, std::move(*next), readiness::read_and_write, signal);
    if (!watched.has_value()) return watched.error();
    return open;
}

TROUPE_COLD inline void unix_transport::listener::close() noexcept {
    // First the path: who finds it may connect.
    if (detail::file_identity const mine = std::exchange(file_, {}); mine.known) {
        char path[endpoint::length_max + 1] = {};
        std::memcpy(path, bound_.place().data(), bound_.place().size());
        static_cast<void>(detail::unlink_socket(path, mine));
    }
    stream_.close();
}

static_assert(transport<unix_transport>);

}  // namespace troupe::inline TROUPE_ABI

#endif
