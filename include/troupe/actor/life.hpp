// SPDX-License-Identifier: BSL-1.0
#pragma once

// How actors begin and end. Stopping is a walk over the tree: an actor that is told to stop closes
// its mailbox, ends its children one after the other, the youngest first, each with all of its own,
// and then itself. Nobody waits and no lock is held: each step is a turn of one actor, and the
// child that has ended gives its parent the next turn.
//
// Lists of children are changed by the parent's owner only; ended children, and for the root new
// ones, come to it through two lists that anyone may push to.

#include "troupe/actor/asking.hpp"
#include "troupe/actor/fiber.hpp"

namespace troupe::inline TROUPE_ABI::detail {

TROUPE_APART inline cell* core::begin(worker* w, cell_ops const& ops, spawn_errc& error) noexcept {
    // acq_rel: counts only
    if (actors_.fetch_add(1, memory_order_acq_rel) >= actors_max_) {
        actors_.fetch_sub(1, memory_order_acq_rel);
        error = spawn_errc::too_many_actors;
        return nullptr;
    }
    void* const body = take_block(w, ops.body_class);
    cell* const c = body == nullptr ? nullptr : take_cell(w);
    if (c == nullptr) {
        if (body != nullptr) give_block(w, body, ops.body_class);
        actors_.fetch_sub(1, memory_order_acq_rel);
        error = spawn_errc::pool_exhausted;
        return nullptr;
    }
    // relaxed: a number, not an order. A generation is never zero, which is a dead cell's.
    std::uint64_t number = 0;
    do number = created_.fetch_add(1, memory_order_relaxed) + 1;
    while (static_cast<std::uint32_t>(number) == 0);
    std::uint64_t const incarnation = (serial_ << serial_shift) | (number & creation_max);
    c->body = body;
    c->self = c;
    c->head = nullptr;
    c->awaiting = nullptr;
    c->muted = nullptr;
    c->unfolded = 0;
    c->full_turns = 0;
    c->sent_to_full_self = 0;
    c->parent = nullptr;
    c->last_child = nullptr;
    c->older = nullptr;
    c->newer = nullptr;
    c->waiters = nullptr;
    // `timers` is null already: end() has seen to it, and a system that drains reads it now.
    c->name = nullptr;
    c->wait_edge.store(0, memory_order_relaxed);  // relaxed: published by the incarnation
    c->ended_children.store(nullptr, memory_order_relaxed);
    c->ops.store(&ops, memory_order_relaxed);
    c->control.store(incarnation << control::generation_at, memory_order_relaxed);
    ops.open(c->box, false);
    // release: whoever reads this incarnation sees the operations that belong to it
    c->incarnation.store(incarnation, memory_order_release);
    return c;
}

/// begin() taken back: the object was not built, nobody knows the actor but a late sender perhaps.
TROUPE_COLD inline void core::undo(worker* w, cell& c) noexcept {
    cell_ops const& ops = *c.ops.load(memory_order_relaxed);
    c.incarnation.store(0, memory_order_release);  // release: pairs with the acquire of senders
    c.control.store(0, memory_order_relaxed);      // relaxed: no request can be on its way
    node* letters = ops.close(c.box, c.head);
    while (node* const n = letters) {
        letters = n->next.load(memory_order_relaxed);  // relaxed: the chain is ours
        drop(w, *n, drop_cause::dead);
    }
    free_name(w, c);
    give_block(w, c.body, ops.body_class);
    c.body = nullptr;
    give_cell(w, c);
    actors_.fetch_sub(1, memory_order_acq_rel);
}

/// Gives a new actor its parent. The owner of the parent links at once; for the root, from any
/// thread, it is put on the adoption list.
TROUPE_APART inline void core::adopt(worker* w, cell& parent, cell& child) noexcept {
    child.parent = &parent;
    if (&parent != root_) {
        link(parent, child);
        return;
    }
    cell* top = adopted_.load(memory_order_relaxed);  // relaxed: the exchange checks it
    do {
        child.newer = top;
        // release: pairs with the acquire in take_notices()
    } while (
        !adopted_.compare_exchange_weak(top, &child, memory_order_release, memory_order_relaxed));
    wake(w, parent, parent.control.load(memory_order_relaxed), control::notice, root_token{});
}

inline void core::begin_birth() noexcept {
    // seq_cst: announce, then look whether the system drains; it drains, then looks here
    births_.fetch_add(1, memory_order_seq_cst);
}
TROUPE_APART inline void core::end_birth() noexcept {
    births_.fetch_sub(1, memory_order_seq_cst);
    // A root that is about to end may wait for this.
    std::uint64_t const state = root_->control.load(memory_order_seq_cst);
    if ((state & control::stopping) != 0 && state >> control::generation_at != 0) {
        wake(nullptr, *root_, state, control::notice, root_token{});
    }
}

inline void core::link(cell& parent, cell& child) noexcept {
    child.older = parent.last_child;
    child.newer = nullptr;
    if (parent.last_child != nullptr) parent.last_child->newer = &child;
    parent.last_child = &child;
}

/// The parent's owner: an ended child leaves the list, and its cell is free.
inline void core::bury(worker& w, cell& parent, cell& child) noexcept {
    if (child.newer != nullptr) child.newer->older = child.older;
    else parent.last_child = child.older;
    if (child.older != nullptr) child.older->newer = child.newer;
    give_cell(&w, child);
}

TROUPE_APART inline void core::take_notices(worker& w, cell& c) noexcept {
    // First the ended ones, then the adopted: a child was adopted before it could end, so each that
    // is found in the first list stands in the second, or was linked before.
    // acquire: pairs with the release in end() and adopt()
    cell* ended = c.ended_children.exchange(nullptr, memory_order_acquire);
    if (&c == root_) {
        cell* adopted = adopted_.exchange(nullptr, memory_order_acquire);
        cell* in_order = nullptr;  // the list is newest first
        while (cell* const child = adopted) {
            adopted = child->newer;
            child->newer = in_order;
            in_order = child;
        }
        while (cell* const child = in_order) {
            in_order = child->newer;
            link(c, *child);
        }
    }
    while (cell* const child = ended) {
        ended = static_cast<cell*>(child->ready_link);
        bury(w, c, *child);
    }
}

/// The owner, when the control word asks for it.
TROUPE_APART inline core::attention core::attend(worker& w, cell& c) noexcept {
    // acq_rel: takes over what was written before the bits were set
    std::uint64_t const bits = c.control.fetch_and(~control::transient, memory_order_acq_rel);
    if ((bits & control::notice) != 0) take_notices(w, c);
    if ((bits & control::stop) != 0 && (bits & control::stopping) == 0) begin_stop(w, c);
    // relaxed: only the owner sets this bit
    if ((c.control.load(memory_order_relaxed) & control::stopping) == 0) return attention::go_on;
    for (;;) {
        bool const unborn = &c == root_ && births() != 0;
        if (c.last_child == nullptr && !unborn) {
            if (&c == root_) take_notices(w, c);  // the last one born
            if (c.last_child == nullptr) {
                end(w, c);
                return attention::ended;
            }
        }
        if (c.last_child != nullptr) stop_next_child(w, c);
        if (park(c)) return attention::parked;
        // acq_rel: as above
        if ((c.control.fetch_and(~control::transient, memory_order_acq_rel) & control::notice) !=
            0) {
            take_notices(w, c);
        }
    }
}

TROUPE_APART inline void core::begin_stop(worker& w, cell& c) noexcept {
    // seq_cst: pairs with core::enlist(), and with end() of a child
    std::uint64_t const was = c.control.fetch_or(control::stopping, memory_order_seq_cst);
    cell_ops const&     ops = *c.ops.load(memory_order_relaxed);
    // release: senders find no target from here on
    c.incarnation.store(0, memory_order_release);
    cancel_all(&w, c);
    forget_mutes(w, c);
    if (fiber* const suspended = c.awaiting) {
        // The frame first, then the message it refers to, which is among the letters below.
        c.awaiting = nullptr;
        suspended->destroy(*suspended);
        w.now.failure = nullptr;  // destructors in the frame may have called fail()
        w.counters.resumed.add(1);
    }
    node* letters = ops.close(c.box, c.head);
    while (node* const n = letters) {
        letters = n->next.load(memory_order_relaxed);  // relaxed: the chain is ours
        drop(&w, *n, drop_cause::dead, ops.actor_name);
    }
    if ((was & control::waiters) != 0) release_all_waiters(w, c);
}

/// Children end in reverse order of their start, one at a time.
inline void core::stop_next_child(worker& w, cell& c) noexcept {
    cell& child = *c.last_child;
    wake(&w, child, child.control.load(memory_order_relaxed), control::stop, root_token{});
}

/// The children are gone, the mailbox is closed: the object goes, and the parent is told.
TROUPE_APART inline void core::end(worker& w, cell& c) noexcept {
    cell_ops const& ops = *c.ops.load(memory_order_relaxed);
    {
        role_scope const role{&w, &c};
        ops.destroy(c.body);
    }
    // Destructors, of the object or in a frame, may have sent to full mailboxes and set timers.
    cancel_all(&w, c);  // whose messages' destructors may send as well
    forget_mutes(w, c);
    give_block(&w, c.body, ops.body_class);
    c.body = nullptr;
    free_name(&w, c);
    cell* const parent = c.parent;
    // release: pairs with the acquire in wake(); no request reaches this actor any more
    c.control.store(0, memory_order_release);
    actors_.fetch_sub(1, memory_order_acq_rel);  // acq_rel: who sees the count sees the end
    if (parent == nullptr) {
        root_ended();  // nobody's actor: it was not counted as spawned
        return;
    }
    count(metric::actors_stopped, 1);
    // An idle parent is run here, for this only: no turn of its own for each child that ends.
    if (parent->ops.load(memory_order_relaxed)->claim(parent->box)) {
        if (parent == root_) take_notices(w, *parent);  // the child may not be linked yet
        bury(w, *parent, c);
        let_rest(w, *parent);
        return;
    }
    cell* top = parent->ended_children.load(memory_order_relaxed);  // relaxed: exchange checks it
    do {
        c.ready_link = top;
        // release: pairs with the acquire in take_notices()
    } while (!parent->ended_children.compare_exchange_weak(top, &c, memory_order_release,
                                                           memory_order_relaxed));
    // The parent cannot end before it has buried this child.
    wake(&w, *parent, parent->control.load(memory_order_relaxed), control::notice, root_token{});
}

/// The owner of an actor that has nothing to do but what may have come meanwhile.
TROUPE_APART inline void core::let_rest(worker& w, cell& c) noexcept {
    cell_ops const&         ops = *c.ops.load(memory_order_relaxed);
    constexpr std::uint64_t reasons = control::transient | control::waiters;
    // seq_cst: pairs with wake() and enlist(), which set a bit and then look
    bool const rests = ops.try_idle(c.box) &&
                       ((c.control.load(memory_order_seq_cst) & reasons) == 0 || !ops.claim(c.box));
    if (!rests) make_ready(&w, c, root_token{});
}

/// A turn of the root, which is sent no messages.
inline void core::run_root(worker& w, cell& c) noexcept {
    role_scope const role{&w, &c};
    if (attend(w, c) == attention::go_on) let_rest(w, c);
}

/// Any thread; idempotent; nothing happens when the actor is gone.
TROUPE_APART inline void core::request_stop(worker* w, cell& c,
                                            std::uint64_t incarnation) noexcept {
    wake(w, c, incarnation << control::generation_at, control::stop, root_token{});
}

/// A handler failed.
TROUPE_COLD inline void core::fail(worker& w, cell& c, std::string_view message,
                                   std::string_view what, bool stops) noexcept {
    w.counters.failed.add(1);
    cell_ops const& ops = *c.ops.load(memory_order_relaxed);
    log({log_level::error, "actor failed", ops.actor_name, message, what, own_name(c)});
    // relaxed: the owner reads it before the next message
    if (stops) c.control.fetch_or(control::stop, memory_order_relaxed);
}

}  // namespace troupe::inline TROUPE_ABI::detail
