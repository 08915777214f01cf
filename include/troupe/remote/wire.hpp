// SPDX-License-Identifier: BSL-1.0
#pragma once

// Transports and connections of any type, so that links and nodes are compiled once for all. One
// virtual call stands before each call of the operating system.

#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <string_view>
#include <utility>

#include "troupe/port/transport.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// A connection, owned.
class wire {
public:
    wire() noexcept = default;
    wire(wire const&) = delete;
    wire& operator=(wire const&) = delete;
    virtual ~wire() = default;
    virtual result<bool, transport_error>        establish() noexcept = 0;
    virtual result<std::size_t, transport_error> send(gathered_bytes buffers) noexcept = 0;
    virtual result<std::size_t, transport_error> receive(std::span<std::byte> place) noexcept = 0;
    virtual void                                 close() noexcept = 0;
    virtual time_point                           look_at() const noexcept = 0;
    virtual std::string_view                     peer_name() const noexcept = 0;
};

template <class Connection>
class wire_of final : public wire {
public:
    explicit wire_of(Connection&& made) noexcept : connection_(std::move(made)) {}
    result<bool, transport_error> establish() noexcept override { return connection_.establish(); }
    result<std::size_t, transport_error> send(gathered_bytes buffers) noexcept override {
        return connection_.send(buffers);
    }
    result<std::size_t, transport_error> receive(std::span<std::byte> place) noexcept override {
        return connection_.receive(place);
    }
    void       close() noexcept override { connection_.close(); }
    time_point look_at() const noexcept override {
        if constexpr (connection_looks_at<Connection>) return connection_.look_at();
        else return never;
    }
    std::string_view peer_name() const noexcept override {
        if constexpr (connection_names_peer<Connection>) return connection_.peer_name();
        else return {};
    }

private:
    Connection connection_;
};

/// Owns a wire, or nothing. (<memory> costs more than all of this.)
class wire_holder {
public:
    wire_holder() noexcept = default;
    explicit wire_holder(wire* owned) noexcept : wire_(owned) {}
    wire_holder(wire_holder&& other) noexcept : wire_(std::exchange(other.wire_, nullptr)) {}
    wire_holder& operator=(wire_holder&& other) noexcept {
        std::swap(wire_, other.wire_);
        return *this;
    }
    ~wire_holder() { delete wire_; }
    wire*    operator->() const noexcept { return wire_; }
    explicit operator bool() const noexcept { return wire_ != nullptr; }
    void     reset() noexcept { delete std::exchange(wire_, nullptr); }

private:
    wire* wire_ = nullptr;
};

/// A transport and its listener, owned. One thread at a time: the node.
class carrier {
public:
    carrier() noexcept = default;
    carrier(carrier const&) = delete;
    carrier& operator=(carrier const&) = delete;
    virtual ~carrier() = default;
    virtual result<wire*, transport_error>    connect(endpoint const&  to,
                                                      transport_signal signal) noexcept = 0;
    virtual result<endpoint, transport_error> listen(endpoint const&  at,
                                                     transport_signal signal) noexcept = 0;
    virtual result<wire*, transport_error>    accept(transport_signal signal) noexcept = 0;
    virtual void                              stop_listening() noexcept = 0;
    virtual std::string_view                  scheme() const noexcept = 0;
    /// Its connections have a handshake of TLS.
    virtual bool secures() const noexcept = 0;
    /// INT64_MAX: never, or nobody knows.
    virtual std::int64_t seconds_to_expiry() noexcept = 0;
};

template <class Transport>
class carrier_of final : public carrier {
    using connection = typename Transport::connection;
    using listener = typename Transport::listener;

public:
    explicit carrier_of(Transport&& transport) noexcept : transport_(std::move(transport)) {}
    ~carrier_of() override { stop_listening(); }

    result<wire*, transport_error> connect(endpoint const&  to,
                                           transport_signal signal) noexcept override {
        return owned(transport_.connect(to, signal));
    }
    result<endpoint, transport_error> listen(endpoint const&  at,
                                             transport_signal signal) noexcept override {
        result<listener, transport_error> made = transport_.listen(at, signal);
        if (!made) return made.error();
        stop_listening();
        listener_ = new (std::nothrow) listener{std::move(*made)};
        if (listener_ == nullptr) return transport_error{transport_errc::no_resources};
        return listener_->bound();
    }
    result<wire*, transport_error> accept(transport_signal signal) noexcept override {
        if (listener_ == nullptr) return transport_error{transport_errc::misused};
        return owned(listener_->accept(signal));
    }
    void stop_listening() noexcept override {
        if (listener_ == nullptr) return;
        listener_->close();
        delete std::exchange(listener_, nullptr);
    }
    std::string_view scheme() const noexcept override { return Transport::scheme; }
    bool             secures() const noexcept override { return transport_is_secured<Transport>; }
    std::int64_t     seconds_to_expiry() noexcept override {
        if constexpr (transport_expires<Transport>) return transport_.seconds_to_expiry();
        else return INT64_MAX;
    }

private:
    static result<wire*, transport_error> owned(result<connection, transport_error> made) noexcept {
        if (!made) return made.error();
        wire* const w = new (std::nothrow) wire_of<connection>{std::move(*made)};
        if (w == nullptr) return transport_error{transport_errc::no_resources};
        return w;
    }

    Transport transport_;
    listener* listener_ = nullptr;
};

}  // namespace troupe::inline TROUPE_ABI::detail
