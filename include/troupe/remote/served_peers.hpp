// SPDX-License-Identifier: BSL-1.0
#pragma once

// Whose messages come through which inlet: by inlet, for handlers that ask who sends, and by
// reference, so that a reference that connects anew waits for what it has sent before.

#include <cstdint>
#include <string>
#include <string_view>

#include "troupe/actor/any_ref.hpp"
#include "troupe/actor/cell.hpp"
#include "troupe/remote/id_map.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// Whether it has not ended yet.
inline bool lives(any_ref const& who) noexcept {
    cell const* const c = ref_access::cell_of(who);
    // acquire: as everybody who asks
    return c != nullptr && c->incarnation.load(memory_order_acquire) == who.identity();
}

/// Tells actors apart that live at the same time, or whose end is still to be heard of.
inline std::uint64_t number_of(any_ref const& who) noexcept {
    constexpr int address_bits = 42;  // of cells, which are 64 bytes or more
    return (reinterpret_cast<std::uintptr_t>(ref_access::cell_of(who)) >> 6) +
           (who.identity() << address_bits);
}

/// Who is behind an inlet.
struct known_peer {
    any_ref     inlet;
    any_ref     link;
    std::string name;  // who it has proved to be; empty: nobody
    /// Which reference it serves: the number of its node, and its channel there.
    std::uint64_t node = 0;
    std::uint32_t channel = 0;
    bool          retired = false;  // its connection has gone; it still hands on what has come
};

/// A place in the table, which its link owns.
struct served_peer {
    struct by_reference {
        by_reference* next = nullptr;
        std::uint64_t id = 0;
        served_peer*  whole = nullptr;
    };
    served_peer*  next = nullptr;
    std::uint64_t id = 0;
    by_reference  reference;
    known_peer    who;
};

/// One thread at a time. Nothing is allocated but the tables.
class served_peers {
public:
    void add(served_peer& p) noexcept {
        p.id = number_of(p.who.inlet);
        p.reference.id = number_of_reference(p.who.node, p.who.channel);
        p.reference.whole = &p;
        by_inlet_.add(p);
        by_reference_.add(p.reference);
    }
    void remove(served_peer& p) noexcept {
        if (by_inlet_.remove(p)) by_reference_.remove(p.reference);
    }
    /// Null: it is no inlet of this node.
    known_peer const* find(any_ref const& inlet) const noexcept {
        served_peer* const p = by_inlet_.find(
            number_of(inlet), [&](served_peer const& s) { return s.who.inlet == inlet; });
        return p == nullptr ? nullptr : &p->who;
    }
    /// The inlet that serves this reference of the one who is called `name`, other than through
    /// `but` as long as that is connected, and lives; null: there is none. Whoever claims the
    /// number of somebody else's node has to prove the same name.
    known_peer const* earlier(std::uint64_t node, std::uint32_t channel, std::string_view name,
                              any_ref const& but) const noexcept {
        auto const* const r = by_reference_.find(
            number_of_reference(node, channel), [&](served_peer::by_reference const& one) {
                known_peer const& p = one.whole->who;
                return p.node == node && p.channel == channel && p.name == name &&
                       (p.retired || p.link != but) && lives(p.inlet);
            });
        return r == nullptr ? nullptr : &r->whole->who;
    }

private:
    static std::uint64_t number_of_reference(std::uint64_t node, std::uint32_t channel) noexcept {
        return node + channel * 0x9e3779b97f4a7c15u;
    }

    id_map<served_peer>               by_inlet_;
    id_map<served_peer::by_reference> by_reference_;
};

}  // namespace troupe::inline TROUPE_ABI::detail
