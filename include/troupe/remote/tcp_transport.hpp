// SPDX-License-Identifier: BSL-1.0
#pragma once

// Bytes over TCP. Addresses are used as they stand; names are looked up on a thread of their own,
// and all addresses of a name are tried, one after the other.
//
//     troupe::tcp_transport over{system.reactor(), {.backlog = 64}};
//
// It has no timers: a connection that is not established in time is the library's affair. The
// operating system is asked to give up one whose peer is silent (`unacknowledged_max`).

#include "troupe/config/features.hpp"

#if TROUPE_HAS_POSIX

#include <arpa/inet.h>
#include <climits>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <net/if.h>
#include <span>
#include <string_view>
#include <utility>

#include "troupe/base/endpoint.hpp"
#include "troupe/base/time.hpp"
#include "troupe/config/hints.hpp"
#include "troupe/os/reactor.hpp"
#include "troupe/os/socket.hpp"
#include "troupe/port/transport.hpp"
#include "troupe/remote/name_lookup.hpp"
#include "troupe/remote/stream.hpp"

namespace troupe::inline TROUPE_ABI {

struct tcp_options {
    /// How many connections may wait to be accepted.
    int backlog = 1024;
    /// Small messages leave at once, instead of waiting for an answer to the one before.
    bool nodelay = true;
    /// A connection breaks when what was sent is not acknowledged, or not received, for so long;
    /// zero: what the operating system thinks. Linux only.
    duration unacknowledged_max = std::chrono::seconds{30};
    /// A connection on which nothing is said is probed after so long; zero: it is not.
    duration keepalive = duration{0};
    /// A listener at an IPv6 address takes IPv6 only, and not IPv4, too.
    bool v6_only = false;
    /// A listener may take an address whose last connections are still being forgotten.
    bool reuse_address = true;
};

namespace detail {

/// The addresses that stand in an endpoint; none: it is a name.
TROUPE_COLD inline address_list literal_addresses(std::string_view host,
                                                  std::uint16_t    port) noexcept {
    address_list found;
    char         text[256] = {};
    std::memcpy(text, host.data(), host.size() < 255 ? host.size() : 255);
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    if (host == "localhost") {
        // Wherever that is looked up, it means this (RFC 6761).
        v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        found.add({&v4, sizeof v4});
    } else if (::inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
        found.add({&v4, sizeof v4});
        return found;
    }
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    if (host == "localhost") {
        v6.sin6_addr = in6addr_loopback;
        found.add({&v6, sizeof v6});
        return found;
    }
    if (char* const percent = std::strchr(text, '%')) {
        *percent = 0;
        v6.sin6_scope_id = ::if_nametoindex(percent + 1);
        if (v6.sin6_scope_id == 0) return found;
    }
    if (::inet_pton(AF_INET6, text, &v6.sin6_addr) == 1) found.add({&v6, sizeof v6});
    return found;
}

inline void set_port(socket_address& at, std::uint16_t port) noexcept {
    if (at.family() == AF_INET) {
        auto v4 = at.as<sockaddr_in>();
        v4.sin_port = htons(port);
        at = {&v4, sizeof v4};
    } else {
        auto v6 = at.as<sockaddr_in6>();
        v6.sin6_port = htons(port);
        at = {&v6, sizeof v6};
    }
}

/// `tcp://127.0.0.1:7000`
TROUPE_COLD inline endpoint endpoint_of(socket_address const& at) noexcept {
    char host[INET6_ADDRSTRLEN + 1] = {};
    char text[INET6_ADDRSTRLEN + IF_NAMESIZE + 32] = {};
    if (at.family() == AF_INET) {
        auto const v4 = at.as<sockaddr_in>();
        ::inet_ntop(AF_INET, &v4.sin_addr, host, sizeof host);
        std::snprintf(text, sizeof text, "tcp://%s:%u", host, unsigned{ntohs(v4.sin_port)});
    } else if (at.family() == AF_INET6) {
        auto const v6 = at.as<sockaddr_in6>();
        char       scope[IF_NAMESIZE + 1] = {};
        bool const scoped =
            v6.sin6_scope_id != 0 && ::if_indextoname(v6.sin6_scope_id, scope) != nullptr;
        ::inet_ntop(AF_INET6, &v6.sin6_addr, host, sizeof host);
        std::snprintf(text, sizeof text, "tcp://[%s%s%s]:%u", host, scoped ? "%" : "", scope,
                      unsigned{ntohs(v6.sin6_port)});
    }
    auto const read = parse_endpoint(text);
    return read.has_value() ? *read : endpoint{};
}

inline void set_up(socket& s, tcp_options const& o) noexcept {
    // What cannot be set is not worth to fail for: the connection works without.
    if (o.nodelay) s.set(IPPROTO_TCP, TCP_NODELAY, 1);
#if defined(TCP_USER_TIMEOUT)
    if (o.unacknowledged_max.count() > 0) {
        auto const span = o.unacknowledged_max.count() / 1'000'000;
        s.set(IPPROTO_TCP, TCP_USER_TIMEOUT,
              span < 1         ? 1
              : span > INT_MAX ? INT_MAX
                               : static_cast<int>(span));
    }
#endif
    if (o.keepalive.count() > 0) {
        auto const seconds = (o.keepalive.count() + 999'999'999) / 1'000'000'000;
        int const  idle = static_cast<int>(seconds < 32767 ? seconds : 32767);
        s.set(SOL_SOCKET, SO_KEEPALIVE, 1);
#if defined(TCP_KEEPIDLE)
        s.set(IPPROTO_TCP, TCP_KEEPIDLE, idle);
        s.set(IPPROTO_TCP, TCP_KEEPINTVL, idle < 4 ? 1 : idle / 4);
        s.set(IPPROTO_TCP, TCP_KEEPCNT, 4);
#else
        static_cast<void>(idle);
#endif
    }
}

}  // namespace detail

class tcp_transport {
public:
    static constexpr std::string_view scheme = "tcp";

    /// A connection. One thread at a time; default constructed it is closed.
    class connection {
    public:
        connection() noexcept = default;
        connection(connection&&) noexcept = default;
        connection& operator=(connection&&) noexcept = default;

        result<bool, transport_error>        establish() noexcept;
        result<std::size_t, transport_error> send(gathered_bytes buffers) noexcept {
            if (stage_.is != stage::open) return detail::not_open;
            return stream_.send(buffers);
        }
        result<std::size_t, transport_error> receive(std::span<std::byte> place) noexcept {
            if (stage_.is != stage::open) return detail::not_open;
            return stream_.receive(place);
        }
        void close() noexcept {
            stream_.close();
            name_.give_up();
            stage_.is = stage::closed;
        }

        /// The descriptor, for options that are not here; -1: it is closed. It stays the
        /// connection's.
        int native_handle() noexcept { return stream_.native().descriptor(); }

    private:
        friend class tcp_transport;
        enum class stage : std::uint8_t { closed, naming, connecting, open };
        /// What was moved from is closed.
        struct own_stage {
            stage is = stage::closed;
            own_stage() noexcept = default;
            own_stage(own_stage&& other) noexcept : is(std::exchange(other.is, stage::closed)) {}
            own_stage& operator=(own_stage&& other) noexcept {
                is = std::exchange(other.is, stage::closed);
                return *this;
            }
        };

        result<bool, transport_error> try_addresses() noexcept;
        transport_error               fail(transport_error why) noexcept {
            close();
            return why;
        }

        own_stage            stage_;
        std::uint8_t         next_ = 0;  // of the addresses: the one to try
        std::uint16_t        port_ = 0;
        detail::stream       stream_;
        detail::pending_name name_;
        reactor*             reactor_ = nullptr;
        transport_signal     signal_;
        tcp_options          options_;
        transport_error      last_{transport_errc::unreachable};
    };

    /// One thread at a time.
    class listener {
    public:
        listener(listener&&) noexcept = default;
        listener& operator=(listener&&) noexcept = default;

        /// Where the process has no descriptor left the error is `no_resources`: who has come still
        /// waits, and no signal tells when there is one again.
        result<connection, transport_error> accept(transport_signal signal) noexcept;
        endpoint                            bound() const noexcept { return bound_; }
        void                                close() noexcept { stream_.close(); }
        int native_handle() noexcept { return stream_.native().descriptor(); }

    private:
        friend class tcp_transport;
        listener() noexcept = default;
        detail::stream stream_;
        reactor*       reactor_ = nullptr;
        tcp_options    options_;
        endpoint       bound_;
    };

    /// The reactor of a system (`system.reactor()`) must live longer.
    explicit tcp_transport(reactor& by, tcp_options given = {}) noexcept
        : tcp_transport(by, given, &detail::ask_for_name) {}
    tcp_transport(tcp_transport&& other) noexcept
        : reactor_(other.reactor_),
          options_(other.options_),
          look_(other.look_),
          desk_(std::exchange(other.desk_, nullptr)) {}
    tcp_transport& operator=(tcp_transport&&) = delete;
    ~tcp_transport() {
        if (desk_ != nullptr) desk_->leave();
    }

    /// For tests: names are looked up by `look`, on the thread for that.
    tcp_transport(reactor& by, tcp_options given, detail::lookup_function look) noexcept
        : reactor_(&by), options_(given), look_(look) {}

    /// Errors that are known at once are told here, all others by `establish`.
    result<connection, transport_error> connect(endpoint const&  to,
                                                transport_signal signal) noexcept;
    /// At an address, not a name; port 0: the operating system chooses.
    result<listener, transport_error> listen(endpoint const& at, transport_signal signal) noexcept;

private:
    static bool is_ours(endpoint const& e) noexcept {
        return e.has_port() && (e.scheme().empty() || e.scheme() == scheme);
    }

    reactor*                reactor_;
    tcp_options             options_;
    detail::lookup_function look_;
    detail::lookup_desk*    desk_ = nullptr;  // made by the first name
};

TROUPE_COLD inline auto tcp_transport::connect(endpoint const& to, transport_signal signal) noexcept
    -> result<connection, transport_error> {
    if (!is_ours(to)) {
        return transport_error{transport_errc::invalid_address, 0, "it is not host:port"};
    }
    if (to.port() == 0) {
        return transport_error{transport_errc::invalid_address, 0, "nobody listens at port 0"};
    }
    connection made;
    made.reactor_ = reactor_;
    made.signal_ = signal;
    made.options_ = options_;
    made.port_ = to.port();
    detail::address_list const literal = detail::literal_addresses(to.host(), to.port());
    if (literal.size == 0) {
        if (to.host().find(':') < to.host().size()) {
            return transport_error{transport_errc::invalid_address, 0,
                                   "there is no such interface"};
        }
        if (desk_ == nullptr) desk_ = detail::lookup_desk::make(look_);
        if (desk_ == nullptr) return detail::transport_error_of(ENOMEM);
        auto asked = desk_->ask(to.host(), signal);
        if (!asked.has_value()) return asked.error();
        made.name_ = std::move(*asked);
        made.stage_.is = connection::stage::naming;
        return made;
    }
    made.name_ = detail::pending_name::known(literal);
    if (!made.name_) return detail::transport_error_of(ENOMEM);
    auto const begun = made.try_addresses();
    if (!begun.has_value()) return begun.error();
    return made;
}

/// Begins with the next address that does not fail at once.
TROUPE_COLD inline auto tcp_transport::connection::try_addresses() noexcept
    -> result<bool, transport_error> {
    using namespace detail;
    address_list const& all = name_.found();
    while (next_ < all.size) {
        socket_address const& to = all.addresses[next_++];
        auto                  made = socket::make(to.family());
        if (!made.has_value()) {
            last_ = made.error();
            continue;
        }
        set_up(*made, options_);
        int const error = made->connect(to);
        if (error != 0 && error != EINPROGRESS) {
            last_ = transport_error_of(error);
            continue;
        }
        auto const watched =
            stream_.open(*reactor_, std::move(*made), readiness::read_and_write, signal_);
        if (!watched.has_value()) return fail(watched.error());
        stage_.is = stage::connecting;
        return false;
    }
    return fail(last_);
}

inline auto tcp_transport::connection::establish() noexcept -> result<bool, transport_error> {
    using namespace detail;
    if (stage_.is == stage::open) return true;
    if (stage_.is == stage::closed) return not_open;
    if (stage_.is == stage::naming) {
        if (!name_.is_answered()) return false;
        if (name_.error() != 0 || name_.found().size == 0) {
            bool const nothing = name_.error() == 0 || name_.error() == EAI_NONAME;
            return fail({transport_errc::unreachable, 0,
                         nothing ? "the name means nothing" : "the name cannot be looked up now"});
        }
        address_list& all = name_.found();
        for (std::size_t i = 0; i < all.size; ++i) set_port(all.addresses[i], port_);
        if (auto const begun = try_addresses(); !begun.has_value()) return begun;
    }
    for (;;) {
        int error = stream_.native().connected();
        if (error == EINPROGRESS) {
            stream_.want(readiness::write);
            return false;
        }
        if (error == 0) {
            // Both ends may have met in one socket, where nobody listens at a port that the system
            // also gives to those who connect.
            socket_address const self = stream_.native().local();
            if (self.size() == 0 || !(self == stream_.native().peer())) break;
            error = ECONNREFUSED;
        }
        last_ = transport_error_of(error);
        stream_.close();
        if (auto const begun = try_addresses(); !begun.has_value()) return begun;
    }
    name_.give_up();
    stage_.is = stage::open;
    return true;
}

TROUPE_COLD inline auto tcp_transport::listen(endpoint const& at, transport_signal signal) noexcept
    -> result<listener, transport_error> {
    using namespace detail;
    if (!is_ours(at)) {
        return transport_error{transport_errc::invalid_address, 0, "it is not host:port"};
    }
    address_list const here = literal_addresses(at.host(), at.port());
    if (here.size == 0) {
        return transport_error{transport_errc::invalid_address, 0,
                               "one listens at an address of this machine, not at a name"};
    }
    socket_address const& first = here.addresses[0];
    auto                  made = socket::make(first.family());
    if (!made.has_value()) return made.error();
    if (options_.reuse_address) made->set(SOL_SOCKET, SO_REUSEADDR, 1);
    if (first.family() == AF_INET6) made->set(IPPROTO_IPV6, IPV6_V6ONLY, options_.v6_only ? 1 : 0);
    if (int const error = made->bind(first); error != 0) {
        return transport_error_of(error, words_of_bind(error));
    }
    if (int const error = made->listen(options_.backlog); error != 0) {
        return transport_error_of(error, "cannot listen");
    }
    listener ready;
    ready.bound_ = endpoint_of(made->local());
    ready.reactor_ = reactor_;
    ready.options_ = options_;
    auto const watched = ready.stream_.open(*reactor_, std::move(*made), readiness::read, signal);
    if (!watched.has_value()) return watched.error();
    return ready;
}

inline auto tcp_transport::listener::accept(transport_signal signal) noexcept
    -> result<connection, transport_error> {
    if (!stream_.is_open()) return detail::not_open;
    auto next = stream_.accept();
    if (!next.has_value()) return next.error();
    connection made;
    detail::set_up(*next, options_);
    auto const watched =
        made.stream_.open(*reactor_, std::move(*next), readiness::read_and_write, signal);
    if (!watched.has_value()) return watched.error();
    made.stage_.is = connection::stage::open;
    return made;
}

static_assert(transport<tcp_transport>);

}  // namespace troupe::inline TROUPE_ABI

#endif
