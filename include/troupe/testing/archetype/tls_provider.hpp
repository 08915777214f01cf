// SPDX-License-Identifier: BSL-1.0
#pragma once

// The least that is a TLS provider: every function that one must have, and not one member more.
// What compiles with it needs nothing else of a provider. It keeps the rules, and no secret.

#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

#include "troupe/testing/insecure_plaintext.hpp"

namespace troupe::inline TROUPE_ABI {

class tls_session_archetype {
public:
    tls_session_archetype() noexcept = default;
    tls_session_archetype(tls_session_archetype&&) noexcept = default;
    tls_session_archetype& operator=(tls_session_archetype&&) noexcept = default;

    result<bool, transport_error>        handshake() noexcept { return inner_.handshake(); }
    result<std::size_t, transport_error> feed(std::span<std::byte const> wire) noexcept {
        return inner_.feed(wire);
    }
    std::size_t drain(std::span<std::byte> place) noexcept { return inner_.drain(place); }
    result<std::size_t, transport_error> write(std::span<std::byte const> plain) noexcept {
        return inner_.write(plain);
    }
    result<std::size_t, transport_error> read(std::span<std::byte> place) noexcept {
        return inner_.read(place);
    }
    void             finish() noexcept { inner_.finish(); }
    std::string_view peer_name() const noexcept { return inner_.peer_name(); }

private:
    friend class tls_provider_archetype;
    explicit tls_session_archetype(insecure_plaintext::session inner) noexcept
        : inner_(std::move(inner)) {}
    insecure_plaintext::session inner_;
};

class tls_provider_archetype {
public:
    using session = tls_session_archetype;

    tls_provider_archetype() = default;
    tls_provider_archetype(tls_provider_archetype&&) noexcept = default;
    tls_provider_archetype& operator=(tls_provider_archetype&&) = delete;

    result<session, transport_error> client(std::string_view host) noexcept {
        auto made = insecure_plaintext{}.client(host);
        return session{std::move(*made)};
    }
    result<session, transport_error> server() noexcept {
        auto made = insecure_plaintext{}.server();
        return session{std::move(*made)};
    }
};

static_assert(tls_provider<tls_provider_archetype>);

}  // namespace troupe::inline TROUPE_ABI
