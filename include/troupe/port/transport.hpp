// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a transport is: how bytes get to another process. It moves bytes and says when to look
// again; what they mean, when to connect again, and what waits how long is the library's affair.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

#include "troupe/base/endpoint.hpp"
#include "troupe/base/result.hpp"
#include "troupe/base/time.hpp"

namespace troupe::inline TROUPE_ABI {

enum class transport_errc : std::uint8_t {
    closed,           ///< the other side has closed, in order, and everything was received
    reset,            ///< the connection is broken
    refused,          ///< nobody listens there
    unreachable,      ///< there is no way to there, or the name means nothing
    timed_out,        ///< the transport itself has given up
    address_in_use,   ///< somebody listens there already
    invalid_address,  ///< this transport cannot use such an endpoint
    denied,           ///< the operating system does not allow it
    no_resources,     ///< no memory, no descriptor
    not_secure,       ///< the handshake of a secured transport has failed: `detail` says why
    misused,          ///< the connection is not open
    none_waiting,     ///< `accept`: nobody has come yet
};

constexpr std::string_view to_string(transport_errc code) noexcept {
    switch (code) {
        case transport_errc::closed: return "closed";
        case transport_errc::reset: return "reset";
        case transport_errc::refused: return "refused";
        case transport_errc::unreachable: return "unreachable";
        case transport_errc::timed_out: return "timed out";
        case transport_errc::address_in_use: return "address in use";
        case transport_errc::invalid_address: return "invalid address";
        case transport_errc::denied: return "denied";
        case transport_errc::no_resources: return "no resources";
        case transport_errc::not_secure: return "not secure";
        case transport_errc::misused: return "misused";
        case transport_errc::none_waiting: return "none waiting";
    }
    return "?";
}

struct transport_error {
    transport_errc   code = transport_errc::reset;
    int              os = 0;    ///< errno, where it came from the operating system
    std::string_view detail{};  ///< more words, which live as long as the transport, or the program
};

/// "Look again", as a value: a transport keeps a copy and calls it, from any thread and at any
/// time, also inside a call of its own and once more after `close`, but never under a lock that its
/// other functions take, and by no thread of its own once the transport has gone. Calling it does
/// not block or throw. One call too many costs a look; one too few loses the connection's mail.
class transport_signal {
public:
    using function = void (*)(void* whom, std::uint64_t which) noexcept;

    constexpr transport_signal() noexcept = default;
    constexpr transport_signal(function call, void* whom, std::uint64_t which) noexcept
        : call_(call), whom_(whom), which_(which) {}
    void operator()() const noexcept {
        if (call_ != nullptr) call_(whom_, which_);
    }

private:
    function      call_ = nullptr;
    void*         whom_ = nullptr;
    std::uint64_t which_ = 0;
};

/// What may be sent with one call.
using gathered_bytes = std::span<std::span<std::byte const> const>;

// A connection belongs to one thread at a time. None of its functions waits.

/// `establish()` goes on with connecting (or a handshake): true when bytes can be sent, false when
/// the signal will tell. Called again until it is true or an error.
template <class Connection>
concept connection_establishes = requires(Connection& c) {
    { c.establish() } noexcept -> std::same_as<result<bool, transport_error>>;
};
/// `send(buffers)` takes bytes from the front of all buffers together and says how many; less than
/// all: the signal tells when there is room again.
template <class Connection>
concept connection_sends = requires(Connection& c, gathered_bytes buffers) {
    { c.send(buffers) } noexcept -> std::same_as<result<std::size_t, transport_error>>;
};
/// `receive(place)` writes what has arrived and says how much; zero: nothing now, and the signal
/// tells when there is more. After the last byte: the error `closed`.
template <class Connection>
concept connection_receives = requires(Connection& c, std::span<std::byte> place) {
    { c.receive(place) } noexcept -> std::same_as<result<std::size_t, transport_error>>;
};
/// `close()` ends it at once, any number of times; so does the destructor. What `send` has taken
/// may still arrive.
template <class Connection>
concept connection_closes = requires(Connection& c) {
    { c.close() } noexcept;
};
/// Optional: `time_point look_at() const noexcept`, when to look again though no signal came. For
/// transports that have to do with time; they need no timers of their own.
template <class Connection>
concept connection_looks_at = requires(Connection const& c) {
    { c.look_at() } noexcept -> std::same_as<time_point>;
};
/// Optional: `std::string_view peer_name() const noexcept`, who the other side has proved to be;
/// empty: it has proved nothing. Good until the next call.
template <class Connection>
concept connection_names_peer = requires(Connection const& c) {
    { c.peer_name() } noexcept -> std::same_as<std::string_view>;
};

template <class Connection>
concept transport_connection =
    std::default_initializable<Connection> && std::is_nothrow_move_constructible_v<Connection> &&
    std::is_nothrow_move_assignable_v<Connection> && connection_establishes<Connection> &&
    connection_sends<Connection> && connection_receives<Connection> &&
    connection_closes<Connection>;

// A listener belongs to one thread at a time, too.

/// `accept(signal)`: the next connection that has come, which from now on calls this signal. The
/// error `none_waiting`: nobody has come, and the signal of the listener tells when somebody does.
template <class Listener, class Connection>
concept listener_accepts = requires(Listener& l, transport_signal signal) {
    { l.accept(signal) } noexcept -> std::same_as<result<Connection, transport_error>>;
};
/// `bound()`: where it listens, with the port that the operating system has chosen.
template <class Listener>
concept listener_is_bound = requires(Listener const& l) {
    { l.bound() } noexcept -> std::same_as<endpoint>;
};
template <class Listener>
concept listener_closes = requires(Listener& l) {
    { l.close() } noexcept;
};

template <class Transport>
concept transport_names_types = requires {
    typename Transport::connection;
    typename Transport::listener;
};
template <class Transport>
concept transport_has_a_scheme = requires {
    { Transport::scheme } -> std::convertible_to<std::string_view>;
};
template <class Transport>
concept transport_connects = requires(Transport& t, endpoint const& to, transport_signal signal) {
    {
        t.connect(to, signal)
    } noexcept -> std::same_as<result<typename Transport::connection, transport_error>>;
};
template <class Transport>
concept transport_listens = requires(Transport& t, endpoint const& at, transport_signal signal) {
    {
        t.listen(at, signal)
    } noexcept -> std::same_as<result<typename Transport::listener, transport_error>>;
};
template <class Transport>
concept transport_connection_is_complete = transport_connection<typename Transport::connection>;
template <class Transport>
concept transport_listener_is_complete =
    std::is_nothrow_move_constructible_v<typename Transport::listener> &&
    listener_accepts<typename Transport::listener, typename Transport::connection> &&
    listener_is_bound<typename Transport::listener> &&
    listener_closes<typename Transport::listener>;

/// How bytes get to another process. `connect` and `listen` are called by workers, one call at a
/// time; they do not wait: what is not done yet is told by `establish`. A transport outlives its
/// connections and listeners; it may be moved before it has any. Nothing here throws. `scheme` is
/// the word before `://` in the endpoints that it takes.
template <class Transport>
concept transport =
    std::is_nothrow_move_constructible_v<Transport> && transport_names_types<Transport> &&
    transport_has_a_scheme<Transport> && transport_connection_is_complete<Transport> &&
    transport_listener_is_complete<Transport> && transport_connects<Transport> &&
    transport_listens<Transport>;

/// Optional: `static constexpr bool secures = true;`, what goes over its connections is secret, and
/// `establish` has a handshake in it whose time is told as `tls_handshake_seconds`.
template <class Transport>
concept transport_is_secured = requires { requires Transport::secures; };
/// Optional: `std::int64_t seconds_to_expiry() noexcept`, until what it proves itself with is no
/// longer valid; negative: it is not; INT64_MAX: it never ends. A node tells it as
/// `tls_cert_expiry_seconds`.
template <class Transport>
concept transport_expires = requires(Transport& t) {
    { t.seconds_to_expiry() } noexcept -> std::same_as<std::int64_t>;
};

/// Lists what a type lacks to be a transport.
template <class Transport>
consteval bool explain_transport() {
    static_assert(transport_names_types<Transport>,
                  "troupe: name the types `connection` and `listener` in the transport");
    static_assert(
        transport_has_a_scheme<Transport>,
        "troupe: add `static constexpr std::string_view scheme = \"...\";` to the transport");
    static_assert(std::is_nothrow_move_constructible_v<Transport>,
                  "troupe: a transport must be nothrow move constructible");
    if constexpr (transport_names_types<Transport>) {
        using connection = typename Transport::connection;
        using listener = typename Transport::listener;
        static_assert(std::default_initializable<connection>,
                      "troupe: a connection must be default constructible; such a one is closed");
        static_assert(std::is_nothrow_move_constructible_v<connection> &&
                          std::is_nothrow_move_assignable_v<connection>,
                      "troupe: a connection must be nothrow movable, also by assignment");
        static_assert(
            connection_establishes<connection>,
            "troupe: add `result<bool, transport_error> establish() noexcept` to the connection");
        static_assert(
            connection_sends<connection>,
            "troupe: add `result<std::size_t, transport_error> send(gathered_bytes) noexcept` "
            "to the connection");
        static_assert(
            connection_receives<connection>,
            "troupe: add `result<std::size_t, transport_error> receive(std::span<std::byte>) "
            "noexcept` to the connection");
        static_assert(connection_closes<connection>,
                      "troupe: add `void close() noexcept` to the connection");
        static_assert(std::is_nothrow_move_constructible_v<listener>,
                      "troupe: a listener must be nothrow move constructible");
        static_assert(listener_accepts<listener, connection>,
                      "troupe: add `result<connection, transport_error> accept(transport_signal) "
                      "noexcept` to the listener");
        static_assert(listener_is_bound<listener>,
                      "troupe: add `endpoint bound() const noexcept` to the listener");
        static_assert(listener_closes<listener>,
                      "troupe: add `void close() noexcept` to the listener");
        static_assert(transport_connects<Transport>,
                      "troupe: add `result<connection, transport_error> connect(endpoint const&, "
                      "transport_signal) noexcept` to the transport");
        static_assert(transport_listens<Transport>,
                      "troupe: add `result<listener, transport_error> listen(endpoint const&, "
                      "transport_signal) noexcept` to the transport");
    }
    return true;
}

}  // namespace troupe::inline TROUPE_ABI
