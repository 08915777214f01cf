// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a network in memory consists of: addresses, and connections with two ends; how they come and
// go, what breaks them, and who is to be told. It reads no clock and calls no signal; who has it
// holds the lock of the network.

#include <cstddef>
#include <cstdint>
#include <exception>
#include <new>
#include <string_view>
#include <utility>

#include "troupe/base/endpoint.hpp"
#include "troupe/base/time.hpp"
#include "troupe/config/assert.hpp"
#include "troupe/config/exceptions.hpp"
#include "troupe/port/transport.hpp"
#include "troupe/remote/loopback_faults.hpp"
#include "troupe/remote/loopback_stream.hpp"
#include "troupe/sync/atomic.hpp"
#include "troupe/sync/lock_rank.hpp"

namespace troupe::inline TROUPE_ABI {

class loopback_network;

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

    /// `calls`: of the network, how many have some to call.
    explicit loopback_signals(atomic<unsigned>& calls) noexcept : calls_(calls) {}
    ~loopback_signals() {
        if (size_ == 0) return;
        for (std::size_t i = 0; i < size_; ++i) list_[i]();
        calls_.fetch_sub(1, memory_order_release);  // release: pairs with ~loopback_transport()
    }
    loopback_signals(loopback_signals const&) = delete;
    loopback_signals& operator=(loopback_signals const&) = delete;

    /// Under the lock.
    void add(transport_signal signal) noexcept {
        // relaxed: the lock hands it over to who closes an end and then goes
        if (size_ == 0) calls_.fetch_add(1, memory_order_relaxed);
        list_[size_++] = signal;
    }
    bool full() const noexcept { return size_ == most; }

private:
    atomic<unsigned>& calls_;
    transport_signal  list_[most];
    std::size_t       size_ = 0;
};

/// All functions that are not static are for who holds the lock of the network.
struct loopback_table {
    using place = loopback_place;
    using pair = loopback_pair;
    using signals = loopback_signals;

    loopback_table(loopback_network& whole, loopback_options const& how) noexcept
        : network(whole), options(how) {
        if (options.buffer == 0) options.buffer = 1;
    }
    loopback_table(loopback_table const&) = delete;
    loopback_table& operator=(loopback_table const&) = delete;
    /// Before it goes. Every connection and every listener has gone.
    void clear() noexcept TROUPE_REQUIRES(rank::loopback::lock);

    place* find(endpoint const& name) const noexcept TROUPE_REQUIRES(rank::loopback::lock);
    /// Null: there is no memory.
    place* find_or_make(endpoint const& name) noexcept TROUPE_REQUIRES(rank::loopback::lock);
    place* own_place(endpoint const& at) TROUPE_REQUIRES(rank::loopback::lock);
    void   leave(place& at) noexcept TROUPE_REQUIRES(rank::loopback::lock);
    bool   choose_name(endpoint const& at, endpoint& name) noexcept
        TROUPE_REQUIRES(rank::loopback::lock);

    /// Null: there is no memory.
    pair* make_pair(place& at) noexcept TROUPE_REQUIRES(rank::loopback::lock);
    void  give_back(pair& p) noexcept TROUPE_REQUIRES(rank::loopback::lock);
    void  come_about(pair& p, time_point now, signals& due) noexcept
        TROUPE_REQUIRES(rank::loopback::lock);
    void lose(pair& p) noexcept TROUPE_REQUIRES(rank::loopback::lock);
    bool cut_if_counted(pair& p) noexcept TROUPE_REQUIRES(rank::loopback::lock);
    void wreck(loopback_stream& out, loopback_faults const& f) noexcept
        TROUPE_REQUIRES(rank::loopback::lock);

    void        to_be_told(place const* at) noexcept TROUPE_REQUIRES(rank::loopback::lock);
    static void to_be_told(pair& p) noexcept TROUPE_REQUIRES(rank::loopback::lock);
    static void tell_both(pair& p, signals& due) noexcept TROUPE_REQUIRES(rank::loopback::lock);

    static bool is_meant(pair const& p, endpoint const& at) noexcept {
        return at.place().empty() || p.place->name.place() == at.place();
    }
    static bool counts_for(loopback_way way, int side) noexcept {
        return way == loopback_way::both || (way == loopback_way::to_listener) == (side == 0);
    }

    loopback_network& network;
    loopback_options  options;
    loopback_faults   general{};  // of addresses without their own
    bool              held_up[2] = {false, false};
    loopback_counts   counts{};
    place*            places = nullptr;
    pair*             pairs = nullptr;  // those that somebody has
    pair*             free = nullptr;   // kept for the next ones
    std::uint64_t     made = 0;         // pairs, each time that one is given out
    std::uint64_t     named = 0;        // the last number that was given to an address
};

inline void loopback_table::clear() noexcept {
    TROUPE_ASSERT(pairs == nullptr, "a loopback_network has ended before its connections");
    while (free != nullptr) delete std::exchange(free, free->next);
    while (places != nullptr) {
        TROUPE_ASSERT(!places->listening, "a loopback_network has ended before its listeners");
        delete std::exchange(places, places->next);
    }
}

// ---- addresses ----

TROUPE_COLD inline loopback_place* loopback_table::find(endpoint const& name) const noexcept {
    for (place* p = places; p != nullptr; p = p->next) {
        if (p->name.place() == name.place()) return p;
    }
    return nullptr;
}

TROUPE_COLD inline loopback_place* loopback_table::find_or_make(endpoint const& name) noexcept {
    if (place* const known = find(name)) return known;
    auto* const fresh = new (std::nothrow) place;
    if (fresh == nullptr) return nullptr;
    fresh->name = name;
    fresh->faults = general;
    fresh->held_up[0] = held_up[0];
    fresh->held_up[1] = held_up[1];
    fresh->next = places;
    places = fresh;
    return fresh;
}

/// One user less; the last one takes it away, unless it has faults of its own.
inline void loopback_table::leave(place& at) noexcept {
    if (--at.users != 0 || at.kept) return;
    for (place** p = &places; *p != nullptr; p = &(*p)->next) {
        if (*p != &at) continue;
        *p = at.next;
        delete &at;
        return;
    }
}

/// `name:0` and nothing at all get a number that nobody listens at. False: it is too long.
TROUPE_COLD inline bool loopback_table::choose_name(endpoint const& at, endpoint& name) noexcept {
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
            for (std::uint64_t n = ++named; n != 0; n /= 10) {
                digits[count++] = static_cast<char>('0' + n % 10);
            }
            while (count != 0) text[length++] = digits[--count];
        }
        auto const whole = parse_endpoint({text, length});
        if (!whole) return false;
        name = *whole;
    } while (choose && find(name) != nullptr);
    return true;
}

/// The address whose faults are set; null where all are meant.
TROUPE_COLD inline loopback_place* loopback_table::own_place(endpoint const& at) {
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

// ---- how a connection comes and goes ----

TROUPE_COLD inline loopback_pair* loopback_table::make_pair(place& at) noexcept {
    pair* p = free;
    if (p != nullptr) {
        free = p->next;
    } else {
        p = new (std::nothrow) pair;
        if (p == nullptr) return nullptr;
        if (!p->streams[0].reserve(options.buffer) || !p->streams[1].reserve(options.buffer)) {
            delete p;
            return nullptr;
        }
        p->network = &network;
    }
    ++made;
    for (int side = 0; side < 2; ++side) {
        p->ends[side] = {};
        p->streams[side].restart(options.seed * 0x9e3779b97f4a7c15u + 2 * made +
                                 static_cast<unsigned>(side));
    }
    p->place = &at;
    p->is = pair::phase::connecting;
    p->cut_left = at.faults.cut_after;
    p->cut_counts = at.faults.cut_counts;
    p->next_waiting = nullptr;
    ++at.users;
    p->before = nullptr;
    p->next = pairs;
    if (pairs != nullptr) pairs->before = p;
    pairs = p;
    return p;
}

/// When nobody has either end.
inline void loopback_table::give_back(pair& p) noexcept {
    if (p.ends[0].open || p.ends[1].open) return;
    (p.before != nullptr ? p.before->next : pairs) = p.next;
    if (p.next != nullptr) p.next->before = p.before;
    leave(*std::exchange(p.place, nullptr));
    p.next = free;
    free = &p;
}

/// The connection is broken for both, at once. Both are told by the caller.
inline void loopback_table::lose(pair& p) noexcept {
    p.is = pair::phase::lost;
    p.why = transport_errc::reset;
    ++counts.broken;
    for (auto& stream : p.streams) stream.discard();
}

/// It has taken as many bytes as it may; what was taken still arrives. True: both are to be told.
inline bool loopback_table::cut_if_counted(pair& p) noexcept {
    if (p.cut_left != 0 || p.is != pair::phase::open) return false;
    p.is = pair::phase::cut;
    ++counts.broken;
    return true;
}
inline void loopback_table::tell_both(pair& p, signals& due) noexcept {
    for (auto const& end : p.ends) {
        if (end.open) due.add(end.signal);
    }
}

/// The answer of the other side has come back.
TROUPE_COLD inline void loopback_table::come_about(pair& p, time_point now, signals& due) noexcept {
    place& at = *p.place;
    if (p.is != pair::phase::connecting || now < p.ready_at || at.faults.never_connects ||
        at.held_up[0] || at.held_up[1]) {
        return;
    }
    if (!at.listening || at.faults.refuse || at.waiting >= options.backlog) {
        ++counts.refused;
        p.is = pair::phase::lost;
        p.why = transport_errc::refused;
        return;
    }
    ++counts.connections;
    p.is = pair::phase::open;
    p.ends[1].open = true;
    (at.first_waiting != nullptr ? at.last_waiting->next_waiting : at.first_waiting) = &p;
    at.last_waiting = &p;
    ++at.waiting;
    if (std::exchange(at.wants, false)) due.add(at.signal);
    if (cut_if_counted(p)) tell_both(p, due);
}

/// What breaks the promise of a transport.
inline void loopback_table::wreck(loopback_stream& out, loopback_faults const& f) noexcept {
    if (out.chance.happens(f.flip_bit_per_mille)) {
        out.flip_bit();
        ++counts.flipped;
    }
    if (out.chance.happens(f.reorder_per_mille) && out.reorder()) ++counts.reordered;
    if (out.chance.happens(f.duplicate_per_mille) && out.duplicate()) ++counts.duplicated;
}

/// Those that may be concerned: null, all of them.
TROUPE_COLD inline void loopback_table::to_be_told(place const* at) noexcept {
    for (pair* p = pairs; p != nullptr; p = p->next) {
        if (at == nullptr || p->place == at) to_be_told(*p);
    }
}
inline void loopback_table::to_be_told(pair& p) noexcept {
    for (auto& end : p.ends) end.to_be_told = end.open;
}

}  // namespace detail

}  // namespace troupe::inline TROUPE_ABI
