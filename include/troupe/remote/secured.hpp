// SPDX-License-Identifier: BSL-1.0
#pragma once

// TLS over any transport: a transport again, whose connections are established when both sides have
// proved who they are. It takes endpoints `tls://host:port` (over others than TCP `tls+unix://`,
// `tls+loopback://`), and the host is what the certificate of
// the other side must be for. A connection belongs to one thread at a time, as every connection; no
// call waits, and after the handshake nothing is allocated here. There is no timer in it: who never
// answers is given up by the deadline that the link has for connecting.
// More: docs/guides/tls-in-production.md

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <span>
#include <string_view>
#include <utility>

#include "troupe/base/endpoint.hpp"
#include "troupe/base/result.hpp"
#include "troupe/config/hints.hpp"
#include "troupe/port/tls_provider.hpp"
#include "troupe/port/transport.hpp"

namespace troupe::inline TROUPE_ABI {

namespace detail {

/// The same place under another scheme.
TROUPE_APART inline result<endpoint, endpoint_errc> with_scheme(endpoint const&  of,
                                                                std::string_view scheme) noexcept {
    char        text[endpoint::length_max + 1];
    std::size_t length = 0;
    for (std::string_view const part : {scheme, std::string_view{"://"}, of.place()}) {
        if (part.size() > endpoint::length_max - length) return endpoint_errc::too_long;
        length += part.copy(text + length, part.size());
    }
    return parse_endpoint({text, length});
}

/// `tls` over TCP, `tls+unix`, `tls+loopback`.
template <class Transport>
struct secured_scheme {
    static constexpr std::string_view prefix = "tls+";
    static constexpr std::string_view base = Transport::scheme;
    static constexpr bool             plain = base == "tcp";

    char text[prefix.size() + base.size() + 1] = {};
    constexpr secured_scheme() noexcept {
        prefix.copy(text, prefix.size());
        base.copy(text + prefix.size(), base.size());
    }
    constexpr std::string_view view() const noexcept {
        return {text, plain ? prefix.size() - 1 : prefix.size() + base.size()};
    }
};
template <class Transport>
inline constexpr secured_scheme<Transport> scheme_when_secured{};

/// Bytes on their way between a session and a wire, for one connection.
struct secured_buffers {
    static constexpr std::size_t record_max = 16 * 1024;       // of plain bytes in one record
    static constexpr std::size_t wire_max = record_max + 512;  // a record with what belongs to it
    // Of one call, from the wire, beyond what it was asked for. A peer whose records have nothing
    // in them, and come faster than they are read, would hold who reads for ever.
    static constexpr std::size_t in_vain_max = 2 * wire_max;

    std::byte   in[wire_max];  // came from the wire; the session has taken what lies before in_at
    std::size_t in_at = 0;
    std::size_t in_end = 0;
    std::byte   out[wire_max];  // goes to the wire, which has taken what lies before out_at
    std::size_t out_at = 0;
    std::size_t out_end = 0;
    std::byte   plain[record_max];  // small buffers of one send, together in one record
};

}  // namespace detail

/// `secured<tcp_transport, openssl_tls>{tcp_transport{}, std::move(tls)}`.
template <transport Transport, tls_provider Provider>
class secured {
public:
    static constexpr std::string_view scheme = detail::scheme_when_secured<Transport>.view();
    static constexpr bool             secures = true;

    class connection;
    class listener;

    secured(Transport inner, Provider provider) noexcept
        : inner_(std::move(inner)), provider_(std::move(provider)) {}

    /// Who keeps the secrets: to ask when its certificate ends.
    Provider&       provider() noexcept { return provider_; }
    Provider const& provider() const noexcept { return provider_; }
    std::int64_t    seconds_to_expiry() const noexcept
        requires tls_provider_expires<Provider>
    {
        return provider_.seconds_to_expiry();
    }

    result<connection, transport_error> connect(endpoint const&  to,
                                                transport_signal signal) noexcept;
    /// An error already here where the provider cannot serve.
    result<listener, transport_error> listen(endpoint const& at, transport_signal signal) noexcept;

private:
    using inner_connection = typename Transport::connection;
    using session_type = typename Provider::session;

    static constexpr transport_error no_such_endpoint{
        transport_errc::invalid_address, 0,
        "tls: no endpoint of this transport; over tcp they are tls://host:port"};
    static result<endpoint, endpoint_errc> inside(endpoint const& of) noexcept {
        if (!of.scheme().empty() && of.scheme() != scheme) return endpoint_errc::bad_scheme;
        return detail::with_scheme(of, Transport::scheme);
    }
    static result<connection, transport_error> over(inner_connection                      wire,
                                                    result<session_type, transport_error> session,
                                                    transport_signal signal) noexcept;

    [[no_unique_address]] Transport inner_;
    Provider                        provider_;
};

template <transport Transport, tls_provider Provider>
class secured<Transport, Provider>::connection {
public:
    connection() noexcept = default;
    connection(connection&& other) noexcept
        : wire_(std::move(other.wire_)),
          session_(std::move(other.session_)),
          signal_(other.signal_),
          buffers_(std::exchange(other.buffers_, nullptr)),
          failed_(other.failed_),
          state_(std::exchange(other.state_, state::closed)),
          owed_(other.owed_) {}
    connection& operator=(connection&& other) noexcept {
        if (this == &other) return *this;
        close();
        return *::new (static_cast<void*>(after_destruction())) connection(std::move(other));
    }
    ~connection() { close(); }

    result<bool, transport_error>        establish() noexcept;
    result<std::size_t, transport_error> send(gathered_bytes buffers) noexcept;
    result<std::size_t, transport_error> receive(std::span<std::byte> place) noexcept;
    /// Says to the other side that this is the end, if that can be said without waiting.
    void close() noexcept;

    std::string_view peer_name() const noexcept {
        return state_ == state::open ? session_.peer_name() : std::string_view{};
    }
    time_point look_at() const noexcept
        requires connection_looks_at<inner_connection>
    {
        return wire_.look_at();
    }

private:
    friend class secured;
    enum class state : std::uint8_t { closed, connecting, shaking, open, failed };

    connection(inner_connection wire, session_type session, transport_signal signal,
               detail::secured_buffers* buffers) noexcept
        : wire_(std::move(wire)),
          session_(std::move(session)),
          signal_(signal),
          buffers_(buffers),
          state_(state::connecting) {}

    connection* after_destruction() noexcept {
        this->~connection();
        return this;
    }
    /// The first error is the one that stays.
    transport_error fail(transport_error why) noexcept {
        if (state_ != state::failed) failed_ = why;
        state_ = state::failed;
        return failed_;
    }
    result<bool, transport_error>        flush() noexcept;
    result<std::size_t, transport_error> fill() noexcept;
    std::size_t                          gather(gathered_bytes buffers, std::size_t skip,
                                                std::span<std::byte const>& chunk) noexcept;

    inner_connection         wire_{};
    session_type             session_{};
    transport_signal         signal_{};
    detail::secured_buffers* buffers_ = nullptr;  // owned; null: closed
    transport_error          failed_{};
    state                    state_ = state::closed;
    // One byte that is on its way, but was not reported as taken: who sends comes back for it, and
    // what waits here behind it moves on.
    bool owed_ = false;
};

/// Everything that the session wants to say, to the wire. False: the wire is full, and its signal
/// tells when to go on.
template <transport Transport, tls_provider Provider>
result<bool, transport_error> secured<Transport, Provider>::connection::flush() noexcept {
    detail::secured_buffers& b = *buffers_;
    for (;;) {
        if (b.out_at == b.out_end) {
            b.out_at = 0;
            b.out_end = session_.drain(b.out);
            if (b.out_end == 0) return true;
        }
        std::span<std::byte const> const left{b.out + b.out_at, b.out_end - b.out_at};
        auto const                       sent = wire_.send(gathered_bytes{&left, 1});
        if (!sent) return sent.error();
        b.out_at += *sent;
        if (*sent < left.size()) return false;
    }
}

/// More of what has come over the wire, to the session: so many bytes. Zero: nothing is there.
template <transport Transport, tls_provider Provider>
result<std::size_t, transport_error> secured<Transport, Provider>::connection::fill() noexcept {
    detail::secured_buffers& b = *buffers_;
    if (b.in_at == b.in_end) {
        auto const came = wire_.receive(b.in);
        if (!came) return came.error();
        b.in_at = 0;
        b.in_end = *came;
        if (*came == 0) return std::size_t{0};
    }
    auto const fed = session_.feed({b.in + b.in_at, b.in_end - b.in_at});
    if (!fed) return fed.error();
    b.in_at += *fed;
    // It has just been asked for what it has, and had nothing: it must take something.
    if (*fed == 0) {
        return transport_error{transport_errc::not_secure, 0,
                               "tls: the session takes nothing more"};
    }
    return *fed;
}

template <transport Transport, tls_provider Provider>
result<bool, transport_error> secured<Transport, Provider>::connection::establish() noexcept {
    if (state_ == state::closed) return transport_error{transport_errc::misused};
    if (state_ == state::failed) return failed_;
    if (state_ == state::open) return true;
    if (state_ == state::connecting) {
        auto const connected = wire_.establish();
        if (!connected) return fail(connected.error());
        if (!*connected) return false;
        state_ = state::shaking;
    }
    for (std::size_t taken = 0;;) {
        auto const agreed = session_.handshake();
        auto const flushed = flush();  // also what the other side is told of an error
        if (!agreed) return fail(agreed.error());
        if (*agreed) {
            if (!flushed) return fail(flushed.error());
            if (!*flushed) return false;
            state_ = state::open;
            signal_();  // what came right behind the handshake is here already: nobody else tells
            return true;
        }
        // If the wire is broken for what we say, what it still has to say is the better reason.
        auto const more = fill();
        if (!more) {
            (void)flush();
            if (more.error().code != transport_errc::closed) return fail(more.error());
            return fail(
                {transport_errc::not_secure, 0, "tls: the peer has closed during the handshake"});
        }
        if (*more == 0 && !flushed) return fail(flushed.error());
        if (*more == 0) return false;
        taken += *more;
        if (taken >= detail::secured_buffers::in_vain_max) {
            signal_();  // others want a turn, too
            return false;
        }
    }
}

/// As much as fits into one record, from behind the first `skip` bytes. One buffer goes as it lies;
/// several small ones are put together.
template <transport Transport, tls_provider Provider>
std::size_t
secured<Transport, Provider>::connection::gather(gathered_bytes buffers, std::size_t skip,
                                                 std::span<std::byte const>& chunk) noexcept {
    constexpr std::size_t most = detail::secured_buffers::record_max;
    std::size_t           length = 0;
    for (std::size_t i = 0; i < buffers.size() && length < most; ++i) {
        auto rest = buffers[i];
        if (skip >= rest.size()) {
            skip -= rest.size();
            continue;
        }
        rest = rest.subspan(skip);
        skip = 0;
        if (rest.size() > most - length) rest = rest.first(most - length);
        if (length == 0 && (rest.size() == most || i + 1 == buffers.size())) {
            chunk = rest;
            return rest.size();
        }
        std::memcpy(buffers_->plain + length, rest.data(), rest.size());
        length += rest.size();
    }
    chunk = {buffers_->plain, length};
    return length;
}

template <transport Transport, tls_provider Provider>
result<std::size_t, transport_error>
secured<Transport, Provider>::connection::send(gathered_bytes buffers) noexcept {
    if (state_ == state::failed) return failed_;
    if (state_ != state::open) return transport_error{transport_errc::misused};
    auto flushed = flush();
    if (!flushed) return fail(flushed.error());
    if (!*flushed) return std::size_t{0};
    std::size_t                taken = 0;
    std::span<std::byte const> chunk;
    if (owed_ && gather(buffers, 0, chunk) != 0) {
        owed_ = false;
        taken = 1;
    }
    while (gather(buffers, taken, chunk) != 0) {
        auto const wrote = session_.write(chunk);
        if (!wrote) {
            (void)flush();
            return fail(wrote.error());
        }
        if (*wrote == 0) break;
        taken += *wrote;
        flushed = flush();
        if (!flushed) return fail(flushed.error());
        if (!*flushed) {
            owed_ = true;
            return taken - 1;
        }
    }
    return taken;
}

template <transport Transport, tls_provider Provider>
result<std::size_t, transport_error>
secured<Transport, Provider>::connection::receive(std::span<std::byte> place) noexcept {
    if (state_ == state::failed) return failed_;
    if (state_ != state::open) return transport_error{transport_errc::misused};
    auto        flushed = flush();
    std::size_t got = 0;
    std::size_t taken = 0;
    while (got < place.size()) {
        auto const plain = session_.read(place.subspan(got));
        if (!plain) {
            if (got != 0) return got;  // the session says it again
            if (plain.error().code == transport_errc::closed) return plain.error();
            (void)flush();
            return fail(plain.error());
        }
        got += *plain;
        if (*plain != 0) continue;
        // Reading may have made an answer: new keys.
        if (flushed && *flushed) flushed = flush();
        auto const more = fill();
        if (!more) {
            // The error comes with the next call, behind the bytes.
            auto why = more.error();
            if (why.code == transport_errc::closed) {
                why = {transport_errc::reset, 0,
                       "tls: cut off: the peer has closed without saying that it ends"};
            }
            (void)flush();
            why = fail(why);
            if (got != 0) return got;
            return why;
        }
        if (*more == 0) break;
        taken += *more;
        if (taken >= place.size() + detail::secured_buffers::in_vain_max) {
            if (got == 0) signal_();  // others want a turn, too
            break;
        }
    }
    if (flushed && *flushed) flushed = flush();
    if (!flushed && got == 0) return fail(flushed.error());
    return got;
}

template <transport Transport, tls_provider Provider>
void secured<Transport, Provider>::connection::close() noexcept {
    if (buffers_ == nullptr) return;
    if (state_ == state::open) {
        session_.finish();
        // As long as the wire takes anything. What it does not take now is not said.
        for (std::size_t before = SIZE_MAX; before != buffers_->out_at;) {
            before = buffers_->out_at;
            auto const flushed = flush();
            if (!flushed || *flushed) break;
        }
    }
    wire_.close();
    session_ = session_type{};
    delete buffers_;
    buffers_ = nullptr;
    state_ = state::closed;
}

template <transport Transport, tls_provider Provider>
class secured<Transport, Provider>::listener {
public:
    listener(listener&&) noexcept = default;

    result<connection, transport_error> accept(transport_signal signal) noexcept {
        auto wire = inner_.accept(signal);
        if (!wire) return wire.error();
        return over(std::move(*wire), provider_->server(), signal);
    }
    endpoint bound() const noexcept {
        auto const seen = detail::with_scheme(inner_.bound(), scheme);
        return seen ? *seen : inner_.bound();
    }
    void close() noexcept { inner_.close(); }

private:
    friend class secured;
    listener(typename Transport::listener inner, Provider& provider) noexcept
        : inner_(std::move(inner)), provider_(&provider) {}

    typename Transport::listener inner_;
    Provider*                    provider_;
};

template <transport Transport, tls_provider Provider>
auto secured<Transport, Provider>::over(inner_connection                      wire,
                                        result<session_type, transport_error> session,
                                        transport_signal                      signal) noexcept
    -> result<connection, transport_error> {
    if (!session) return session.error();
    auto* const buffers = new (std::nothrow) detail::secured_buffers;
    if (buffers == nullptr) {
        return transport_error{transport_errc::no_resources, 0, "tls: no memory for a connection"};
    }
    return connection{std::move(wire), std::move(*session), signal, buffers};
}

template <transport Transport, tls_provider Provider>
auto secured<Transport, Provider>::connect(endpoint const& to, transport_signal signal) noexcept
    -> result<connection, transport_error> {
    auto const place = inside(to);
    if (!place) return no_such_endpoint;
    auto session = provider_.client(to.host().empty() ? to.place() : to.host());
    if (!session) return session.error();
    auto wire = inner_.connect(*place, signal);
    if (!wire) return wire.error();
    return over(std::move(*wire), std::move(session), signal);
}

template <transport Transport, tls_provider Provider>
auto secured<Transport, Provider>::listen(endpoint const& at, transport_signal signal) noexcept
    -> result<listener, transport_error> {
    auto const place = inside(at);
    if (!place) return no_such_endpoint;
    auto const serves = provider_.server();
    if (!serves) return serves.error();
    auto inner = inner_.listen(*place, signal);
    if (!inner) return inner.error();
    return listener{std::move(*inner), provider_};
}

}  // namespace troupe::inline TROUPE_ABI
