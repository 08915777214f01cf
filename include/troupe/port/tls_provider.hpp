// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a TLS provider is: bytes in, bytes out. It knows no sockets; `secured<Transport, Provider>`
// puts it over any transport. No type of a TLS library stands here.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

#include "troupe/base/result.hpp"
#include "troupe/port/transport.hpp"

namespace troupe::inline TROUPE_ABI {

// A session belongs to one thread at a time. None of its functions waits, none throws. Errors are
// transport_error{transport_errc::not_secure, 0, "tls: why"}, with words that live as long as the
// provider, or the program. One that was default constructed or moved from is not open: `misused`.

/// `handshake()` goes on with it as far as the bytes allow; true when it is complete.
template <class Session>
concept tls_session_shakes_hands = requires(Session& s) {
    { s.handshake() } noexcept -> std::same_as<result<bool, transport_error>>;
};
/// `feed(bytes)` takes what has come over the wire and says how much it took; `drain(place)` writes
/// what is to go over the wire and says how much that is, zero: nothing.
template <class Session>
concept tls_session_moves_records =
    requires(Session& s, std::span<std::byte const> wire, std::span<std::byte> place) {
        { s.feed(wire) } noexcept -> std::same_as<result<std::size_t, transport_error>>;
        { s.drain(place) } noexcept -> std::same_as<std::size_t>;
    };
/// `write(plain)` takes what is to be sent in secret, `read(place)` gives what was; both say how
/// much, zero: not now. After the other side has said that it ends: the error `closed`.
template <class Session>
concept tls_session_moves_plain =
    requires(Session& s, std::span<std::byte const> plain, std::span<std::byte> place) {
        { s.write(plain) } noexcept -> std::same_as<result<std::size_t, transport_error>>;
        { s.read(place) } noexcept -> std::same_as<result<std::size_t, transport_error>>;
    };
/// `finish()` puts the words "I end" among what is to go over the wire.
template <class Session>
concept tls_session_finishes = requires(Session& s) {
    { s.finish() } noexcept;
};
/// `peer_name()`: who the other side has proved to be, after the handshake; empty: nobody.
template <class Session>
concept tls_session_names_peer = requires(Session const& s) {
    { s.peer_name() } noexcept -> std::same_as<std::string_view>;
};

template <class Session>
concept tls_session =
    std::default_initializable<Session> && std::is_nothrow_move_constructible_v<Session> &&
    std::is_nothrow_move_assignable_v<Session> && tls_session_shakes_hands<Session> &&
    tls_session_moves_records<Session> && tls_session_moves_plain<Session> &&
    tls_session_finishes<Session> && tls_session_names_peer<Session>;

template <class Provider>
concept tls_provider_names_session = requires { typename Provider::session; };
/// `client(host)`: a session that begins, with a server of this name; `server()`: one that is begun
/// by the other side.
template <class Provider>
concept tls_provider_opens = requires(Provider& p, std::string_view host) {
    {
        p.client(host)
    } noexcept -> std::same_as<result<typename Provider::session, transport_error>>;
    { p.server() } noexcept -> std::same_as<result<typename Provider::session, transport_error>>;
};

/// Who keeps what is sent secret, and knows who is on the other side. `client` and `server` are
/// called by workers, concurrently; they do not wait.
template <class Provider>
concept tls_provider =
    std::is_nothrow_move_constructible_v<Provider> && tls_provider_names_session<Provider> &&
    tls_session<typename Provider::session> && tls_provider_opens<Provider>;

/// Optional: `std::int64_t seconds_to_expiry() const noexcept`, until our own certificate ends;
/// negative: it has ended; INT64_MAX: there is none.
template <class Provider>
concept tls_provider_expires = requires(Provider const& p) {
    { p.seconds_to_expiry() } noexcept -> std::same_as<std::int64_t>;
};

/// Lists what a type lacks to be a TLS provider.
template <class Provider>
consteval bool explain_tls_provider() {
    static_assert(tls_provider_names_session<Provider>,
                  "troupe: name the type `session` in the TLS provider");
    if constexpr (tls_provider_names_session<Provider>) {
        using session = typename Provider::session;
        static_assert(std::default_initializable<session> &&
                          std::is_nothrow_move_constructible_v<session> &&
                          std::is_nothrow_move_assignable_v<session>,
                      "troupe: a TLS session must be default constructible and nothrow movable");
        static_assert(
            tls_session_shakes_hands<session>,
            "troupe: add `result<bool, transport_error> handshake() noexcept` to the session");
        static_assert(
            tls_session_moves_records<session>,
            "troupe: add `result<std::size_t, transport_error> feed(std::span<std::byte const>) "
            "noexcept` and `std::size_t drain(std::span<std::byte>) noexcept` to the session");
        static_assert(
            tls_session_moves_plain<session>,
            "troupe: add `write(std::span<std::byte const>)` and `read(std::span<std::byte>)`, "
            "both noexcept and giving result<std::size_t, transport_error>, to the session");
        static_assert(tls_session_finishes<session>,
                      "troupe: add `void finish() noexcept` to the session");
        static_assert(tls_session_names_peer<session>,
                      "troupe: add `std::string_view peer_name() const noexcept` to the session");
        static_assert(
            tls_provider_opens<Provider>,
            "troupe: add `client(std::string_view host)` and `server()`, both noexcept and "
            "giving result<session, transport_error>, to the TLS provider");
    }
    static_assert(std::is_nothrow_move_constructible_v<Provider>,
                  "troupe: a TLS provider must be nothrow move constructible");
    return true;
}

}  // namespace troupe::inline TROUPE_ABI
