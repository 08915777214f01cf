// SPDX-License-Identifier: BSL-1.0
#pragma once

// A socket that does not block and is not inherited by programs that are started, and the address
// of one. One thread at a time. Nothing here waits or allocates; what the operating system refuses
// is a value.

#include "troupe/os/nonblocking.hpp"
#include "troupe/config/features.hpp"

#if TROUPE_HAS_POSIX

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <span>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

#include "troupe/base/result.hpp"
#include "troupe/config/hints.hpp"
#include "troupe/os/transport_errors.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// The address of a socket, of whatever family.
class socket_address {
public:
    socket_address() noexcept { std::memset(&any_, 0, sizeof any_); }
    socket_address(void const* from, std::size_t size) noexcept : socket_address() {
        size_ = static_cast<socklen_t>(size < sizeof any_ ? size : sizeof any_);
        std::memcpy(&any_, from, size_);
    }

    int             family() const noexcept { return any_.ss_family; }
    sockaddr const* get() const noexcept { return reinterpret_cast<sockaddr const*>(&any_); }
    sockaddr*       get() noexcept { return reinterpret_cast<sockaddr*>(&any_); }
    socklen_t       size() const noexcept { return size_; }
    socklen_t*      room() noexcept {
        size_ = sizeof any_;
        return &size_;
    }
    /// The same as another family of addresses has it. Only of that family.
    template <class Family>
    Family as() const noexcept {
        Family copy;
        std::memcpy(&copy, &any_, sizeof copy);
        return copy;
    }
    friend bool operator==(socket_address const& a, socket_address const& b) noexcept {
        return a.size_ == b.size_ && std::memcmp(&a.any_, &b.any_, a.size_) == 0;
    }

private:
    sockaddr_storage any_;
    socklen_t        size_ = 0;
};

class socket {
public:
    socket() noexcept = default;
    explicit socket(int descriptor) noexcept : descriptor_(descriptor) {}
    socket(socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    socket& operator=(socket&& other) noexcept {
        if (this != &other) {
            close();
            descriptor_ = std::exchange(other.descriptor_, -1);
        }
        return *this;
    }
    ~socket() { close(); }

    /// A stream of that family (AF_INET, AF_INET6, AF_UNIX).
    static result<socket, transport_error> make(int family) noexcept;

    int  descriptor() const noexcept { return descriptor_; }
    bool is_open() const noexcept { return descriptor_ >= 0; }
    void close() noexcept {
        // Not again after EINTR: on Linux the descriptor is gone by then.
        if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
    }

    // Zero, or the error of the operating system.
    int set(int level, int name, int value) noexcept {
        return ::setsockopt(descriptor_, level, name, &value, sizeof value) == 0 ? 0 : errno;
    }
    int bind(socket_address const& at) noexcept {
        return ::bind(descriptor_, at.get(), at.size()) == 0 ? 0 : errno;
    }
    int listen(int backlog) noexcept { return ::listen(descriptor_, backlog) == 0 ? 0 : errno; }
    /// EINPROGRESS: connected() will tell.
    int connect(socket_address const& to) noexcept {
        int const error = ::connect(descriptor_, to.get(), to.size()) == 0 ? 0 : errno;
        return error == EINTR ? EINPROGRESS : error;
    }
    /// How connecting has ended; EINPROGRESS: it has not.
    int connected() noexcept;

    /// The value of an option; -1: there is none.
    int get(int level, int name) const noexcept {
        int       value = 0;
        socklen_t size = sizeof value;
        return ::getsockopt(descriptor_, level, name, &value, &size) == 0 ? value : -1;
    }
    /// Where it is bound, and to whom it is connected.
    socket_address local() const noexcept {
        socket_address at;
        return ::getsockname(descriptor_, at.get(), at.room()) == 0 ? at : socket_address{};
    }
    socket_address peer() const noexcept {
        socket_address at;
        return ::getpeername(descriptor_, at.get(), at.room()) == 0 ? at : socket_address{};
    }

    /// The next connection that has come; EAGAIN in `os`: there is none.
    result<socket, transport_error> accept() noexcept;

    /// Sends from the front of all buffers together, as much as there is room for. True: that was
    /// not all, and more would have to wait.
    result<std::size_t, transport_error> send(gathered_bytes buffers, bool& would_wait) noexcept;

    /// Zero: nothing has arrived, and more would have to wait. The error `closed`: nothing will.
    result<std::size_t, transport_error> receive(std::span<std::byte> place,
                                                 bool&                would_wait) noexcept;

private:
    int descriptor_ = -1;
};

inline result<socket, transport_error> socket::make(int family) noexcept {
#if defined(SOCK_NONBLOCK) && defined(SOCK_CLOEXEC)
    int const descriptor = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return transport_error_of(errno, "cannot make a socket");
#else
    int const descriptor = ::socket(family, SOCK_STREAM, 0);
    if (descriptor < 0) return transport_error_of(errno, "cannot make a socket");
    make_nonblocking(descriptor);
#endif
    socket made{descriptor};
#if defined(SO_NOSIGPIPE)
    made.set(SOL_SOCKET, SO_NOSIGPIPE, 1);
#endif
    return made;
}

inline int socket::connected() noexcept {
    pollfd at{descriptor_, POLLOUT, 0};
    if (::poll(&at, 1, 0) <= 0) return EINPROGRESS;
    int const error = get(SOL_SOCKET, SO_ERROR);
    return error == 0 && (at.revents & POLLNVAL) != 0 ? EBADF : error < 0 ? EBADF : error;
}

inline result<socket, transport_error> socket::accept() noexcept {
    for (;;) {
#if defined(__linux__) || defined(__FreeBSD__)
        int const descriptor =
            ::accept4(descriptor_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
#else
        int const descriptor = ::accept(descriptor_, nullptr, nullptr);
        if (descriptor >= 0) make_nonblocking(descriptor);
#endif
        if (descriptor >= 0) return socket{descriptor};
        switch (errno) {
            case EINTR:
            case ECONNABORTED:  // it has gone again, and others may wait behind it
#if defined(EPROTO)
            case EPROTO:
#endif
                continue;
#if EAGAIN != EWOULDBLOCK
            case EWOULDBLOCK:
#endif
            case EAGAIN: return transport_error{transport_errc::none_waiting, EAGAIN};
            default: return transport_error_of(errno, "cannot accept");
        }
    }
}

inline auto socket::send(gathered_bytes buffers, bool& would_wait) noexcept
    -> result<std::size_t, transport_error> {
    constexpr std::size_t most = 64;  // of one call
    would_wait = false;
    std::size_t all = 0;   // sent
    std::size_t skip = 0;  // sent of the first buffer
    while (!buffers.empty()) {
        iovec       list[most];
        std::size_t count = 0;
        for (std::size_t i = 0; i < buffers.size() && count < most; ++i) {
            auto const part = i == 0 ? buffers[i].subspan(skip) : buffers[i];
            if (part.empty()) continue;
            list[count].iov_base = const_cast<std::byte*>(part.data());
            list[count++].iov_len = part.size();
        }
        if (count == 0) break;  // there is nothing in them
        msghdr message{};
        message.msg_iov = list;
        message.msg_iovlen = static_cast<decltype(message.msg_iovlen)>(count);
#if defined(MSG_NOSIGNAL)
        auto const sent = ::sendmsg(descriptor_, &message, MSG_NOSIGNAL);
#else
        auto const sent = ::sendmsg(descriptor_, &message, 0);
#endif
        if (sent < 0) {
            int const error = errno;
            if (error == EINTR) continue;
            if (error == EAGAIN || error == EWOULDBLOCK) {
                would_wait = true;
                return all;
            }
            // What was sent is told; the error comes again with the next call.
            if (all != 0) return all;
            return transport_error_of(error);
        }
        all += static_cast<std::size_t>(sent);
        skip += static_cast<std::size_t>(sent);
        while (!buffers.empty() && skip >= buffers.front().size()) {
            skip -= buffers.front().size();
            buffers = buffers.subspan(1);
        }
    }
    return all;
}

inline auto socket::receive(std::span<std::byte> place, bool& would_wait) noexcept
    -> result<std::size_t, transport_error> {
    would_wait = false;
    if (place.empty()) return std::size_t{0};
    for (;;) {
        auto const count = ::recv(descriptor_, place.data(), place.size(), 0);
        if (count > 0) return static_cast<std::size_t>(count);
        if (count == 0) return transport_error{transport_errc::closed};
        int const error = errno;
        if (error == EINTR) continue;
        if (error == EAGAIN || error == EWOULDBLOCK) {
            would_wait = true;
            return std::size_t{0};
        }
        return transport_error_of(error);
    }
}

}  // namespace troupe::inline TROUPE_ABI::detail

#endif
