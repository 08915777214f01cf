// SPDX-License-Identifier: BSL-1.0
#pragma once

// Blocks, cells and the end of a message. Workers use their own magazines; all other threads share
// one set behind a lock. No message is built or destroyed under that lock: it is user code.

#include <new>

#include "troupe/actor/core.hpp"
#include "troupe/config/assert.hpp"
#include "troupe/config/hints.hpp"

namespace troupe::inline TROUPE_ABI::detail {

TROUPE_COLD inline core::core(block_source& source, std::uint64_t actors_max, bool measured,
                              std::uint64_t seed, std::uint8_t log_floor)
    : depot_(source),
      actors_max_(actors_max),
      measured_(measured),
      log_floor_(log_floor),
      door_(all_gates.take(serial_, root_token{})),
      foreign_(*this, door_, depot_, -1),
      chance_(seed) {
    add_worker(foreign_);
}

/// Source: G. Steele, D. Lea, C. Flood, "Fast Splittable Pseudorandom Number Generators" (2014),
/// SplitMix64.
TROUPE_COLD inline std::uint64_t core::chance() noexcept {
    constexpr std::uint64_t gamma = 0x9e3779b97f4a7c15;
    // relaxed: a number
    std::uint64_t z = chance_.fetch_add(gamma, memory_order_relaxed) + gamma;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

/// Of a thread that is no worker.
TROUPE_COLD inline void* core::take_block(std::uint8_t size_class) noexcept {
    lock_guard const held{foreign_mutex_, root_token{}};
    return foreign_.rack.take(size_class, held);
}

TROUPE_COLD inline void core::give_block(void* block, std::uint8_t size_class) noexcept {
    lock_guard const held{foreign_mutex_, root_token{}};
    foreign_.rack.give(block, size_class, held);
}

inline void core::count_sent(worker* w) noexcept {
    if (w != nullptr) {
        w->counters.sent.add(1);
    } else {
        sent_outside_.fetch_add(1, memory_order_relaxed);  // relaxed: a number
    }
}

TROUPE_COLD inline void core::note_depth(worker* w, std::uint32_t depth) noexcept {
    if (w != nullptr) return w->counters.deepest.raise(depth);
    std::uint32_t most = deepest_outside_.load(memory_order_relaxed);  // relaxed: a number
    while (depth > most && !deepest_outside_.compare_exchange_weak(
                               most, depth, memory_order_relaxed, memory_order_relaxed)) {}
}

TROUPE_COLD inline void core::give_node(worker* w, node& n) noexcept {
    message_info const& info = *n.info;
    n.~node();
    give_block(w, block_of(n, info), info.size_class);
}

inline void core::dispose(worker* w, node& n) noexcept {
    message_info const& info = *n.info;
    if (info.destroy != nullptr) info.destroy(n.message());
    n.~node();
    give_block(w, block_of(n, info), info.size_class);
}

/// The type of an actor, for what is told of its messages; empty when it is gone.
inline std::string_view name_of_target(cell const& c, std::uint64_t incarnation) noexcept {
    // acquire: what was written at birth; a name lives as long as the program
    cell_ops const* const ops = c.ops.load(memory_order_acquire);
    bool const            lives = c.incarnation.load(memory_order_acquire) == incarnation;
    return lives ? ops->actor_name : std::string_view{};
}

TROUPE_APART inline void core::drop_unbuilt(worker* w, message_info const& info,
                                            std::uint64_t target, drop_cause cause,
                                            cell const* at) noexcept {
    auto const index = static_cast<std::size_t>(cause);
    if (w != nullptr) {
        w->counters.dropped[index].add(1);
    } else {
        lock_guard const held{foreign_mutex_, root_token{}};
        foreign_.counters.dropped[index].add(1);
    }
    // It is no dead letter: its actor has it, or who has ended needs it no more.
    if (cause == drop_cause::handed_back || (cause == drop_cause::dead && info.internal)) return;
    std::string_view const actor = at == nullptr ? std::string_view{} : name_of_target(*at, target);
    std::uint64_t const seen = dead_letters_.add({cause, info.name, target, actor}, root_token{});
    if (seen == 0) return;
    tell(log_event::dead_letter, {.who = actor.empty() ? nullptr : at,
                                  .incarnation = target,
                                  .actor = actor,
                                  .message = info.name,
                                  .detail = to_string(cause),
                                  .fields = {{"seen", seen}}});
}

/// What the asker of a dropped message gets.
constexpr ask_errc error_of(drop_cause cause) noexcept {
    switch (cause) {
        case drop_cause::dead:
        case drop_cause::handed_back: return ask_errc::target_gone;
        case drop_cause::pool: return ask_errc::pool_exhausted;
        case drop_cause::restarted: return ask_errc::restarted;
        case drop_cause::refused:
        case drop_cause::overflow: break;
    }
    return ask_errc::refused;
}

TROUPE_APART inline void core::drop(worker* w, node& n, drop_cause cause, cell const* at) noexcept {
    drop_unbuilt(w, *n.info, n.target, cause, at);
    if (reply_slot* const slot = n.reply) {
        n.reply = nullptr;
        finish(w, *slot, reply_slot::error(error_of(cause)));
    }
    dispose(w, n);
}

TROUPE_APART inline cell* core::take_cell(worker* w) noexcept {
    if (w != nullptr && w->free_cells != nullptr) {
        cell* const c = w->free_cells;
        w->free_cells = static_cast<cell*>(c->ready_link);
        --w->free_cell_count;
        return c;
    }
    lock_guard const held{cells_mutex_, root_token{}};
    if (free_cells_ == nullptr && !add_cell_page(held)) return nullptr;
    cell* const c = free_cells_;
    free_cells_ = static_cast<cell*>(c->ready_link);
    // A worker takes some more with it, so that the lock is not taken for each.
    for (int i = 0; w != nullptr && i < 32 && free_cells_ != nullptr; ++i) {
        cell* const more = free_cells_;
        free_cells_ = static_cast<cell*>(more->ready_link);
        more->ready_link = w->free_cells;
        w->free_cells = more;
        ++w->free_cell_count;
    }
    return c;
}

TROUPE_APART inline void core::give_cell(worker* w, cell& c) noexcept {
    if (w != nullptr && w->free_cell_count < 64) {
        c.ready_link = w->free_cells;
        w->free_cells = &c;
        ++w->free_cell_count;
        return;
    }
    lock_guard const held{cells_mutex_, root_token{}};
    c.ready_link = free_cells_;
    free_cells_ = &c;
    for (int i = 0; w != nullptr && i < 32; ++i) {
        cell* const more = w->free_cells;
        w->free_cells = static_cast<cell*>(more->ready_link);
        --w->free_cell_count;
        more->ready_link = free_cells_;
        free_cells_ = more;
    }
}

/// The operations of a cell that no actor of this system has had yet: a worker may hold a reference
/// from an earlier system that used the same page.
TROUPE_COLD inline submitted refuse_sent(cell&, node& n, worker& w) noexcept {
    w.owner.drop(&w, n, drop_cause::dead);
    return {send_status::no_target};
}
TROUPE_COLD inline submitted refuse_submitted(cell& c, node& n, worker* w, send_mode) noexcept {
    // relaxed: the caller is inside this system
    core& home = w != nullptr ? w->owner : *c.door.load(memory_order_relaxed)->inside();
    home.drop(w, n, drop_cause::dead);
    return {send_status::no_target};
}
inline constexpr cell_ops ops_of_nobody = {&refuse_sent, &refuse_submitted};

template <class Token>
TROUPE_COLD bool core::add_cell_page(Token const& token) noexcept {
    page* const fresh = cell_pages.take(token);
    if (fresh == nullptr) return false;
    fresh->next = pages_;
    pages_ = fresh;
    auto* const cells = reinterpret_cast<cell*>(fresh->memory);
    for (std::size_t i = 0; i < cells_per_page; ++i) {
        // Built once: threads with references from an earlier system may be reading.
        if (!fresh->constructed) new (cells + i) cell;
        cell* const c = cells + i;
        c->ops.store(&ops_of_nobody, memory_order_relaxed);  // relaxed: published by the door
        // release: pairs with the acquire of senders, who compare the incarnation first
        c->door.store(door_, memory_order_release);
        c->ready_link = free_cells_;
        free_cells_ = c;
    }
    fresh->constructed = true;
    return true;
}

/// Everything is over: the pages go back. Every cell in them is dead.
TROUPE_COLD inline void core::free_memory() noexcept {
    root_token const token;
    while (message_timer* const t = free_timers_) {
        free_timers_ = t->newer;
        t->~message_timer();
        foreign_.rack.give(t, size_class_of(sizeof(message_timer)), token);
    }
    while (page* const p = pages_) {
        pages_ = p->next;
        cell_pages.give(p, token);
    }
    for (worker* w = workers_; w != nullptr; w = w->next) w->rack.flush(token);
}

TROUPE_APART inline bool core::wake(worker* w, cell& c, std::uint64_t generation,
                                    std::uint64_t bits, ready_token token) noexcept {
    std::uint64_t old = c.control.load(memory_order_relaxed);  // relaxed: the exchange checks it
    std::uint64_t next = 0;
    do {
        if (((old ^ generation) >> control::generation_at) != 0) return false;
        // One that is parked looks at what it waits for anyway, when it runs.
        next = (old & control::parked) == 0 ? old | bits
                                            : (old | (bits & ~control::resume)) & ~control::parked;
        // seq_cst: the owner goes idle and then reads this word (claim); acquire: takes over what
        // the owner wrote before it parked
    } while (
        !c.control.compare_exchange_weak(old, next, memory_order_seq_cst, memory_order_relaxed));
    // relaxed: the operations of a living actor do not change; those of its successor do as well
    if ((old & control::parked) != 0 || c.ops.load(memory_order_relaxed)->claim(c.box)) {
        make_ready(w, c, token);
    }
    return true;
}

inline bool core::park(cell& c) noexcept {
    std::uint64_t old = c.control.load(memory_order_relaxed);  // relaxed: the exchange checks it
    do {
        if ((old & control::transient) != 0) return false;
        // release: hands the actor's state to the one that wakes it
    } while (!c.control.compare_exchange_weak(old, old | control::parked, memory_order_seq_cst,
                                              memory_order_relaxed));
    return true;
}

TROUPE_COLD inline accounting core::books() noexcept {
    accounting sum;
    for (worker* w = workers_; w != nullptr; w = w->next) {
        w->counters.add_to(sum);
        sum.blocks += static_cast<std::uint64_t>(w->rack.out());
        sum.pool_misses += w->rack.misses();
    }
    sum.sent += sent_outside_.load(memory_order_relaxed);  // relaxed: a number
    // The root is nobody's actor. relaxed: as above
    std::uint64_t const alive = actors_.load(memory_order_relaxed);
    sum.actors = alive == 0 ? 0 : alive - 1;
    {
        lock_guard const held{timers_mutex_, root_token{}};
        sum.timers = wheel_.size();
        sum.blocks -= timers_made_;  // kept for the next timers
    }
    {
        lock_guard const held{waiting_mutex_, root_token{}};
        sum.queued += messages_waiting_;
    }
    lock_guard const held{cells_mutex_, root_token{}};
    for (page* p = pages_; p != nullptr; p = p->next) {
        auto* const cells = reinterpret_cast<cell*>(p->memory);
        for (std::size_t i = 0; i < cells_per_page; ++i) {
            // acquire: pairs with the release at birth, so that `ops` is this actor's
            if (cells[i].incarnation.load(memory_order_acquire) == 0) continue;
            sum.queued += cells[i].ops.load(memory_order_relaxed)->depth(cells[i].box);
        }
    }
    return sum;
}

TROUPE_COLD inline void core::look(system_snapshot& seen) noexcept {
    seen.books = books();
    for (std::size_t i = 0; i < drop_causes; ++i) {
        seen.dead_letters[i] = dead_letters_.seen_of(static_cast<drop_cause>(i), root_token{});
    }
    seen.mailbox_high_water = deepest_outside_.load(memory_order_relaxed);  // relaxed: a number
    for (std::size_t i = 0; i < ask_outcomes; ++i) {
        seen.asks[i] = asks_outside_[i].load(memory_order_relaxed);  // relaxed: as above
    }
    for (worker* w = workers_; w != nullptr; w = w->next) {
        for (std::size_t i = 0; i < ask_outcomes; ++i) seen.asks[i] += w->counters.asks[i].get();
        std::uint64_t const deepest = w->counters.deepest.get();
        if (deepest > seen.mailbox_high_water) seen.mailbox_high_water = deepest;
    }
    lock_guard const held{waiting_mutex_, root_token{}};
    seen.sender_waits = waits_begun_;
}

}  // namespace troupe::inline TROUPE_ABI::detail
