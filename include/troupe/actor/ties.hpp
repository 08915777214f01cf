// SPDX-License-Identifier: BSL-1.0
#pragma once

// Who watches whom, and who is linked to whom, as data: records in pool blocks that hang in lists
// and tables of the annexes. What is done with them: watching.hpp, linking.hpp, termination.hpp.
//
//     annex::watchers --> who is told of my end       watch_node, end_node
//     annex::ties     --> whom I watch, and my links  watch_node, link_side; found by whom and kind
//     annex::arrived  --> of these, what has come
//
// All of it is guarded by rank::watches of the system whose actor it hangs on. A record that hangs
// in two places, perhaps of two systems, is held by both; the last that lets go gives it back.

#include <cstdint>

#include "troupe/actor/annex.hpp"
#include "troupe/actor/cell.hpp"
#include "troupe/actor/terminated.hpp"

namespace troupe::inline TROUPE_ABI::detail {

enum class tie_kind : std::uint8_t { watch, link, end };

/// What hangs in a list of watchers, or among what has arrived.
struct watcher {
    explicit watcher(tie_kind kind) noexcept : what(kind) {}

    watcher*       older = nullptr;  // where it hangs, or with who has taken it out
    watcher*       newer = nullptr;
    tie_kind const what;
    // In a list of watchers: by the lock of the target's system; the others: by the watcher's.
    bool                 linked TROUPE_GUARDED_BY(rank::watches::lock) = false;
    bool                 in_table TROUPE_GUARDED_BY(rank::watches::lock) = false;
    bool                 arrived TROUPE_GUARDED_BY(rank::watches::lock) = false;
    ended_by             how = ended_by::unknown;
    atomic<std::uint8_t> holders{1};
};

/// What stands in a table, under whom it is about.
struct tie : watcher {
    tie(tie_kind kind, cell* to, std::uint64_t of) noexcept
        : watcher(kind), whom(to), incarnation(of) {}

    tie*                next = nullptr;  // in the table
    cell* const         whom;
    std::uint64_t const incarnation;  // differs for all actors of the process
};

/// One actor watches another: in the table of the one and in the list of the other. Memory of the
/// watcher's system.
struct watch_node : tie {
    watch_node(cell& watching, std::uint64_t number, cell* target, std::uint64_t of,
               signal_call call) noexcept
        : tie(tie_kind::watch, target, of), me(watching), my_incarnation(number), on(call) {}

    cell&               me;
    std::uint64_t const my_incarnation;
    signal_call const   on;
    char const*         actor = nullptr;  // its type, when it has ended
    failure             why;
    std::uint32_t       actor_length = 0;
    bool                far = false;      // of two systems: it holds the memory of both
    bool                reached = false;  // the system of the target was still there
};

struct link_node;
struct link_side : tie {
    link_side(cell* to, std::uint64_t of, link_node& all) noexcept
        : tie(tie_kind::link, to, of), whole(all) {}
    link_node& whole;
};
/// Two actors end together when one of them fails: in the tables of both. Memory of the system of
/// the one that has asked for it, who is `whom` of the second side.
struct link_node {
    link_node(cell& asking, std::uint64_t number, cell* other, std::uint64_t of) noexcept
        : mine(other, of, *this), theirs(&asking, number, *this) {}

    link_side mine;
    link_side theirs;
    failure   why;
    bool      far = false;      // as of a watch
    bool      reached = false;  // it stands in both tables, or stood there

    atomic<std::uint8_t>& holders() noexcept { return mine.holders; }
    link_side&            other(link_side const& s) noexcept { return &s == &mine ? theirs : mine; }
};

/// Somebody waits for the end: behind a reply slot, in memory of the target's system.
struct end_node : watcher {
    end_node(reply_slot& where, cell& whom) noexcept
        : watcher(tie_kind::end), slot(where), target(whom) {}
    reply_slot& slot;
    cell&       target;
};

#if !defined(TROUPE_MODEL)
static_assert(size_class_of(sizeof(watch_node)) == size_class_of(96));
#endif

/// The list of watchers of one actor: the newest first.
class watcher_list {
public:
    explicit watcher_list(watcher*& first) noexcept TROUPE_REQUIRES(rank::watches::lock)
        : first_(first) {}

    void push(watcher& w) noexcept TROUPE_REQUIRES(rank::watches::lock) {
        w.newer = nullptr;
        w.older = first_;
        if (first_ != nullptr) first_->newer = &w;
        first_ = &w;
        w.linked = true;
    }
    void remove(watcher& w) noexcept TROUPE_REQUIRES(rank::watches::lock) {
        if (w.newer != nullptr) w.newer->older = w.older;
        else first_ = w.older;
        if (w.older != nullptr) w.older->newer = w.newer;
        w.linked = false;
    }

private:
    watcher*& first_ TROUPE_GUARDED_BY(rank::watches::lock);
};

/// What has arrived for one actor: a ring, so that one pointer is enough for first in, first out.
/// Links go first: they are not kept waiting by a handler.
class arrivals {
public:
    explicit arrivals(atomic<tie*>& last) noexcept : last_(last) {}

    // relaxed, here and below: under the lock. release: the owner looks without it whether there is
    // something, see has_arrivals()
    tie* first() const noexcept TROUPE_REQUIRES(rank::watches::lock) {
        tie* const last = last_.load(memory_order_relaxed);
        return last == nullptr ? nullptr : static_cast<tie*>(last->newer);
    }
    void push(tie& t) noexcept TROUPE_REQUIRES(rank::watches::lock) {
        tie* const last = last_.load(memory_order_relaxed);
        if (last == nullptr) {
            t.older = t.newer = &t;
        } else {
            t.older = last;
            t.newer = last->newer;
            t.newer->older = &t;
            last->newer = &t;
        }
        if (last == nullptr || t.what != tie_kind::link) last_.store(&t, memory_order_release);
        t.arrived = true;
    }
    void remove(tie& t) noexcept TROUPE_REQUIRES(rank::watches::lock) {
        tie* const before = t.newer == &t ? nullptr : static_cast<tie*>(t.older);
        t.older->newer = t.newer;
        t.newer->older = t.older;
        if (last_.load(memory_order_relaxed) == &t) last_.store(before, memory_order_relaxed);
        t.arrived = false;
    }

private:
    atomic<tie*>& last_;
};

/// Whom an actor is tied to. Four times as large when it is full, up to the largest block; beyond
/// that chains become longer.
class tie_table {
public:
    static constexpr std::uint32_t heads_min = 3;  // fills the smallest block
    static constexpr std::uint32_t heads_max = 4095;

    explicit tie_table(std::uint32_t heads) noexcept : heads_(heads) {
        for (std::uint32_t i = 0; i < heads; ++i) chains()[i] = nullptr;
    }
    static std::uint8_t size_class(std::uint32_t heads) noexcept {
        return size_class_of(sizeof(tie_table) + heads * sizeof(tie*));
    }
    std::uint8_t  size_class() const noexcept { return size_class(heads_); }
    std::uint32_t heads() const noexcept { return heads_; }
    bool          empty() const noexcept TROUPE_REQUIRES(rank::watches::lock) { return size_ == 0; }
    /// How many heads would be right; more than there are: it should grow.
    std::uint32_t heads_wanted() const noexcept TROUPE_REQUIRES(rank::watches::lock) {
        return size_ < heads_ || heads_ == heads_max ? heads_ : heads_ * 4 + 3;
    }

    tie* find(std::uint64_t incarnation, tie_kind what) const noexcept
        TROUPE_REQUIRES(rank::watches::lock) {
        tie* t = chains()[place(incarnation)];
        while (t != nullptr && (t->incarnation != incarnation || t->what != what)) t = t->next;
        return t;
    }
    void insert(tie& t) noexcept TROUPE_REQUIRES(rank::watches::lock) {
        tie*& chain = chains()[place(t.incarnation)];
        t.next = chain;
        chain = &t;
        t.in_table = true;
        ++size_;
    }
    void remove(tie& t) noexcept TROUPE_REQUIRES(rank::watches::lock) {
        tie** at = &chains()[place(t.incarnation)];
        while (*at != &t) at = &(*at)->next;
        *at = t.next;
        t.in_table = false;
        --size_;
    }
    /// The first in a chain, from `head` on, that is of this kind, or of any; `head` moves on.
    tie* next(std::uint32_t& head, bool links_too) const noexcept
        TROUPE_REQUIRES(rank::watches::lock) {
        for (; head < heads_; ++head) {
            for (tie* t = chains()[head]; t != nullptr; t = t->next) {
                if (links_too || t->what == tie_kind::watch) return t;
            }
        }
        return nullptr;
    }
    void take_all(tie_table& from) noexcept TROUPE_REQUIRES(rank::watches::lock) {
        std::uint32_t head = 0;
        while (tie* const t = from.next(head, true)) {
            from.remove(*t);
            insert(*t);
        }
    }

private:
    tie**       chains() noexcept { return reinterpret_cast<tie**>(this + 1); }
    tie* const* chains() const noexcept { return reinterpret_cast<tie* const*>(this + 1); }
    /// Source: D. Knuth, "The Art of Computer Programming", volume 3, 6.4: multiplicative hashing.
    std::uint32_t place(std::uint64_t incarnation) const noexcept {
        return static_cast<std::uint32_t>((incarnation * 0x9e3779b97f4a7c15) >> 32) % heads_;
    }

    std::uint32_t const heads_;
    std::uint32_t       size_ TROUPE_GUARDED_BY(rank::watches::lock) = 0;
};
static_assert(sizeof(tie_table) == 8);

}  // namespace troupe::inline TROUPE_ABI::detail
