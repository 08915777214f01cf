// SPDX-License-Identifier: BSL-1.0
#pragma once

// TLS by OpenSSL 3 (link with -lssl -lcrypto): versions 1.2 and 1.3, no renegotiation, no tickets,
// no resumption. It sees no socket: `secured<tcp_transport, openssl_tls>` puts it over one. Any
// thread may open sessions; a session belongs to one thread at a time. Keys stay with OpenSSL,
// which wipes them. What it does not do: fetch lists of revoked certificates (the gate is for
// them), and change certificates while it runs.
// More: docs/guides/tls-in-production.md

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <utility>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "troupe/adapter/tls/detail/openssl_credentials.hpp"
#include "troupe/adapter/tls/detail/openssl_peer.hpp"
#include "troupe/adapter/tls/detail/openssl_session.hpp"
#include "troupe/adapter/tls/settings.hpp"
#include "troupe/base/result.hpp"
#include "troupe/base/time.hpp"
#include "troupe/config/exceptions.hpp"
#include "troupe/port/tls_provider.hpp"

namespace troupe::inline TROUPE_ABI {

/// A TLS provider. Made from settings: every one of them is either used or refused with words.
class openssl_tls {
public:
    class session;

    /// Reads files; allocates. The settings may be gone afterwards, but for the gate's `whom`.
    static result<openssl_tls, tls_error> make(tls_client_settings const& settings) noexcept;
    static result<openssl_tls, tls_error> make(tls_server_settings const& settings) noexcept;
#if TROUPE_HAS_EXCEPTIONS
    /// The same; throws tls_error.
    explicit openssl_tls(tls_client_settings const& settings)
        : openssl_tls(make(settings).value()) {}
    explicit openssl_tls(tls_server_settings const& settings)
        : openssl_tls(make(settings).value()) {}
#endif
    openssl_tls(openssl_tls&&) noexcept = default;
    openssl_tls& operator=(openssl_tls&&) noexcept = default;

    /// A session with a server of this name. Any thread; allocates; the provider outlives it.
    result<session, transport_error> client(std::string_view host) noexcept;
    /// A session that a client begins. `not_secure` where the provider was made for a client alone.
    result<session, transport_error> server() noexcept;

    /// When our own certificate ends, in seconds since 1970; INT64_MAX: there is none.
    std::int64_t expires_at() const noexcept { return shared_->expires_at; }
    /// The value of the gauge `tls_cert_expiry_seconds`; negative: it has expired.
    std::int64_t seconds_to_expiry(std::int64_t now = std::time(nullptr)) const noexcept {
        return expires_at() == INT64_MAX ? INT64_MAX : expires_at() - now;
    }
    /// Whether somebody should be told.
    bool expires_within(duration     span = std::chrono::hours{24 * 7},
                        std::int64_t now = std::time(nullptr)) const noexcept {
        return seconds_to_expiry(now) <=
               std::chrono::duration_cast<std::chrono::seconds>(span).count();
    }

private:
    explicit openssl_tls(std::unique_ptr<detail::openssl_shared> shared) noexcept
        : shared_(std::move(shared)) {}
    template <class Settings>
    static result<openssl_tls, tls_error> made(Settings const& settings) noexcept;
    static bool take_protocols(detail::openssl_shared& shared, std::string_view list,
                               tls_error::text_type& words) noexcept;
    result<session, transport_error> open(bool is_client, std::string_view host) noexcept;

    std::unique_ptr<detail::openssl_shared> shared_;
};

/// One connection. After an error every function gives it again, and drain() what the other side is
/// told of it.
class openssl_tls::session {
public:
    session() noexcept = default;

    result<bool, transport_error>        handshake() noexcept;
    result<std::size_t, transport_error> feed(std::span<std::byte const> wire) noexcept;
    std::size_t                          drain(std::span<std::byte> place) noexcept;
    result<std::size_t, transport_error> write(std::span<std::byte const> plain) noexcept;
    result<std::size_t, transport_error> read(std::span<std::byte> place) noexcept;
    void                                 finish() noexcept;

    std::string_view peer_name() const noexcept {
        return state_ == nullptr || !state_->done ? std::string_view{} : state_->peer.view();
    }
    /// "TLSv1.3", for logs.
    std::string_view version() const noexcept {
        return state_ == nullptr ? std::string_view{} : SSL_get_version(state_->ssl.get());
    }

private:
    friend class openssl_tls;
    // More than this is not held, on the way in and on the way out: two records and a bit.
    static constexpr std::size_t held_max = 36 * 1024;
    static constexpr std::size_t record_max = 16 * 1024;
    // Beyond that: what a peer makes us answer to (new keys, warnings), with nothing for us in it.
    static constexpr std::size_t answers_max = 4 * 1024;

    static transport_error not_open() noexcept {
        return {transport_errc::misused, 0, "tls: the session is not open"};
    }

    std::unique_ptr<detail::openssl_session> state_;
};

inline result<bool, transport_error> openssl_tls::session::handshake() noexcept {
    if (state_ == nullptr) return not_open();
    detail::openssl_session& s = *state_;
    if (s.dead) return s.why;
    if (s.done) return true;
    ERR_clear_error();
    int const got = SSL_do_handshake(s.ssl.get());
    if (got != 1) {
        int const error = SSL_get_error(s.ssl.get(), got);
        if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return false;
        return s.fail_as_openssl_says();
    }
    unsigned char const* chosen = nullptr;
    unsigned             length = 0;
    SSL_get0_alpn_selected(s.ssl.get(), &chosen, &length);
    if (length == 0 && s.shared->wire_length != 0) {
        return s.fail(detail::no_common_protocol(*s.shared, "; the server takes none"));
    }
    s.done = true;
    return true;
}

inline result<std::size_t, transport_error>
openssl_tls::session::feed(std::span<std::byte const> wire) noexcept {
    if (state_ == nullptr) return not_open();
    detail::openssl_session& s = *state_;
    if (s.dead) return s.why;
    if (!s.begins_a_record(wire)) return s.fail("tls: not a TLS record");
    std::size_t const held = BIO_ctrl_pending(s.in);
    std::size_t const room = held < held_max ? held_max - held : 0;
    std::size_t const size = wire.size() < room ? wire.size() : room;
    if (size == 0) return std::size_t{0};
    std::size_t taken = 0;
    if (BIO_write_ex(s.in, wire.data(), size, &taken) != 1) return s.fail("tls: no memory");
    return taken;
}

inline std::size_t openssl_tls::session::drain(std::span<std::byte> place) noexcept {
    std::size_t got = 0;
    if (state_ == nullptr || place.empty()) return 0;
    return BIO_read_ex(state_->out, place.data(), place.size(), &got) == 1 ? got : 0;
}

inline result<std::size_t, transport_error>
openssl_tls::session::write(std::span<std::byte const> plain) noexcept {
    if (state_ == nullptr) return not_open();
    detail::openssl_session& s = *state_;
    if (s.dead) return s.why;
    std::size_t taken = 0;
    while (s.done && taken < plain.size() && BIO_ctrl_pending(s.out) + record_max <= held_max) {
        std::size_t const left = plain.size() - taken;
        std::size_t       wrote = 0;
        ERR_clear_error();
        int const ok = SSL_write_ex(s.ssl.get(), plain.data() + taken,
                                    left < record_max ? left : record_max, &wrote);
        if (ok != 1) {
            int const error = SSL_get_error(s.ssl.get(), ok);
            if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) break;
            return s.fail_as_openssl_says();
        }
        taken += wrote;
    }
    return taken;
}

inline result<std::size_t, transport_error>
openssl_tls::session::read(std::span<std::byte> place) noexcept {
    if (state_ == nullptr) return not_open();
    detail::openssl_session& s = *state_;
    if (s.dead) return s.why;
    if (!s.done || place.empty()) return std::size_t{0};
    std::size_t got = 0;
    ERR_clear_error();
    int const ok = SSL_read_ex(s.ssl.get(), place.data(), place.size(), &got);
    if (BIO_ctrl_pending(s.out) > held_max + answers_max) {
        return s.fail("tls: the peer wants answers without end, and reads none");
    }
    if (ok == 1) return got;
    switch (SSL_get_error(s.ssl.get(), ok)) {
        case SSL_ERROR_WANT_READ:
        case SSL_ERROR_WANT_WRITE: return std::size_t{0};
        case SSL_ERROR_ZERO_RETURN: return transport_error{transport_errc::closed};
        default: return s.fail_as_openssl_says();
    }
}

inline void openssl_tls::session::finish() noexcept {
    if (state_ == nullptr || state_->dead || !state_->done) return;
    ERR_clear_error();
    SSL_shutdown(state_->ssl.get());
    ERR_clear_error();
}

// ---- making one ----

/// "a,b" as ALPN has it.
inline bool openssl_tls::take_protocols(detail::openssl_shared& shared, std::string_view list,
                                        tls_error::text_type& words) noexcept {
    if (list.size() >= detail::openssl_shared::protocols_max) {
        words << "tls: protocols: the list is longer than 254 bytes";
        return false;
    }
    shared.protocols << list;
    while (!list.empty()) {
        std::size_t const      comma = list.find(',');
        std::string_view const one = list.substr(0, comma);
        if (!detail::is_printable(one) || comma == list.size() - 1) {
            words << "tls: protocols: '" << shared.protocols.view()
                  << "' has an empty name in it, or one with a blank";
            return false;
        }
        shared.wire[shared.wire_length++] = static_cast<unsigned char>(one.size());
        for (char const c : one) shared.wire[shared.wire_length++] = static_cast<unsigned char>(c);
        list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
    }
    return true;
}

template <class Settings>
result<openssl_tls, tls_error> openssl_tls::made(Settings const& settings) noexcept {
    using access = detail::tls_access;
    constexpr bool serves = requires { settings.clients; };

    tls_error::text_type words;
    ERR_clear_error();
    std::unique_ptr<detail::openssl_shared> shared{new (std::nothrow) detail::openssl_shared};
    if (shared != nullptr) shared->context.reset(SSL_CTX_new(TLS_method()));
    if (shared == nullptr || shared->context == nullptr) {
        words << "tls: OpenSSL gives no context: " << detail::openssl_reason();
        return tls_error{words};
    }
    SSL_CTX* const context = shared->context.get();
    shared->mark.reset(OBJ_txt2obj(detail::test_mark, 1));
    shared->test_accepted = access::accepted(settings.test);
    shared->checks_chain = access::checks_chain(settings.peers);
    shared->checks_host = access::checks_host(settings.peers);
    shared->serves = serves;
    shared->gate = settings.gate;
    if (settings.gate.may == nullptr && settings.gate.whom != nullptr) {
        words << "tls: gate: there is a `whom`, and no `may` to ask it";
        return tls_error{words};
    }
    if constexpr (serves) {
        shared->clients = access::of(settings.clients);
        if (shared->clients != client_certificate::not_asked && !shared->checks_chain) {
            words << "tls: clients: a certificate is asked for, but peers says that nothing is "
                     "checked";
            return tls_error{words};
        }
    }

    switch (settings.oldest) {
        case tls_version::v1_2: SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION); break;
        case tls_version::v1_3: SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION); break;
        default: words << "tls: oldest: no version that exists"; return tls_error{words};
    }
    shared->only_1_3 = settings.oldest == tls_version::v1_3;
    SSL_CTX_set_max_proto_version(context, 0);
    // Whatever the configuration file of the machine says: 112 bits are the least.
    if (SSL_CTX_get_security_level(context) < 2) SSL_CTX_set_security_level(context, 2);
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                     SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_cert_verify_callback(context, detail::openssl_verify, nullptr);

    if (!take_protocols(*shared, settings.protocols, words)) return tls_error{words};
    if (shared->wire_length != 0) {
        if (SSL_CTX_set_alpn_protos(context, shared->wire, shared->wire_length) != 0) {
            words << "tls: protocols: " << detail::openssl_reason();
            return tls_error{words};
        }
        SSL_CTX_set_alpn_select_cb(context, detail::openssl_choose, nullptr);
        SSL_CTX_set_client_hello_cb(context, detail::openssl_hello, nullptr);
    }

    detail::openssl_credentials credentials{context, shared->test_accepted};
    if (shared->checks_chain) {
        auto const trusted = credentials.trust(access::roots(settings.peers));
        if (!trusted) return trusted.error();
    }
    bool const has_chain = access::of(settings.certificate).given();
    bool const has_key = access::of(settings.key).given();
    if (has_chain != has_key || (serves && !has_chain)) {
        words << (has_key     ? "tls: certificate: none is given, though there is a key"
                  : has_chain ? "tls: key: none is given, though there is a certificate"
                              : "tls: certificate: a server needs one, and its key");
        return tls_error{words};
    }
    if (has_chain) {
        auto const identified = credentials.identify(settings.certificate, settings.key);
        if (!identified) return identified.error();
        shared->expires_at = *identified;
    }
    return openssl_tls{std::move(shared)};
}

inline result<openssl_tls, tls_error>
openssl_tls::make(tls_client_settings const& settings) noexcept {
    return made(settings);
}
inline result<openssl_tls, tls_error>
openssl_tls::make(tls_server_settings const& settings) noexcept {
    return made(settings);
}

inline result<openssl_tls::session, transport_error>
openssl_tls::open(bool is_client, std::string_view host) noexcept {
    constexpr transport_error none{transport_errc::no_resources, 0, "tls: no memory for a session"};
    ERR_clear_error();
    session opened;
    opened.state_.reset(new (std::nothrow) detail::openssl_session);
    if (opened.state_ == nullptr) return none;
    detail::openssl_session& s = *opened.state_;
    s.shared = shared_.get();
    s.is_client = is_client;
    // The zone of an address (fe80::1%eth0) means something to this machine alone.
    if (host.find(':') != std::string_view::npos) host = host.substr(0, host.find('%'));
    s.host << host;
    s.ssl.reset(SSL_new(shared_->context.get()));
    detail::openssl_ptr<BIO> in{BIO_new(BIO_s_mem())};
    detail::openssl_ptr<BIO> out{BIO_new(BIO_s_mem())};
    if (s.ssl == nullptr || in == nullptr || out == nullptr) return none;
    BIO_set_mem_eof_return(in.get(), -1);  // empty means later, not never
    BIO_set_mem_eof_return(out.get(), -1);
    s.in = in.get();
    s.out = out.get();
    SSL_set_bio(s.ssl.get(), in.release(), out.release());
    SSL_set_app_data(s.ssl.get(), &s);

    int verify = SSL_VERIFY_PEER;
    if (!is_client && shared_->clients == client_certificate::not_asked) verify = SSL_VERIFY_NONE;
    if (!is_client && shared_->clients == client_certificate::required) {
        verify |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    }
    SSL_set_verify(s.ssl.get(), verify, nullptr);
    if (!is_client) {
        SSL_set_accept_state(s.ssl.get());
        return opened;
    }

    SSL_set_connect_state(s.ssl.get());
    if (shared_->checks_host && (host.empty() || host.size() > 253 || host != s.host.view())) {
        return transport_error{transport_errc::not_secure, 0,
                               "tls: the host to connect to has no name that could be checked"};
    }
    X509_VERIFY_PARAM* const checks = SSL_get0_param(s.ssl.get());
    // An address stands in a certificate as an address, and is not told as the name of a server.
    bool const is_address = X509_VERIFY_PARAM_set1_ip_asc(checks, s.host.text) == 1;
    ERR_clear_error();
    if (is_address) {
        if (!shared_->checks_host) X509_VERIFY_PARAM_set1_ip(checks, nullptr, 0);
        return opened;
    }
    if (shared_->checks_host) {
        // Hosts stand in the alternative names. A common name may be anything, also a host's.
        X509_VERIFY_PARAM_set_hostflags(checks, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
                                                    X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
        if (X509_VERIFY_PARAM_set1_host(checks, s.host.text, s.host.length) != 1) return none;
    }
    if (s.host.length != 0) SSL_set_tlsext_host_name(s.ssl.get(), s.host.text);
    return opened;
}

inline result<openssl_tls::session, transport_error>
openssl_tls::client(std::string_view host) noexcept {
    return open(true, host);
}
inline result<openssl_tls::session, transport_error> openssl_tls::server() noexcept {
    if (!shared_->serves) {
        return transport_error{
            transport_errc::not_secure, 0,
            "tls: the provider was made for a client alone: tls_server_settings make one "
            "that serves"};
    }
    return open(false, {});
}

static_assert(tls_provider<openssl_tls>);

}  // namespace troupe::inline TROUPE_ABI
