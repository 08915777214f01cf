// SPDX-License-Identifier: BSL-1.0
#pragma once

// A transport within one process: connections are rings in memory, so tests of what goes over a
// network need none, and time is that of a clock they own. Everything that goes wrong with networks
// can be made to go wrong, the same way each time (loopback_faults.hpp). Several systems, on
// threads of their own, may be joined by one network.

#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <string_view>
#include <utility>

#include "troupe/base/endpoint.hpp"
#include "troupe/base/result.hpp"
#include "troupe/base/time.hpp"
#include "troupe/config/assert.hpp"
#include "troupe/os/monotonic_clock.hpp"
#include "troupe/port/clock.hpp"
#include "troupe/port/transport.hpp"
#include "troupe/remote/loopback_faults.hpp"
#include "troupe/remote/loopback_stream.hpp"
#include "troupe/sync/lock_rank.hpp"

namespace troupe::inline TROUPE_ABI {

class loopback_network;
class loopback_transport;

namespace detail {

struct loopback_pair;

/// An address of a network: who listens there, and what goes wrong with connections to it.
struct loopback_place {
    endpoint         name{};
    loopback_faults  faults{};
    bool             held_up[2] = {false, false};  // to the listener, and from it
    bool             kept = false;                 // somebody has set its faults
    bool             listening = false;
    bool             wants = false;  // the listener waits for its signal
    transport_signal signal{};
    loopback_pair*   first_waiting = nullptr;
    loopback_pair*   last_waiting = nullptr;
    std::size_t      waiting = 0;
    std::size_t      users = 0;  // its listener and its connections
    loopback_place*  next = nullptr;
};

/// A connection, with both its ends: [0] has connected, [1] is the listener's. Direction [i] is
/// what end [i] sends.
struct loopback_pair {
    struct end {
        transport_signal signal{};
        bool             open = false;        // somebody has it, or will be given it by `accept`
        bool             wants_bytes = true;  // and has not been told yet
        bool             found_none = true;   // in its last receive
        bool             wants_room = false;
        bool             to_be_told = false;
    };
    enum class phase : std::uint8_t { connecting, open, cut, lost };

    loopback_network* network = nullptr;
    loopback_place*   place = nullptr;
    phase             is = phase::connecting;
    transport_errc    why = transport_errc::reset;
    time_point        ready_at{};  // when it has come about
    std::uint64_t     cut_left = UINT64_MAX;
    loopback_way      cut_counts = loopback_way::both;
    end               ends[2] TROUPE_GUARDED_BY(rank::loopback::lock);
    loopback_stream   streams[2] TROUPE_GUARDED_BY(rank::loopback::lock);
    loopback_pair*    next_waiting = nullptr;
    loopback_pair*    next = nullptr;
    loopback_pair*    before = nullptr;
};

/// Signals that are called when the lock was let go: it stands before the guard.
class loopback_signals {
public:
    static constexpr std::size_t most = 8;

    loopback_signals() noexcept = default;
    ~loopback_signals() {
        for (std::size_t i = 0; i < size_; ++i) list_[i]();
    }
    loopback_signals(loopback_signals const&) = delete;
    loopback_signals& operator=(loopback_signals const&) = delete;

    void add(transport_signal signal) noexcept { list_[size_++] = signal; }
    bool full() const noexcept { return size_ == most; }

private:
    transport_signal list_[most];
    std::size_t      size_ = 0;
};

}  // namespace detail

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
    ~loopback_network();
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
        return counts_;
    }

private:
    friend class loopback_connection;
    friend class loopback_listener;
    friend class loopback_transport;
    using pair = detail::loopback_pair;
    using place = detail::loopback_place;
    using signals = detail::loopback_signals;
    using reader = time_point (*)(void const*) noexcept;

    static time_point read_monotonic(void const*) noexcept { return monotonic_clock{}.now(); }
    template <class Clock>
    static time_point read(void const* source) noexcept {
        return static_cast<Clock const*>(source)->now();
    }
    loopback_network(void const* source, reader how, loopback_options const& options) noexcept
        : source_(source), now_(how), options_(options) {
        if (options_.buffer == 0) options_.buffer = 1;
    }
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

    // All of these under the lock.
    place* find(endpoint const& name) const noexcept TROUPE_REQUIRES(detail::rank::loopback::lock);
    place* find_or_make(endpoint const& name) noexcept
        TROUPE_REQUIRES(detail::rank::loopback::lock);
    void leave(place& at) noexcept TROUPE_REQUIRES(detail::rank::loopback::lock);
    bool choose_name(endpoint const& at, endpoint& name) noexcept
        TROUPE_REQUIRES(detail::rank::loopback::lock);
    pair* make_pair(place& at) noexcept TROUPE_REQUIRES(detail::rank::loopback::lock);
    void  give_back(pair& p) noexcept TROUPE_REQUIRES(detail::rank::loopback::lock);
    void  come_about(pair& p, time_point now, signals& due) noexcept
        TROUPE_REQUIRES(detail::rank::loopback::lock);
    void        lose(pair& p) noexcept TROUPE_REQUIRES(detail::rank::loopback::lock);
    bool        cut_if_counted(pair& p) noexcept TROUPE_REQUIRES(detail::rank::loopback::lock);
    static void tell_both(pair& p, signals& due) noexcept
        TROUPE_REQUIRES(detail::rank::loopback::lock);
    void wreck(detail::loopback_stream& out, loopback_faults const& f) noexcept
        TROUPE_REQUIRES(detail::rank::loopback::lock);
    place*      own_place(endpoint const& at) TROUPE_REQUIRES(detail::rank::loopback::lock);
    void        hold_up(loopback_way way, bool held_up, endpoint const& at);
    static bool is_meant(pair const& p, endpoint const& at) noexcept {
        return at.place().empty() || p.place->name.place() == at.place();
    }
    static bool counts_for(loopback_way way, int side) noexcept {
        return way == loopback_way::both || (way == loopback_way::to_listener) == (side == 0);
    }
    void        to_be_told(place const* at) noexcept TROUPE_REQUIRES(detail::rank::loopback::lock);
    static void to_be_told(pair& p) noexcept TROUPE_REQUIRES(detail::rank::loopback::lock);
    void        tell() noexcept;

    void const*                                          source_;
    reader                                               now_;
    loopback_options                                     options_;
    mutable detail::ranked_mutex<detail::rank::loopback> mutex_;
    loopback_faults                                      general_
        TROUPE_GUARDED_BY(detail::rank::loopback::lock) = {};  // of addresses without their own
    bool            held_up_[2] TROUPE_GUARDED_BY(detail::rank::loopback::lock) = {false, false};
    loopback_counts counts_ TROUPE_GUARDED_BY(detail::rank::loopback::lock) = {};
    place*          places_ TROUPE_GUARDED_BY(detail::rank::loopback::lock) = nullptr;
    pair*           pairs_ TROUPE_GUARDED_BY(detail::rank::loopback::lock) =
        nullptr;  // those that somebody has
    pair*         free_ TROUPE_GUARDED_BY(detail::rank::loopback::lock) = nullptr;
    std::uint64_t made_ TROUPE_GUARDED_BY(detail::rank::loopback::lock) = 0;
    std::uint64_t named_ TROUPE_GUARDED_BY(detail::rank::loopback::lock) = 0;
};

inline loopback_network::~loopback_network() {
    detail::lock_guard const held{mutex_, detail::root_token{}};
    TROUPE_ASSERT(pairs_ == nullptr, "a loopback_network has ended before its connections");
    while (free_ != nullptr) delete std::exchange(free_, free_->next);
    while (places_ != nullptr) {
        TROUPE_ASSERT(!places_->listening, "a loopback_network has ended before its listeners");
        delete std::exchange(places_, places_->next);
    }
}

// ---- addresses ----

TROUPE_COLD inline loopback_network::place*
loopback_network::find(endpoint const& name) const noexcept {
    for (place* p = places_; p != nullptr; p = p->next) {
        if (p->name.place() == name.place()) return p;
    }
    return nullptr;
}

TROUPE_COLD inline loopback_network::place*
loopback_network::find_or_make(endpoint const& name) noexcept {
    if (place* const known = find(name)) return known;
    auto* const made = new (std::nothrow) place;
    if (made == nullptr) return nullptr;
    made->name = name;
    made->faults = general_;
    made->held_up[0] = held_up_[0];
    made->held_up[1] = held_up_[1];
    made->next = places_;
    places_ = made;
    return made;
}

/// One user less; the last one takes it away, unless it has faults of its own.
inline void loopback_network::leave(place& at) noexcept {
    if (--at.users != 0 || at.kept) return;
    for (place** p = &places_; *p != nullptr; p = &(*p)->next) {
        if (*p != &at) continue;
        *p = at.next;
        delete &at;
        return;
    }
}

/// `name:0` and nothing at all get a number that nobody listens at. False: it is too long.
TROUPE_COLD inline bool loopback_network::choose_name(endpoint const& at, endpoint& name) noexcept {
    constexpr std::string_view head = "loopback://";
    constexpr std::string_view any = ":0";
    std::string_view           wanted = at.place();
    bool const                 choose = wanted.empty() || wanted.ends_with(any);
    if (wanted.empty()) wanted = "auto:0";
    if (choose) wanted.remove_suffix(1);
    do {
        char        text[endpoint::length_max + 1];
        std::size_t length = head.copy(text, head.size());
        if (wanted.size() > sizeof text - 24 - length) return false;
        length += wanted.copy(text + length, wanted.size());
        if (choose) {
            char        digits[20];
            std::size_t count = 0;
            for (std::uint64_t n = ++named_; n != 0; n /= 10) {
                digits[count++] = static_cast<char>('0' + n % 10);
            }
            while (count != 0) text[length++] = digits[--count];
        }
        auto const made = parse_endpoint({text, length});
        if (!made) return false;
        name = *made;
    } while (choose && find(name) != nullptr);
    return true;
}

// ---- listeners ----

TROUPE_COLD inline result<loopback_listener, transport_error>
loopback_network::listen(endpoint const& at, transport_signal signal) noexcept {
    if (!at.scheme().empty() && at.scheme() != loopback_transport::scheme) {
        return transport_error{transport_errc::invalid_address, 0, "the scheme is not loopback"};
    }
    detail::lock_guard const held{mutex_, detail::root_token{}};
    endpoint                 name;
    if (!choose_name(at, name)) {
        return transport_error{transport_errc::invalid_address, 0, "the name is too long"};
    }
    place* const found = find_or_make(name);
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
        signals                  due;
        detail::lock_guard const held{mutex_, detail::root_token{}};
        pair* const              first = at.first_waiting;
        if (first == nullptr) {
            at.listening = false;
            at.signal = {};
            return leave(at);
        }
        // Nobody will have it any more.
        at.first_waiting = first->next_waiting;
        --at.waiting;
        first->ends[1].open = false;
        lose(*first);
        tell_both(*first, due);
        give_back(*first);
    }
}

// ---- how a connection comes and goes ----

TROUPE_COLD inline loopback_network::pair* loopback_network::make_pair(place& at) noexcept {
    pair* p = free_;
    if (p != nullptr) {
        free_ = p->next;
    } else {
        p = new (std::nothrow) pair;
        if (p == nullptr) return nullptr;
        if (!p->streams[0].reserve(options_.buffer) || !p->streams[1].reserve(options_.buffer)) {
            delete p;
            return nullptr;
        }
        p->network = this;
    }
    ++made_;
    for (int side = 0; side < 2; ++side) {
        p->ends[side] = {};
        p->streams[side].restart(options_.seed * 0x9e3779b97f4a7c15u + 2 * made_ +
                                 static_cast<unsigned>(side));
    }
    p->place = &at;
    p->is = pair::phase::connecting;
    p->cut_left = at.faults.cut_after;
    p->cut_counts = at.faults.cut_counts;
    p->next_waiting = nullptr;
    ++at.users;
    p->before = nullptr;
    p->next = pairs_;
    if (pairs_ != nullptr) pairs_->before = p;
    pairs_ = p;
    return p;
}

/// When nobody has either end.
inline void loopback_network::give_back(pair& p) noexcept {
    if (p.ends[0].open || p.ends[1].open) return;
    (p.before != nullptr ? p.before->next : pairs_) = p.next;
    if (p.next != nullptr) p.next->before = p.before;
    leave(*std::exchange(p.place, nullptr));
    p.next = free_;
    free_ = &p;
}

/// The connection is broken for both, at once. Both are told by the caller.
inline void loopback_network::lose(pair& p) noexcept {
    p.is = pair::phase::lost;
    p.why = transport_errc::reset;
    ++counts_.broken;
    for (auto& stream : p.streams) stream.discard();
}

/// It has taken as many bytes as it may; what was taken still arrives. True: both are to be told.
inline bool loopback_network::cut_if_counted(pair& p) noexcept {
    if (p.cut_left != 0 || p.is != pair::phase::open) return false;
    p.is = pair::phase::cut;
    ++counts_.broken;
    return true;
}
inline void loopback_network::tell_both(pair& p, signals& due) noexcept {
    for (auto const& end : p.ends) {
        if (end.open) due.add(end.signal);
    }
}

/// The answer of the other side has come back.
TROUPE_COLD inline void loopback_network::come_about(pair& p, time_point now,
                                                     signals& due) noexcept {
    place& at = *p.place;
    if (p.is != pair::phase::connecting || now < p.ready_at || at.faults.never_connects ||
        at.held_up[0] || at.held_up[1]) {
        return;
    }
    if (!at.listening || at.faults.refuse || at.waiting >= options_.backlog) {
        ++counts_.refused;
        p.is = pair::phase::lost;
        p.why = transport_errc::refused;
        return;
    }
    ++counts_.connections;
    p.is = pair::phase::open;
    p.ends[1].open = true;
    (at.first_waiting != nullptr ? at.last_waiting->next_waiting : at.first_waiting) = &p;
    at.last_waiting = &p;
    ++at.waiting;
    if (std::exchange(at.wants, false)) due.add(at.signal);
    if (cut_if_counted(p)) tell_both(p, due);
}

TROUPE_COLD inline result<loopback_connection, transport_error>
loopback_network::connect(endpoint const& to, transport_signal signal) noexcept {
    if (!to.scheme().empty() && to.scheme() != loopback_transport::scheme) {
        return transport_error{transport_errc::invalid_address, 0, "the scheme is not loopback"};
    }
    if (to.place().empty()) return transport_error{transport_errc::invalid_address, 0, "no name"};
    time_point const         present = now();
    signals                  due;
    detail::lock_guard const held{mutex_, detail::root_token{}};
    place* const             at = find_or_make(to);
    if (at == nullptr) return transport_error{transport_errc::no_resources};
    pair* const p = make_pair(*at);
    if (p == nullptr) {
        ++at->users;
        leave(*at);
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
    come_about(*p, present, due);
    if (p->is == pair::phase::lost) {
        give_back(*p);
        return transport_error{transport_errc::refused};
    }
    p->ends[0].open = true;
    return loopback_connection{*p, 0};
}

inline result<bool, transport_error> loopback_network::establish(pair& p, int side) noexcept {
    time_point const         present = now();
    signals                  due;
    detail::lock_guard const held{mutex_, detail::root_token{}};
    if (side == 0) come_about(p, present, due);
    if (p.is == pair::phase::lost) return transport_error{p.why};
    return p.is != pair::phase::connecting;
}

inline void loopback_network::close(pair& p, int side) noexcept {
    time_point const         present = now();
    signals                  due;
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
    give_back(p);
}

// ---- bytes ----

inline result<std::size_t, transport_error>
loopback_network::send(pair& p, int side, gathered_bytes buffers) noexcept {
    std::size_t all = 0;
    for (auto const& buffer : buffers) all += buffer.size();
    time_point const         present = now();
    signals                  due;
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
        lose(p);
        tell_both(p, due);
        return transport_error{transport_errc::reset};
    }
    bool const  counted = counts_for(p.cut_counts, side);
    std::size_t size = all < out.room() ? all : out.room();
    if (f.send_max < size) size = f.send_max != 0 ? f.send_max : 1;
    if (counted && p.cut_left < size) size = static_cast<std::size_t>(p.cut_left);
    if (size != 0) {
        if (out.chance.happens(f.drop_per_mille)) {
            ++counts_.dropped;
        } else {
            out.write(buffers, size);
            wreck(out, f);
            out.arrives_later(present, f);
            if (p.ends[other].open && p.ends[other].wants_bytes && !at.held_up[side]) {
                p.ends[other].wants_bytes = false;
                due.add(p.ends[other].signal);
            }
        }
        if (counted && p.cut_left != UINT64_MAX) p.cut_left -= size;
    }
    if (cut_if_counted(p)) tell_both(p, due);
    // Where a fault has taken less than there is room for, there is room at once.
    p.ends[side].wants_room = size < all && out.room() == 0;
    if (size < all && out.room() != 0) due.add(p.ends[side].signal);
    return size;
}

/// What breaks the promise of a transport.
inline void loopback_network::wreck(detail::loopback_stream& out,
                                    loopback_faults const&   f) noexcept {
    if (out.chance.happens(f.flip_bit_per_mille)) {
        out.flip_bit();
        ++counts_.flipped;
    }
    if (out.chance.happens(f.reorder_per_mille) && out.reorder()) ++counts_.reordered;
    if (out.chance.happens(f.duplicate_per_mille) && out.duplicate()) ++counts_.duplicated;
}

inline result<std::size_t, transport_error>
loopback_network::receive(pair& p, int side, std::span<std::byte> to) noexcept {
    time_point const         present = now();
    signals                  due;
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

/// The address whose faults are set; null where all are meant.
TROUPE_COLD inline loopback_network::place* loopback_network::own_place(endpoint const& at) {
    if (at.place().empty()) return nullptr;
    place* const found = find_or_make(at);
    if (found == nullptr) {
#if TROUPE_HAS_EXCEPTIONS
        throw std::bad_alloc{};
#else
        std::terminate();
#endif
    }
    found->kept = true;
    return found;
}

TROUPE_COLD inline void loopback_network::faults(loopback_faults const& what, endpoint const& at) {
    {
        detail::lock_guard const held{mutex_, detail::root_token{}};
        place* const             one = own_place(at);
        if (one != nullptr) {
            one->faults = what;
        } else {
            general_ = what;
            for (place* p = places_; p != nullptr; p = p->next) p->faults = what;
        }
        to_be_told(one);
    }
    tell();
}
TROUPE_COLD inline loopback_faults loopback_network::faults(endpoint const& at) const noexcept {
    detail::lock_guard const held{mutex_, detail::root_token{}};
    place const* const       one = find(at);
    return one != nullptr ? one->faults : general_;
}

TROUPE_COLD inline void loopback_network::hold_up(loopback_way way, bool held_up,
                                                  endpoint const& at) {
    {
        detail::lock_guard const held{mutex_, detail::root_token{}};
        place* const             one = own_place(at);
        for (int side = 0; side < 2; ++side) {
            if (!counts_for(way, side)) continue;
            if (one != nullptr) {
                one->held_up[side] = held_up;
                continue;
            }
            held_up_[side] = held_up;
            for (place* p = places_; p != nullptr; p = p->next) p->held_up[side] = held_up;
        }
        to_be_told(one);
    }
    tell();
}
inline void loopback_network::partition(loopback_way way, endpoint const& at) {
    hold_up(way, true, at);
}
inline void loopback_network::heal(endpoint const& at) { hold_up(loopback_way::both, false, at); }

/// Those that may be concerned: null, all of them.
TROUPE_COLD inline void loopback_network::to_be_told(place const* at) noexcept {
    for (pair* p = pairs_; p != nullptr; p = p->next) {
        if (at == nullptr || p->place == at) to_be_told(*p);
    }
}
inline void loopback_network::to_be_told(pair& p) noexcept {
    for (auto& end : p.ends) end.to_be_told = end.open;
}
TROUPE_COLD inline void loopback_network::tell() noexcept {
    for (bool more = true; more;) {
        signals                  due;
        detail::lock_guard const held{mutex_, detail::root_token{}};
        for (pair* p = pairs_; p != nullptr && !due.full(); p = p->next) {
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
        for (pair* p = pairs_; p != nullptr; p = p->next) {
            if (p->is == pair::phase::lost || !is_meant(*p, at)) continue;
            lose(*p);
            to_be_told(*p);
        }
    }
    tell();
}
TROUPE_COLD inline void loopback_network::cut_after(std::uint64_t bytes, loopback_way counted,
                                                    endpoint const& at) noexcept {
    {
        detail::lock_guard const held{mutex_, detail::root_token{}};
        for (pair* p = pairs_; p != nullptr; p = p->next) {
            if (!is_meant(*p, at)) continue;
            p->cut_left = bytes;
            p->cut_counts = counted;
            if (cut_if_counted(*p)) to_be_told(*p);
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
