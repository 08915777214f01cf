// SPDX-License-Identifier: BSL-1.0
#pragma once

// A peer that does what it is told: OpenSSL without any of our settings, so that it may have a bad
// certificate, an old version, no protocol. It has the shape of a TLS provider, and checks nobody.

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "troupe/adapter/tls/detail/openssl_credentials.hpp"
#include "troupe/port/tls_provider.hpp"

namespace adapter_tests {

using namespace troupe;

struct raw_settings {
    std::string certificate{};  // name in the folder of certificates; empty: none
    std::string protocols = std::string{"\x08"} + "troupe/1";  // as ALPN has them; empty: none
    int         newest = 0;
};

class raw_tls {
public:
    class session;

    raw_tls(std::string const& folder, raw_settings const& settings)
        : context_(SSL_CTX_new(TLS_method())),
          protocols_(std::make_unique<std::string>(settings.protocols)) {
        SSL_CTX* const c = context_.get();
        SSL_CTX_set_security_level(c, 0);
        SSL_CTX_set_min_proto_version(c, TLS1_VERSION);
        SSL_CTX_set_max_proto_version(c, settings.newest);
        SSL_CTX_set_verify(c, SSL_VERIFY_PEER, [](int, X509_STORE_CTX*) { return 1; });
        if (!settings.certificate.empty()) {
            std::string const path = folder + "/" + settings.certificate;
            good_ = SSL_CTX_use_certificate_chain_file(c, (path + ".pem").c_str()) == 1 &&
                    SSL_CTX_use_PrivateKey_file(c, (path + ".key").c_str(), SSL_FILETYPE_PEM) == 1;
        }
        if (protocols_->empty()) return;
        auto const* const wire = reinterpret_cast<unsigned char const*>(protocols_->data());
        SSL_CTX_set_alpn_protos(c, wire, static_cast<unsigned>(protocols_->size()));
        SSL_CTX_set_alpn_select_cb(
            c,
            [](SSL*, unsigned char const** out, unsigned char* length, unsigned char const* in,
               unsigned size, void* self) {
                auto const&    list = *static_cast<std::string const*>(self);
                unsigned char* found = nullptr;
                if (SSL_select_next_proto(
                        &found, length, reinterpret_cast<unsigned char const*>(list.data()),
                        static_cast<unsigned>(list.size()), in, size) != OPENSSL_NPN_NEGOTIATED) {
                    return SSL_TLSEXT_ERR_ALERT_FATAL;
                }
                *out = found;
                return SSL_TLSEXT_ERR_OK;
            },
            protocols_.get());
    }
    bool good() const { return good_; }

    result<session, transport_error> client(std::string_view) noexcept;
    result<session, transport_error> server() noexcept;

private:
    detail::openssl_ptr<SSL_CTX> context_;
    std::unique_ptr<std::string> protocols_;  // OpenSSL has its address
    bool                         good_ = true;
};

class raw_tls::session {
public:
    result<bool, transport_error> handshake() noexcept {
        ERR_clear_error();
        int const got = SSL_do_handshake(ssl_.get());
        if (got == 1) return true;
        if (SSL_get_error(ssl_.get(), got) == SSL_ERROR_WANT_READ) return false;
        return failed();
    }
    result<std::size_t, transport_error> feed(std::span<std::byte const> wire) noexcept {
        std::size_t taken = 0;
        if (!wire.empty()) BIO_write_ex(SSL_get_rbio(ssl_.get()), wire.data(), wire.size(), &taken);
        return taken;
    }
    std::size_t drain(std::span<std::byte> place) noexcept {
        std::size_t got = 0;
        return BIO_read_ex(SSL_get_wbio(ssl_.get()), place.data(), place.size(), &got) == 1 ? got
                                                                                            : 0;
    }
    result<std::size_t, transport_error> write(std::span<std::byte const> plain) noexcept {
        std::size_t taken = 0;
        if (SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &taken) != 1) return failed();
        return taken;
    }
    result<std::size_t, transport_error> read(std::span<std::byte> place) noexcept {
        ERR_clear_error();
        std::size_t got = 0;
        int const   ok = SSL_read_ex(ssl_.get(), place.data(), place.size(), &got);
        if (ok == 1) return got;
        int const error = SSL_get_error(ssl_.get(), ok);
        if (error == SSL_ERROR_WANT_READ) return std::size_t{0};
        if (error == SSL_ERROR_ZERO_RETURN) return transport_error{transport_errc::closed};
        return failed();
    }
    void finish() noexcept { SSL_shutdown(ssl_.get()); }
    /// Changes its keys, and wants the other side to do the same.
    bool update_keys() noexcept {
        return SSL_key_update(ssl_.get(), SSL_KEY_UPDATE_REQUESTED) == 1 &&
               SSL_do_handshake(ssl_.get()) == 1;
    }
    std::string_view peer_name() const noexcept { return {}; }

private:
    friend class raw_tls;
    static transport_error failed() noexcept {
        return {transport_errc::not_secure, 0, detail::openssl_reason()};
    }
    detail::openssl_ptr<SSL> ssl_;
};

inline result<raw_tls::session, transport_error> raw_tls::client(std::string_view) noexcept {
    session made;
    made.ssl_.reset(SSL_new(context_.get()));
    BIO* const in = BIO_new(BIO_s_mem());
    BIO* const out = BIO_new(BIO_s_mem());
    BIO_set_mem_eof_return(in, -1);
    BIO_set_mem_eof_return(out, -1);
    SSL_set_bio(made.ssl_.get(), in, out);
    SSL_set_connect_state(made.ssl_.get());
    return made;
}
inline result<raw_tls::session, transport_error> raw_tls::server() noexcept {
    auto made = client({});
    SSL_set_accept_state(made->ssl_.get());
    return made;
}

static_assert(tls_provider<raw_tls>);

}  // namespace adapter_tests
