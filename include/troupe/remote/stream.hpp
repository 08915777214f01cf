// SPDX-License-Identifier: BSL-1.0
#pragma once

// What the connections and listeners of sockets have in common: a socket, and its place in the
// reactor that tells when it is worth to look at it again.

#include "troupe/config/features.hpp"

#if TROUPE_HAS_POSIX

#include <cstddef>
#include <span>
#include <utility>

#include "troupe/os/reactor.hpp"
#include "troupe/os/socket.hpp"
#include "troupe/port/transport.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// A socket that is registered with a reactor, which must live longer. One thread at a time.
class stream {
public:
    stream() noexcept = default;
    stream(stream&& other) noexcept
        : reactor_(other.reactor_),
          socket_(std::move(other.socket_)),
          place_(std::exchange(other.place_, {})) {}
    stream& operator=(stream&& other) noexcept {
        if (this == &other) return *this;
        close();
        reactor_ = other.reactor_;
        socket_ = std::move(other.socket_);
        place_ = std::exchange(other.place_, {});
        return *this;
    }
    ~stream() { close(); }

    /// Takes the socket over. The error: it cannot be watched; then it is closed.
    result<void, transport_error> open(troupe::reactor& by, socket&& of, readiness wanted,
                                       transport_signal signal) noexcept {
        close();
        auto const added = by.add(of.descriptor(), wanted, signal);
        if (!added.has_value()) {
            of.close();
            return added.error();
        }
        reactor_ = &by;
        socket_ = std::move(of);
        place_ = *added;
        return {};
    }
    void close() noexcept {
        if (!socket_.is_open()) return;
        reactor_->remove(std::exchange(place_, {}));
        socket_.close();
    }

    bool    is_open() const noexcept { return socket_.is_open(); }
    socket& native() noexcept { return socket_; }
    void    want(readiness what) noexcept { reactor_->want(place_, what); }

    result<std::size_t, transport_error> send(gathered_bytes buffers) noexcept {
        bool would_wait = false;
        auto sent = socket_.send(buffers, would_wait);
        if (would_wait) want(readiness::write);
        return sent;
    }
    result<std::size_t, transport_error> receive(std::span<std::byte> place) noexcept {
        bool would_wait = false;
        auto got = socket_.receive(place, would_wait);
        if (would_wait) want(readiness::read);
        return got;
    }
    /// The error `none_waiting`: nobody has come.
    result<socket, transport_error> accept() noexcept {
        auto next = socket_.accept();
        // Nor is one that could not be taken forgotten: it is still there.
        if (!next.has_value()) want(readiness::read);
        return next;
    }

private:
    troupe::reactor*              reactor_ = nullptr;
    socket                        socket_;
    troupe::reactor::registration place_;
};

inline constexpr transport_error not_open{transport_errc::misused, 0, "it is not open"};

}  // namespace troupe::inline TROUPE_ABI::detail

#endif
