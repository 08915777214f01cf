// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a TLS provider is told: whom to believe, who we are, and how strict to be. A trust root, a
// certificate and a key are three types, so that one cannot stand for another; what must be decided
// has no default, so that forgetting it does not compile. Nothing here knows a TLS library, and
// nothing is copied: the bytes of a key are read once, by the provider, while it is made.

#include <cstddef>
#include <cstdint>
#include <exception>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "troupe/config/abi.hpp"

namespace troupe::inline TROUPE_ABI {

namespace detail {
/// Where PEM or DER stands. A path is kept; bytes, which may be a key, are not: they live until the
/// provider is made.
struct tls_source {
    enum class place : std::uint8_t { nowhere, file, memory, system };
    place            where = place::nowhere;
    std::string_view bytes{};
    std::string      path{};

    bool              given() const noexcept { return where != place::nowhere; }
    std::string_view  text() const noexcept { return where == place::file ? path : bytes; }
    static tls_source at(std::string path) { return {place::file, {}, std::move(path)}; }
    static tls_source in(std::string_view bytes) noexcept { return {place::memory, bytes, {}}; }
    static tls_source in(std::span<std::byte const> bytes) noexcept {
        return in(std::string_view{reinterpret_cast<char const*>(bytes.data()), bytes.size()});
    }
};
struct tls_access;  // the provider reads what users only write
}  // namespace detail

/// The authorities whose word counts. PEM (any number of them) or DER (one).
class trust_roots {
public:
    static trust_roots file(std::string path) {
        return trust_roots{detail::tls_source::at(std::move(path))};
    }
    static trust_roots memory(std::string_view pem_or_der) noexcept {
        return trust_roots{detail::tls_source::in(pem_or_der)};
    }
    static trust_roots memory(std::span<std::byte const> pem_or_der) noexcept {
        return trust_roots{detail::tls_source::in(pem_or_der)};
    }
    /// Those that the operating system trusts: for peers with certificates of a public authority.
    static trust_roots of_the_system() noexcept {
        return trust_roots{{detail::tls_source::place::system, {}, {}}};
    }

private:
    friend struct detail::tls_access;
    explicit trust_roots(detail::tls_source from) noexcept : from_(std::move(from)) {}
    detail::tls_source from_;
};

/// Who we are: our own certificate, and behind it those between it and a root. PEM, or DER (alone).
class certificate_chain {
public:
    static certificate_chain file(std::string path) {
        return certificate_chain{detail::tls_source::at(std::move(path))};
    }
    static certificate_chain memory(std::string_view pem_or_der) noexcept {
        return certificate_chain{detail::tls_source::in(pem_or_der)};
    }
    static certificate_chain memory(std::span<std::byte const> pem_or_der) noexcept {
        return certificate_chain{detail::tls_source::in(pem_or_der)};
    }
    /// A client that proves nothing.
    static certificate_chain none() noexcept { return certificate_chain{{}}; }

private:
    friend struct detail::tls_access;
    explicit certificate_chain(detail::tls_source from) noexcept : from_(std::move(from)) {}
    detail::tls_source from_;
};

/// The proof that we are it. PEM or DER. With a passphrase where the file is encrypted.
class private_key {
public:
    static private_key file(std::string path, std::string_view passphrase = {}) {
        return private_key{detail::tls_source::at(std::move(path)), passphrase};
    }
    static private_key memory(std::string_view pem_or_der,
                              std::string_view passphrase = {}) noexcept {
        return private_key{detail::tls_source::in(pem_or_der), passphrase};
    }
    static private_key memory(std::span<std::byte const> pem_or_der,
                              std::string_view           passphrase = {}) noexcept {
        return private_key{detail::tls_source::in(pem_or_der), passphrase};
    }
    static private_key none() noexcept { return private_key{{}, {}}; }

private:
    friend struct detail::tls_access;
    private_key(detail::tls_source from, std::string_view passphrase) noexcept
        : from_(std::move(from)), passphrase_(passphrase) {}
    detail::tls_source from_;
    std::string_view   passphrase_;
};

/// Says in the source of a program that it talks to anybody who answers. Encryption without knowing
/// with whom keeps out nobody who stands in between.
struct insecure_accept_anybody {
    explicit insecure_accept_anybody() = default;
};

/// How far a peer is believed. There is no default.
class verify_peer {
public:
    /// Its chain leads to one of these roots, and its certificate is for the host that was
    /// connected to. (A client has no host; of it, the chain is what can be checked.)
    static verify_peer full(trust_roots roots) noexcept { return {mode::full, std::move(roots)}; }
    /// Whoever has a certificate of these roots may stand for any host: right where a private
    /// authority serves one cluster and nobody else, and names mean nothing there.
    static verify_peer chain_only_no_hostname(trust_roots roots) noexcept {
        return {mode::chain_only, std::move(roots)};
    }
    /// Nothing is checked. peer_name() is empty, for nothing was proved.
    static verify_peer nothing(insecure_accept_anybody) noexcept {
        return {mode::nothing, trust_roots::memory(std::string_view{})};
    }

private:
    friend struct detail::tls_access;
    enum class mode : std::uint8_t { full, chain_only, nothing };
    verify_peer(mode how, trust_roots roots) noexcept : how_(how), roots_(std::move(roots)) {}
    mode        how_;
    trust_roots roots_;
};

/// What a server asks of its clients. There is no default.
class client_certificate {
public:
    enum mode : std::uint8_t {
        required,   ///< a client without a certificate is refused: mutual TLS
        optional,   ///< one that comes with a certificate must come with a good one
        not_asked,  ///< clients prove nothing by TLS
    };
    constexpr client_certificate(mode how) noexcept
        : how_(how) {}  // NOLINT: implicit, it is an enum

private:
    friend struct detail::tls_access;
    mode how_;
};

/// The oldest version that is spoken. The newest that both sides have is taken. None before 1.2.
enum class tls_version : std::uint8_t { v1_2, v1_3 };

/// A peer whose certificate was found good, at the moment when it may still be refused.
struct tls_peer {
    std::string_view           name;    ///< as peer_name() will say
    std::string_view           serial;  ///< of its certificate, hexadecimal, as authorities list it
    std::span<std::byte const> sha256;  ///< of its certificate: 32 bytes
    bool                       is_client;
};

/// Asked once in each handshake, after everything else was found good: revocation, deny lists.
/// Called by workers, concurrently, inside the handshake: must not block or throw.
struct peer_gate {
    bool (*may)(void* whom, tls_peer const& peer) noexcept = nullptr;  ///< null: everybody may
    void* whom = nullptr;
};

/// Certificates that `tools/certs` has made carry a mark, and are refused. Only
/// `troupe/testing/test_certificates.hpp` gives the other value.
class test_certificates {
public:
    constexpr test_certificates() noexcept = default;

private:
    friend struct detail::tls_access;
    friend struct accept_test_certificates;
    constexpr explicit test_certificates(bool accepted) noexcept : accepted_(accepted) {}
    bool accepted_ = false;
};

/// A program that connects and is not connected to.
struct tls_client_settings {
    verify_peer       peers;
    certificate_chain certificate = certificate_chain::none();
    private_key       key = private_key::none();
    /// What is spoken inside, best first, with commas between. Two sides without one in common do
    /// not talk. Empty: it is left open, for servers that know nothing of it.
    std::string_view  protocols = "troupe/1";
    tls_version       oldest = tls_version::v1_2;
    peer_gate         gate{};
    test_certificates test{};
};

/// A program that is connected to; it may connect, too, with the same certificate.
struct tls_server_settings {
    verify_peer        peers;
    certificate_chain  certificate;
    private_key        key;
    client_certificate clients;
    std::string_view   protocols = "troupe/1";
    tls_version        oldest = tls_version::v1_2;
    peer_gate          gate{};
    test_certificates  test{};
};

namespace detail {
struct tls_access {
    static constexpr tls_source const& of(trust_roots const& r) noexcept { return r.from_; }
    static constexpr tls_source const& of(certificate_chain const& c) noexcept { return c.from_; }
    static constexpr tls_source const& of(private_key const& k) noexcept { return k.from_; }
    static constexpr std::string_view  passphrase(private_key const& k) noexcept {
        return k.passphrase_;
    }
    static constexpr trust_roots const& roots(verify_peer const& v) noexcept { return v.roots_; }
    static constexpr bool               checks_chain(verify_peer const& v) noexcept {
        return v.how_ != verify_peer::mode::nothing;
    }
    static constexpr bool checks_host(verify_peer const& v) noexcept {
        return v.how_ == verify_peer::mode::full;
    }
    static constexpr client_certificate::mode of(client_certificate const& c) noexcept {
        return c.how_;
    }
    static constexpr bool accepted(test_certificates const& t) noexcept { return t.accepted_; }
};

/// Words in a fixed place; what does not fit is left out. What came from elsewhere cannot break a
/// line: what is not printable becomes `?`.
template <std::size_t Capacity>
struct fixed_words {
    char        text[Capacity] = {};
    std::size_t length = 0;

    fixed_words& operator<<(std::string_view part) noexcept {
        for (char const c : part) {
            if (length == Capacity - 1) break;
            text[length++] = c >= 0x20 && c < 0x7f ? c : '?';
        }
        text[length] = '\0';
        return *this;
    }
    std::string_view view() const noexcept { return {text, length}; }
};
}  // namespace detail

/// Why a provider was not made: which setting, which file, and what is wrong with it. Never a byte
/// of a key. Allocates nothing.
class tls_error : public std::exception {
public:
    using text_type = detail::fixed_words<400>;
    explicit tls_error(text_type const& text) noexcept : text_(text) {}
    char const*      what() const noexcept override { return text_.text; }
    std::string_view text() const noexcept { return text_.view(); }

private:
    text_type text_;
};

}  // namespace troupe::inline TROUPE_ABI
