// SPDX-License-Identifier: BSL-1.0
#pragma once

// One connection as OpenSSL has it, what all connections of a provider share, and what OpenSSL
// calls in a handshake: who is believed, and which protocol is spoken.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "troupe/adapter/tls/detail/openssl_credentials.hpp"
#include "troupe/adapter/tls/detail/openssl_peer.hpp"
#include "troupe/adapter/tls/settings.hpp"
#include "troupe/port/tls_provider.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// What all sessions of a provider share. Nothing in it changes after it was made, but the words.
struct openssl_shared {
    static constexpr std::size_t protocols_max = 255;

    openssl_ptr<SSL_CTX>     context;
    openssl_ptr<ASN1_OBJECT> mark;
    unsigned char            wire[protocols_max + 1] = {};  // as ALPN has them: length, name, ...
    unsigned                 wire_length = 0;
    peer_words               protocols;  // as they were given
    bool                     checks_chain = true;
    bool                     checks_host = true;
    bool                     serves = false;
    bool                     only_1_3 = false;
    bool                     test_accepted = false;
    client_certificate::mode clients = client_certificate::required;
    peer_gate                gate{};
    std::int64_t             expires_at = INT64_MAX;
    kept_words               words;
};

/// One connection. OpenSSL holds its address.
struct openssl_session {
    openssl_shared*  shared = nullptr;
    openssl_ptr<SSL> ssl;
    BIO*             in = nullptr;  // owned by ssl, as the next
    BIO*             out = nullptr;
    bool             is_client = false;
    bool             done = false;
    bool             dead = false;
    unsigned         head = 0;   // bytes of the first record that were looked at
    transport_error  why{};      // once dead
    std::string_view refused{};  // what a callback has found; before anything that OpenSSL says
    peer_words       host;
    peer_words       peer;

    transport_error fail(std::string_view words) noexcept {
        dead = true;
        ERR_clear_error();
        return why = {transport_errc::not_secure, 0, words};
    }
    transport_error fail_as_openssl_says() noexcept;
    bool            begins_a_record(std::span<std::byte const> wire) noexcept;
};

/// Everything comes in the words of this library where it is known, and in OpenSSL's where not.
inline transport_error openssl_session::fail_as_openssl_says() noexcept {
    if (!refused.empty()) return fail(refused);
    unsigned long const code = ERR_peek_error();
    int const           reason = ERR_GET_REASON(code);
    bool const          ssl_says = ERR_GET_LIB(code) == ERR_LIB_SSL;
    bool const          alert = ssl_says && reason >= SSL_AD_REASON_OFFSET;
    std::string_view    known;
    if (alert) known = words_of_alert(reason - SSL_AD_REASON_OFFSET);
    else if (ssl_says) known = words_of_reason(reason, shared->only_1_3);
    if (!known.empty()) return fail(known);
    peer_words words;
    words << (alert ? "tls: the peer refuses us: " : "tls: ");
    if (alert) words << SSL_alert_desc_string_long(reason - SSL_AD_REASON_OFFSET);
    else words << openssl_reason();
    return fail(shared->words.keep(words, alert ? "tls: the peer refuses us" : "tls: it failed"));
}

/// A peer that speaks no TLS is found out by its first byte that does not fit, not by what OpenSSL
/// would wait for: type, version 3.x, a length that a record can have.
inline bool openssl_session::begins_a_record(std::span<std::byte const> bytes) noexcept {
    for (std::byte const b : bytes) {
        auto const value = std::to_integer<unsigned>(b);
        switch (head) {
            case 0:
                if (value != SSL3_RT_HANDSHAKE && value != SSL3_RT_ALERT) return false;
                break;
            case 1:
                if (value != 3) return false;
                break;
            case 2:
                if (value > 4) return false;
                break;
            case 3:
                if (value > (SSL3_RT_MAX_ENCRYPTED_LENGTH >> 8)) return false;
                break;
            default: return true;
        }
        ++head;
    }
    return true;
}

/// "Is this peer one of ours?" Called by OpenSSL in place of its own check, which is made here
/// first.
inline int openssl_verify(X509_STORE_CTX* store, void*) noexcept {
    auto* const ssl =
        static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto&           session = *static_cast<openssl_session*>(SSL_get_app_data(ssl));
    openssl_shared& shared = *session.shared;
    auto const      refuse = [&](std::string_view words) {
        session.refused = words;
        if (X509_STORE_CTX_get_error(store) == X509_V_OK) {
            X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
        }
        return 0;
    };
    if (shared.checks_chain) {
        if (X509_verify_cert(store) != 1) {
            int const error = X509_STORE_CTX_get_error(store);
            auto      known = words_of_chain(error, X509_STORE_CTX_get_error_depth(store));
            if (!known.empty()) return refuse(known);
            constexpr std::string_view instead =
                "tls: the certificate of the peer is not for this host";
            bool const host =
                error == X509_V_ERR_HOSTNAME_MISMATCH || error == X509_V_ERR_IP_ADDRESS_MISMATCH;
            peer_words words;
            if (host)
                words << "tls: the certificate of the peer is not for '" << session.host.view()
                      << "'";
            else
                words << "tls: the certificate of the peer is refused: "
                      << X509_verify_cert_error_string(error);
            return refuse(shared.words.keep(
                words, host ? instead : "tls: the certificate of the peer is refused"));
        }
        STACK_OF(X509)* const chain = X509_STORE_CTX_get0_chain(store);
        for (int i = 0; !shared.test_accepted && i < sk_X509_num(chain); ++i) {
            if (has_test_mark(sk_X509_value(chain, i), shared.mark.get())) {
                return refuse(
                    "tls: the peer has a test certificate, and those are refused outside tests");
            }
        }
    }
    X509* const leaf = X509_STORE_CTX_get0_cert(store);
    if (shared.checks_chain) session.peer = name_of(leaf);
    if (shared.gate.may != nullptr) {
        std::byte    digest[32] = {};
        unsigned int digest_length = sizeof(digest);
        X509_digest(leaf, EVP_sha256(), reinterpret_cast<unsigned char*>(digest), &digest_length);
        char                       serial[48] = {};
        std::size_t                length = 0;
        ASN1_INTEGER const* const  number = X509_get0_serialNumber(leaf);
        unsigned char const* const bytes = ASN1_STRING_get0_data(number);
        constexpr std::string_view digits = "0123456789ABCDEF";
        for (int i = 0; i < ASN1_STRING_length(number) && length + 2 <= sizeof(serial); ++i) {
            serial[length++] = digits[bytes[i] >> 4];
            serial[length++] = digits[bytes[i] & 15];
        }
        tls_peer const peer{session.peer.view(), {serial, length}, digest, !session.is_client};
        if (!shared.gate.may(shared.gate.whom, peer)) {
            peer_words words;
            words << "tls: the gate refuses '" << session.peer.view() << "'";
            return refuse(shared.words.keep(words, "tls: the gate refuses the peer"));
        }
    }
    X509_STORE_CTX_set_error(store, X509_V_OK);
    return 1;
}

/// The peer's list as text, as far as it goes.
inline void put_protocols(peer_words& words, unsigned char const* list, unsigned length) noexcept {
    for (unsigned at = 0; at < length; at += 1u + list[at]) {
        if (at + 1u + list[at] > length) return;
        if (at != 0) words << ",";
        words << std::string_view{reinterpret_cast<char const*>(list) + at + 1, list[at]};
    }
}

inline std::string_view no_common_protocol(openssl_shared& shared, std::string_view other,
                                           unsigned char const* list = nullptr,
                                           unsigned             length = 0) noexcept {
    peer_words words;
    words << "tls: no protocol in common (ALPN): here " << shared.protocols.view() << other;
    put_protocols(words, list, length);
    return shared.words.keep(words, "tls: no protocol in common (ALPN)");
}

/// Of what a client offers, the first of ours. None: the handshake ends, with both lists in the
/// words.
inline int openssl_choose(SSL* ssl, unsigned char const** chosen, unsigned char* chosen_length,
                          unsigned char const* offered, unsigned offered_length, void*) noexcept {
    auto&           session = *static_cast<openssl_session*>(SSL_get_app_data(ssl));
    openssl_shared& shared = *session.shared;
    unsigned char*  found = nullptr;
    if (SSL_select_next_proto(&found, chosen_length, shared.wire, shared.wire_length, offered,
                              offered_length) == OPENSSL_NPN_NEGOTIATED) {
        *chosen = found;
        return SSL_TLSEXT_ERR_OK;
    }
    session.refused = no_common_protocol(shared, "; the client offers ", offered, offered_length);
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

/// A client that offers nothing is not asked about above: it is refused here, as soon as it speaks.
inline int openssl_hello(SSL* ssl, int* alert, void*) noexcept {
    auto&                session = *static_cast<openssl_session*>(SSL_get_app_data(ssl));
    unsigned char const* bytes = nullptr;
    std::size_t          length = 0;
    if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_application_layer_protocol_negotiation, &bytes,
                                  &length) == 1) {
        return SSL_CLIENT_HELLO_SUCCESS;
    }
    if (SSL_client_hello_get0_legacy_version(ssl) < TLS1_2_VERSION) {
        return SSL_CLIENT_HELLO_SUCCESS;  // it is refused for that
    }
    *alert = SSL_AD_NO_APPLICATION_PROTOCOL;
    session.refused = no_common_protocol(*session.shared, "; the client offers none");
    return SSL_CLIENT_HELLO_ERROR;
}

}  // namespace troupe::inline TROUPE_ABI::detail
