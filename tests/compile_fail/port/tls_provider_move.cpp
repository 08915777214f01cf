// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: a TLS provider must be nothrow move constructible
#include "troupe/port/tls_provider.hpp"

using troupe::result, troupe::transport_error;

struct moved_provider {
    struct session {
        result<bool, transport_error>        handshake() noexcept;
        result<std::size_t, transport_error> feed(std::span<std::byte const>) noexcept;
        std::size_t                          drain(std::span<std::byte>) noexcept;
        result<std::size_t, transport_error> write(std::span<std::byte const>) noexcept;
        result<std::size_t, transport_error> read(std::span<std::byte>) noexcept;
        void                                 finish() noexcept;
        std::string_view                     peer_name() const noexcept;
    };
    moved_provider(moved_provider&&);
    result<session, transport_error> client(std::string_view host) noexcept;
    result<session, transport_error> server() noexcept;
};

static_assert(troupe::explain_tls_provider<moved_provider>());
