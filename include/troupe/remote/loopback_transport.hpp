// SPDX-License-Identifier: BSL-1.0
#pragma once

// A transport within one process: connections are rings in memory, so tests of what goes over a
// network need none, and time is that of a clock they own. Everything that goes wrong with networks
// can be made to go wrong, the same way each time (loopback_faults.hpp). Several systems, on
// threads of their own, may be joined by one network.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "troupe/base/endpoint.hpp"
#include "troupe/base/result.hpp"
#include "troupe/base/time.hpp"
#include "troupe/os/monotonic_clock.hpp"
#include "troupe/port/clock.hpp"
#include "troupe/port/transport.hpp"
#include "troupe/remote/loopback_faults.hpp"
#include "troupe/remote/loopback_stream.hpp"
#include "troupe/remote/loopback_table.hpp"
#include "troupe/sync/atomic.hpp"
#include "troupe/sync/lock_rank.hpp"
#include "troupe/sync/spin.hpp"

namespace troupe::inline TROUPE_ABI {

/// One end of a connection in memory. One thread at a time; nothing allocates or waits.
class loopback_connection {
public:
    loopback_connection() noexcept = default;
    loopback_connection(loopback_connection&& other) noexcept
        : pair_(std::exchange(other.pair_, nullptr)), side_(other.side_) {}
    loopback_connection& operator=(loopback_connection&& other) noexcept {
        if (this != &other) {
            close();
            pair_ = std::exchange(other.pair_, nullptr);
            side_ = other.side_;
        }
        return *this;
    }
    ~loopback_connection() { close(); }

    result<bool, transport_error>        establish() noexcept;
    result<std::size_t, transport_error> send(gathered_bytes buffers) noexcept;
    result<std::size_t, transport_error> receive(std::span<std::byte> place) noexcept;
    void                                 close() noexcept;
    /// When something arrives that was sent with a delay, if the last `receive` has found nothing.
    /// A signal comes when it is sent, too: so that somebody asks this.
    time_point look_at() const noexcept;

private:
    friend class loopback_network;
    loopback_connection(detail::loopback_pair& pair, int side) noexcept
        : pair_(&pair), side_(side) {}

    detail::loopback_pair* pair_ = nullptr;
    int                    side_ = 0;
};

/// One thread at a time; nothing allocates or waits.
class loopback_listener {
public:
    loopback_listener() noexcept = default;
    loopback_listener(loopback_listener&& other) noexcept
        : network_(other.network_), place_(std::exchange(other.place_, nullptr)) {}
    loopback_listener& operator=(loopback_listener&& other) noexcept {
        if (this != &other) {
            close();
            network_ = other.network_;
            place_ = std::exchange(other.place_, nullptr);
        }
        return *this;
    }
    ~loopback_listener() { close(); }

    result<loopback_connection, transport_error> accept(transport_signal signal) noexcept;
    endpoint                                     bound() const noexcept;
    void                                         close() noexcept;

private:
    friend class loopback_network;
    loopback_listener(loopback_network& network, detail::loopback_place& place) noexcept
        : network_(&network), place_(&place) {}

    loopback_network*       network_ = nullptr;
    detail::loopback_place* place_ = nullptr;
};

/// The way into a network, for as many systems as there are: a copy for each. The network outlives
/// all of them. Any thread.
class loopback_transport {
public:
    using connection = loopback_connection;
    using listener = loopback_listener;
    static constexpr std::string_view scheme = "loopback";

    explicit loopback_transport(loopback_network& network) noexcept : network_(&network) {}
    loopback_transport(loopback_transport const&) noexcept = default;
    loopback_transport& operator=(loopback_transport const&) noexcept = default;
    /// Whom another thread is telling at this moment may go behind the transport: so it waits for
    /// signals to return. Not inside one.
    ~loopback_transport();

    result<connection, transport_error> connect(endpoint const&  to,
                                                transport_signal signal) noexcept;
    /// An empty endpoint, or `:0` at the end of a name, takes a name that nobody has.
    result<listener, transport_error> listen(endpoint const& at, transport_signal signal) noexcept;

private:
    loopback_network* network_;
};

/// What connects the ends, and makes things go wrong. Any thread, under one lock for all of it;
/// signals are called when it is free. Allocates for a connection that is more than there ever were
/// at a time, and never for bytes.
class loopback_network {
public:
    /// On the clock that systems have by themselves.
    explicit loopback_network(loopback_options const& options = {}) noexcept
        : loopback_network(nullptr, read_monotonic, options) {}
    /// On this clock, which outlives the network; that of the systems that it joins.
    template <class Clock>
        requires clock<Clock>
    explicit loopback_network(Clock const& source, loopback_options const& options = {}) noexcept
        : loopback_network(&source, read<Clock>, options) {}
    /// Every connection and every listener has gone.
    ~loopback_network() {
        detail::lock_guard const held{mutex_, detail::root_token{}};
        table_.clear();
    }
    loopback_network(loopback_network const&) = delete;
    loopback_network& operator=(loopback_network const&) = delete;

    loopback_transport transport() noexcept { return loopback_transport{*this}; }

    // Without an address, all of these are about every connection and every address. With one,
    // about connections to it, and they allocate for an address that is new, and may throw
    // bad_alloc. All who may be concerned are told to look again.

    /// From now on this goes wrong, and what went wrong before does not.
    void            faults(loopback_faults const& what, endpoint const& at = {});
    loopback_faults faults(endpoint const& at = {}) const noexcept;

    /// Nothing arrives any more, not even the end; what is sent waits, until there is no room. New
    /// connections do not come about. One way, and the connection is half open.
    void partition(loopback_way way = loopback_way::both, endpoint const& at = {});
    /// What has waited arrives.
    void heal(endpoint const& at = {});

    /// Breaks the connections that are, with all that is on its way.
    void reset(endpoint const& at = {}) noexcept;
    /// Breaks each of the connections that are when it has taken exactly so many bytes more.
    void cut_after(std::uint64_t bytes, loopback_way counted = loopback_way::both,
                   endpoint const& at = {}) noexcept;

    loopback_counts counts() const noexcept {
        detail::lock_guard const held{mutex_, detail::root_token{}};
        return table_.counts;
    }

private:
    friend class loopback_connection;
    friend class loopback_listener;
    friend class loopback_transport;
    using pair = detail::loopback_pair;
    using place = detail::loopback_place;
    using signals = detail::loopback_signals;
    using table = detail::loopback_table;
    using reader = time_point (*)(void const*) noexcept;

    static time_point read_monotonic(void const*) noexcept { return monotonic_clock{}.now(); }
    template <class Clock>
    static time_point read(void const* source) noexcept {
        return static_cast<Clock const*>(source)->now();
    }
    loopback_network(void const* source, reader how, loopback_options const& options) noexcept
        : source_(source), now_(how), table_(*this, options) {}
    // Before the lock is taken: a clock is somebody else's.
    time_point now() const noexcept { return now_(source_); }

    result<loopback_connection, transport_error> connect(endpoint const&  to,
                                                         transport_signal signal) noexcept;
    result<loopback_listener, transport_error>   listen(endpoint const&  at,
                                                        transport_signal signal) noexcept;
    result<loopback_connection, transport_error> accept(place& at, transport_signal s) noexcept;
    void                                         close(place& at) noexcept;
    result<bool, transport_error>                establish(pair& p, int side) noexcept;
    result<std::size_t, transport_error> send(pair& p, int side, gathered_bytes buffers) noexcept;
    result<std::size_t, transport_error> receive(pair& p, int side,
                                                 std::span<std::byte> to) noexcept;
    void                                 close(pair& p, int side) noexcept;
    time_point                           look_at(pair const& p, int side) const noexcept;

    void hold_up(loopback_way way, bool held_up, endpoint const& at);
    void tell() noexcept;

    void const*              source_;
    reader                   now_;
    detail::atomic<unsigned> calls_{0};  // how many threads are about to call signals, or do
    mutable detail::ranked_mutex<detail::rank::loopback> mutex_;
    table table_ TROUPE_GUARDED_BY(detail::rank::loopback::lock);
};

// ---- listeners ----

TROUPE_COLD inline result<loopback_listener, transport_error>
loopback_network::listen(endpoint const& at, transport_signal signal) noexcept {
    if (!at.scheme().empty() && at.scheme() != loopback_transport::scheme) {
        return transport_error{transport_errc::invalid_address, 0, "the scheme is not loopback"};
    }
    detail::lock_guard const held{mutex_, detail::root_token{}};
    endpoint                 name;
    if (!table_.choose_name(at, name)) {
        return transport_error{transport_errc::invalid_address, 0, "the name is too long"};
    }
    place* const found = table_.find_or_make(name);
    if (found == nullptr) return transport_error{transport_errc::no_resources};
    if (found->listening) return transport_error{transport_errc::address_in_use};
    found->listening = true;
    found->wants = true;
    found->signal = signal;
    ++found->users;
    return loopback_listener{*this, *found};
}

inline result<loopback_connection, transport_error>
loopback_network::accept(place& at, transport_signal signal) noexcept {
    detail::lock_guard const held{mutex_, detail::root_token{}};
    pair* const              first = at.first_waiting;
    if (first == nullptr) {
        at.wants = true;
        return transport_error{transport_errc::none_waiting};
    }
    at.first_waiting = first->next_waiting;
    --at.waiting;
    first->ends[1].signal = signal;
    return loopback_connection{*first, 1};
}

TROUPE_COLD inline void loopback_network::close(place& at) noexcept {
    for (;;) {
        signals                  due{calls_};
        detail::lock_guard const held{mutex_, detail::root_token{}};
        pair* const              first = at.first_waiting;
        if (first == nullptr) {
            at.listening = false;
            at.signal = {};
            return table_.leave(at);
        }
        // Nobody will have it any more.
        at.first_waiting = first->next_waiting;
        --at.waiting;
        first->ends[1].open = false;
        table_.lose(*first);
        table_.tell_both(*first, due);
        table_.give_back(*first);
    }
}

TROUPE_COLD inline result<loopback_connection, transport_error>
loopback_network::connect(endpoint const& to, transport_signal signal) noexcept {
    if (!to.scheme().empty() && to.scheme() != loopback_transport::scheme) {
        return transport_error{transport_errc::invalid_address, 0, "the scheme is not loopback"};
    }
    if (to.place().empty()) return transport_error{transport_errc::invalid_address, 0, "no name"};
    time_point const         present = now();
    signals                  due{calls_};
    detail::lock_guard const held{mutex_, detail::root_token{}};
    place* const             at = table_.find_or_make(to);
    if (at == nullptr) return transport_error{transport_errc::no_resources};
    pair* const p = table_.make_pair(*at);
    if (p == nullptr) {
        ++at->users;
        table_.leave(*at);
        return transport_error{transport_errc::no_resources};
    }
    // There and back; what jitter adds is drawn once.
    loopback_faults const& f = at->faults;
    duration               wait = f.delay + f.delay;
    if (f.jitter.count() > 0) {
        auto const most = static_cast<std::uint64_t>(f.jitter.count());
        wait += duration{static_cast<std::int64_t>(p->streams[0].chance.below(most + 1))};
    }
    p->ready_at = present + wait;
    p->ends[0].signal = signal;
    table_.come_about(*p, present, due);
    if (p->is == pair::phase::lost) {
        table_.give_back(*p);
        return transport_error{transport_errc::refused};
    }
    p->ends[0].open = true;
    return loopback_connection{*p, 0};
}

inline result<bool, transport_error> loopback_network::establish(pair& p, int side) noexcept {
    time_point const         present = now();
    signals                  due{calls_};
    detail::lock_guard const held{mutex_, detail::root_token{}};
    if (side == 0) table_.come_about(p, present, due);
    if (p.is == pair::phase::lost) return transport_error{p.why};
    return p.is != pair::phase::connecting;
}

inline void loopback_network::close(pair& p, int side) noexcept {
    time_point const         present = now();
    signals                  due{calls_};
    detail::lock_guard const held{mutex_, detail::root_token{}};
    int const                other = 1 - side;
    p.ends[side].open = false;
    p.ends[side].signal = {};
    if (p.ends[other].open && p.is != pair::phase::lost) {
        // As with TCP: who goes without having read everything breaks the connection.
        p.streams[side].end(present, p.place->faults, p.streams[other].has_unread());
        p.streams[other].discard();
        if (!p.place->held_up[side]) due.add(p.ends[other].signal);
    }
    table_.give_back(p);
}

// ---- bytes ----

inline result<std::size_t, transport_error>
loopback_network::send(pair& p, int side, gathered_bytes buffers) noexcept {
    std::size_t all = 0;
    for (auto const& buffer : buffers) all += buffer.size();
    time_point const         present = now();
    signals                  due{calls_};
    detail::lock_guard const held{mutex_, detail::root_token{}};
    if (p.is == pair::phase::connecting) {
        return transport_error{transport_errc::misused, 0, "it is not established"};
    }
    int const                other = 1 - side;
    place const&             at = *p.place;
    loopback_faults const&   f = at.faults;
    detail::loopback_stream& out = p.streams[side];
    if (p.is != pair::phase::open) return transport_error{transport_errc::reset};
    // One that has gone reads no more: until that is known here there is a buffer to fill.
    if (!p.ends[other].open && !at.held_up[other] && p.streams[other].end_is_known(present)) {
        return transport_error{transport_errc::reset};
    }
    if (all == 0) return all;
    if (out.chance.happens(f.lose_per_mille)) {
        table_.lose(p);
        table_.tell_both(p, due);
        return transport_error{transport_errc::reset};
    }
    bool const  counted = table::counts_for(p.cut_counts, side);
    std::size_t size = all < out.room() ? all : out.room();
    if (f.send_max < size) size = f.send_max != 0 ? f.send_max : 1;
    if (counted && p.cut_left < size) size = static_cast<std::size_t>(p.cut_left);
    if (size != 0) {
        if (out.chance.happens(f.drop_per_mille)) {
            ++table_.counts.dropped;
        } else {
            out.write(buffers, size);
            table_.wreck(out, f);
            out.arrives_later(present, f);
            if (p.ends[other].open && p.ends[other].wants_bytes && !at.held_up[side]) {
                p.ends[other].wants_bytes = false;
                due.add(p.ends[other].signal);
            }
        }
        if (counted && p.cut_left != UINT64_MAX) p.cut_left -= size;
    }
    if (table_.cut_if_counted(p)) table_.tell_both(p, due);
    // Where a fault has taken less than there is room for, there is room at once.
    p.ends[side].wants_room = size < all && out.room() == 0;
    if (size < all && out.room() != 0) due.add(p.ends[side].signal);
    return size;
}

inline result<std::size_t, transport_error>
loopback_network::receive(pair& p, int side, std::span<std::byte> to) noexcept {
    time_point const         present = now();
    signals                  due{calls_};
    detail::lock_guard const held{mutex_, detail::root_token{}};
    if (p.is == pair::phase::connecting) {
        return transport_error{transport_errc::misused, 0, "it is not established"};
    }
    int const              other = 1 - side;
    loopback_faults const& f = p.place->faults;
    if (p.is == pair::phase::lost) return transport_error{p.why};
    if (p.place->held_up[other]) {
        p.ends[side].wants_bytes = true;
        return std::size_t{0};
    }
    if (f.receive_max < to.size()) to = to.first(f.receive_max != 0 ? f.receive_max : 1);
    detail::loopback_stream& in = p.streams[other];
    std::size_t const        size = in.read(to, present);
    p.ends[side].found_none = size == 0;
    if (size != 0) {
        if (std::exchange(p.ends[other].wants_room, false)) due.add(p.ends[other].signal);
        return size;
    }
    if (!in.has_unread()) {
        if (p.is == pair::phase::cut) return transport_error{transport_errc::reset};
        if (in.end_is_known(present)) {
            return transport_error{in.ended_by_reset() ? transport_errc::reset
                                                       : transport_errc::closed};
        }
    }
    if (!to.empty()) p.ends[side].wants_bytes = true;
    return std::size_t{0};
}

inline time_point loopback_network::look_at(pair const& p, int side) const noexcept {
    detail::lock_guard const held{mutex_, detail::root_token{}};
    place const&             at = *p.place;
    if (p.is == pair::phase::lost || at.held_up[1 - side]) return detail::never;
    // Who has not received all that has come asks again by itself.
    if (p.is != pair::phase::connecting) {
        return p.ends[side].found_none ? p.streams[1 - side].next_arrival() : detail::never;
    }
    return at.faults.never_connects || at.held_up[side] ? detail::never : p.ready_at;
}

// ---- what goes wrong ----

TROUPE_COLD inline void loopback_network::faults(loopback_faults const& what, endpoint const& at) {
    {
        detail::lock_guard const held{mutex_, detail::root_token{}};
        place* const             one = table_.own_place(at);
        if (one != nullptr) {
            one->faults = what;
        } else {
            table_.general = what;
            for (place* p = table_.places; p != nullptr; p = p->next) p->faults = what;
        }
        table_.to_be_told(one);
    }
    tell();
}
TROUPE_COLD inline loopback_faults loopback_network::faults(endpoint const& at) const noexcept {
    detail::lock_guard const held{mutex_, detail::root_token{}};
    place const* const       one = table_.find(at);
    return one != nullptr ? one->faults : table_.general;
}

TROUPE_COLD inline void loopback_network::hold_up(loopback_way way, bool held_up,
                                                  endpoint const& at) {
    {
        detail::lock_guard const held{mutex_, detail::root_token{}};
        place* const             one = table_.own_place(at);
        for (int side = 0; side < 2; ++side) {
            if (!table::counts_for(way, side)) continue;
            if (one != nullptr) {
                one->held_up[side] = held_up;
                continue;
            }
            table_.held_up[side] = held_up;
            for (place* p = table_.places; p != nullptr; p = p->next) p->held_up[side] = held_up;
        }
        table_.to_be_told(one);
    }
    tell();
}
inline void loopback_network::partition(loopback_way way, endpoint const& at) {
    hold_up(way, true, at);
}
inline void loopback_network::heal(endpoint const& at) { hold_up(loopback_way::both, false, at); }

TROUPE_COLD inline void loopback_network::tell() noexcept {
    for (bool more = true; more;) {
        signals                  due{calls_};
        detail::lock_guard const held{mutex_, detail::root_token{}};
        for (pair* p = table_.pairs; p != nullptr && !due.full(); p = p->next) {
            for (auto& end : p->ends) {
                if (!due.full() && std::exchange(end.to_be_told, false)) due.add(end.signal);
            }
        }
        more = due.full();
    }
}

TROUPE_COLD inline void loopback_network::reset(endpoint const& at) noexcept {
    {
        detail::lock_guard const held{mutex_, detail::root_token{}};
        for (pair* p = table_.pairs; p != nullptr; p = p->next) {
            if (p->is == pair::phase::lost || !table::is_meant(*p, at)) continue;
            table_.lose(*p);
            table_.to_be_told(*p);
        }
    }
    tell();
}
TROUPE_COLD inline void loopback_network::cut_after(std::uint64_t bytes, loopback_way counted,
                                                    endpoint const& at) noexcept {
    {
        detail::lock_guard const held{mutex_, detail::root_token{}};
        for (pair* p = table_.pairs; p != nullptr; p = p->next) {
            if (!table::is_meant(*p, at)) continue;
            p->cut_left = bytes;
            p->cut_counts = counted;
            if (table_.cut_if_counted(*p)) table_.to_be_told(*p);
        }
    }
    tell();
}

// ---- what users hold ----

inline result<bool, transport_error> loopback_connection::establish() noexcept {
    if (pair_ == nullptr) return transport_error{transport_errc::misused};
    return pair_->network->establish(*pair_, side_);
}
inline result<std::size_t, transport_error>
loopback_connection::send(gathered_bytes buffers) noexcept {
    if (pair_ == nullptr) return transport_error{transport_errc::misused};
    return pair_->network->send(*pair_, side_, buffers);
}
inline result<std::size_t, transport_error>
loopback_connection::receive(std::span<std::byte> place) noexcept {
    if (pair_ == nullptr) return transport_error{transport_errc::misused};
    return pair_->network->receive(*pair_, side_, place);
}
inline void loopback_connection::close() noexcept {
    if (detail::loopback_pair* const p = std::exchange(pair_, nullptr))
        p->network->close(*p, side_);
}
inline time_point loopback_connection::look_at() const noexcept {
    return pair_ == nullptr ? detail::never : pair_->network->look_at(*pair_, side_);
}

inline result<loopback_connection, transport_error>
loopback_listener::accept(transport_signal signal) noexcept {
    if (place_ == nullptr) return transport_error{transport_errc::misused};
    return network_->accept(*place_, signal);
}
inline endpoint loopback_listener::bound() const noexcept {
    // Written before anybody had it, and not again.
    return place_ == nullptr ? endpoint{} : place_->name;
}
inline void loopback_listener::close() noexcept {
    if (detail::loopback_place* const p = std::exchange(place_, nullptr)) network_->close(*p);
}

inline loopback_transport::~loopback_transport() {
    // acquire: pairs with the release in ~loopback_signals(). Whoever is about to tell a connection
    // of this transport is counted: it was closed under the lock.
    while (network_->calls_.load(detail::memory_order_acquire) != 0) detail::yield_processor();
}

inline result<loopback_connection, transport_error>
loopback_transport::connect(endpoint const& to, transport_signal signal) noexcept {
    return network_->connect(to, signal);
}
inline result<loopback_listener, transport_error>
loopback_transport::listen(endpoint const& at, transport_signal signal) noexcept {
    return network_->listen(at, signal);
}

static_assert(transport<loopback_transport>);
static_assert(connection_looks_at<loopback_connection>);

}  // namespace troupe::inline TROUPE_ABI
