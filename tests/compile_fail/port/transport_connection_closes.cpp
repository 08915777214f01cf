// SPDX-License-Identifier: BSL-1.0
// EXPECT: error: .*troupe: add `void close\(\) noexcept` to the connection
// EXPECT: incomplete::connection
#include "troupe/port/transport.hpp"

struct incomplete {
    struct connection {
        connection() noexcept;
        connection(connection&&) noexcept;
        connection&                                          operator=(connection&&) noexcept;
        troupe::result<bool, troupe::transport_error>        establish() noexcept;
        troupe::result<std::size_t, troupe::transport_error> send(troupe::gathered_bytes) noexcept;
        troupe::result<std::size_t, troupe::transport_error> receive(std::span<std::byte>) noexcept;
        void                                                 close();
    };
    struct listener {
        listener(listener&&) noexcept;
        troupe::result<connection, troupe::transport_error>
                         accept(troupe::transport_signal) noexcept;
        troupe::endpoint bound() const noexcept;
        void             close() noexcept;
    };
    incomplete(incomplete&&) noexcept;
    static constexpr std::string_view                   scheme = "pigeon";
    troupe::result<connection, troupe::transport_error> connect(troupe::endpoint const&,
                                                                troupe::transport_signal) noexcept;
    troupe::result<listener, troupe::transport_error>   listen(troupe::endpoint const&,
                                                               troupe::transport_signal) noexcept;
};

static_assert(troupe::explain_transport<incomplete>());
