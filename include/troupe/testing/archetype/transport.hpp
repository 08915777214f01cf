// SPDX-License-Identifier: BSL-1.0
#pragma once

// A transport that can do what a transport must and nothing more: code that compiles with it asks
// for no more. It goes over a network in memory, which must have no delays: nobody is told of
// times.

#include "troupe/port/transport.hpp"
#include "troupe/remote/loopback_transport.hpp"

namespace troupe::inline TROUPE_ABI {

class transport_archetype {
public:
    class connection {
    public:
        connection() noexcept = default;
        connection(connection&&) noexcept = default;
        connection& operator=(connection&&) noexcept = default;
        ~connection() = default;
        void operator&() const = delete;

        result<bool, transport_error>        establish() noexcept { return over_.establish(); }
        result<std::size_t, transport_error> send(gathered_bytes buffers) noexcept {
            return over_.send(buffers);
        }
        result<std::size_t, transport_error> receive(std::span<std::byte> place) noexcept {
            return over_.receive(place);
        }
        void close() noexcept { over_.close(); }

    private:
        friend class transport_archetype;
        explicit connection(loopback_connection over) noexcept : over_(std::move(over)) {}
        loopback_connection over_;
    };

    class listener {
    public:
        listener(listener&&) noexcept = default;
        listener& operator=(listener&&) = delete;
        ~listener() = default;
        void operator&() const = delete;

        result<connection, transport_error> accept(transport_signal signal) noexcept {
            return given(over_.accept(signal));
        }
        endpoint bound() const noexcept { return over_.bound(); }
        void     close() noexcept { over_.close(); }

    private:
        friend class transport_archetype;
        explicit listener(loopback_listener over) noexcept : over_(std::move(over)) {}
        loopback_listener over_;
    };

    static constexpr std::string_view scheme = "loopback";

    explicit transport_archetype(loopback_network& network) noexcept : over_(network) {}
    transport_archetype(transport_archetype&&) noexcept = default;
    transport_archetype& operator=(transport_archetype&&) = delete;
    ~transport_archetype() = default;
    void operator&() const = delete;

    result<connection, transport_error> connect(endpoint const&  to,
                                                transport_signal signal) noexcept {
        return given(over_.connect(to, signal));
    }
    result<listener, transport_error> listen(endpoint const& at, transport_signal signal) noexcept {
        auto made = over_.listen(at, signal);
        if (!made) return made.error();
        return listener{std::move(*made)};
    }

private:
    static result<connection, transport_error>
    given(result<loopback_connection, transport_error> made) noexcept {
        if (!made) return made.error();
        return connection{std::move(*made)};
    }

    loopback_transport over_;
};

static_assert(transport<transport_archetype>);
static_assert(!connection_looks_at<transport_archetype::connection>);
static_assert(!connection_names_peer<transport_archetype::connection>);

}  // namespace troupe::inline TROUPE_ABI
