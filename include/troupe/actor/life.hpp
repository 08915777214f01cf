// SPDX-License-Identifier: BSL-1.0
#pragma once

// How actors begin, and the tree they stand in. Lists of children are changed by the parent's owner
// only; ended children, reports, and for the root new children come to it through lists that anyone
// may push to.

#include "troupe/actor/annex.hpp"
#include "troupe/actor/asking.hpp"
#include "troupe/actor/fiber.hpp"
#include "troupe/actor/tree.hpp"

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
    // release, also below: a report that sees one of them sees that the actor before has ended
    c->parent.store(nullptr, memory_order_release);
    c->last_child = nullptr;
    c->older = nullptr;
    c->newer = nullptr;
    // `waiters` is null already: begin_stop() has let everybody go. So is `timers`: end() has seen
    // to it, and a system that drains reads it now.
    // relaxed: published by the incarnation
    c->side.store(nullptr, memory_order_relaxed);
    c->wait_edge.store(0, memory_order_relaxed);
    c->ended_children.store(nullptr, memory_order_relaxed);
    c->ops.store(&ops, memory_order_release);
    std::uint64_t const outside = w == nullptr ? control::starting : 0;
    c->control.store((incarnation << control::generation_at) | outside, memory_order_release);
    ops.open(c->box, false);
    // release: whoever reads this incarnation sees the operations that belong to it
    c->incarnation.store(incarnation, memory_order_release);
    return c;
}

/// begin() taken back: the object was not built, nobody knows the actor but a late sender perhaps.
TROUPE_COLD inline void core::undo(worker* w, cell& c, cell const* parent) noexcept {
    cell_ops const&     ops = *c.ops.load(memory_order_relaxed);
    std::uint64_t const number = c.incarnation.load(memory_order_relaxed);  // relaxed: ours
    c.incarnation.store(0, memory_order_release);  // release: pairs with the acquire of senders
    // acq_rel: as in end(); messages of the constructor may have told somebody of it
    std::uint64_t const was = c.control.exchange(0, memory_order_acq_rel);
    node*               letters = ops.close(c.box, c.head);
    while (node* const n = letters) {
        letters = n->next.load(memory_order_relaxed);  // relaxed: the chain is ours
        drop(w, *n, drop_cause::dead);
    }
    if (seat_of(c) != nullptr) supervision_by(*parent).forget_arguments(c);
    forget_mutes(w, c);  // destructors and the constructor may have sent to full mailboxes
    free_name(w, c);
    if ((was & control::watched) != 0) ties()->tell_end(*this, w, c, number, was);
    clear_side(w, c, parent);
    give_block(w, c.body, ops.body_class);
    c.body = nullptr;
    give_cell(w, c);
    actors_.fetch_sub(1, memory_order_acq_rel);
}

/// The copies of the arguments of its spawn go. The thread has the role of the actor.
inline void core::forget_arguments(cell& c) noexcept {
    seat* const s = seat_of(c);
    if (s == nullptr || s->make == nullptr || s->forgotten) return;
    s->forgotten = true;
    s->make->forget(s->arguments());
}

/// The annex of an actor, made if it has none; null: there is no memory. Any thread for which the
/// actor cannot end meanwhile.
TROUPE_COLD inline annex* core::annex_for(worker* w, cell& c) noexcept {
    // acquire: pairs with the exchange below
    annex* found = c.side.load(memory_order_acquire);
    if (found != nullptr) return found;
    void* const memory = take_block(w, size_class_of(sizeof(annex)));
    if (memory == nullptr) return nullptr;
    auto* const fresh = new (memory) annex;
    // release: what was built; acquire: what another has built
    if (c.side.compare_exchange_strong(found, fresh, memory_order_acq_rel, memory_order_acquire)) {
        return fresh;
    }
    fresh->~annex();
    give_block(w, memory, size_class_of(sizeof(annex)));
    return found;
}

/// What the actor has failed with, or ends by: who watches is told; without memory, only that.
/// `bits` say what comes of it.
TROUPE_COLD inline void core::note_failure(worker* w, cell& c, failure const& why,
                                           std::uint64_t bits) noexcept {
    if (annex* const a = annex_for(w, c)) a->why = why;
    // relaxed: the owner reads it before the next message
    c.control.fetch_or(bits, memory_order_relaxed);
}

TROUPE_APART inline bool core::furnish(worker* w, cell& c, rules const* supervisor,
                                       std::size_t arguments) noexcept {
    rules const* const own = strategy_of(c);
    annex* const       a = annex_for(w, c);
    if (a == nullptr) return false;
    if (supervisor != nullptr) {
        std::size_t const  before = bytes_before_arguments(*supervisor);
        std::uint8_t const size_class = size_class_of(before + arguments);
        void* const        memory = take_block(w, size_class);
        if (memory == nullptr) return false;
        auto* const s = new (memory) seat{c};
        s->size_class = size_class;
        s->arguments_at = static_cast<std::uint8_t>(before / arguments_align);
        a->place = s;
    }
    if (own != nullptr) {
        std::size_t const   times = bytes_of_times(*own, counted::per_group);
        std::uint32_t const declared = c.ops.load(memory_order_relaxed)->life->declared;
        std::uint8_t const  size_class =
            size_class_of(sizeof(family) + times + declared * sizeof(declared_child));
        void* const memory = take_block(w, size_class);
        if (memory == nullptr) return false;
        auto* const f = new (memory) family;
        f->size_class = size_class;
        f->declared = reinterpret_cast<declared_child*>(reinterpret_cast<char*>(f + 1) + times);
        for (std::uint32_t i = 0; i < declared; ++i) new (f->declared + i) declared_child;
        a->charge = f;
    }
    return true;
}

/// Of an actor that has ended, or was never started: nobody knows its annex any more.
inline void core::clear_side(worker* w, cell& c, cell const* parent) noexcept {
    annex* const a = c.side.load(memory_order_relaxed);  // relaxed: nobody puts one there any more
    if (a == nullptr) return;
    c.side.store(nullptr, memory_order_relaxed);
    // Who supervises has more to take apart than a name or a failure.
    if (a->place != nullptr && parent != nullptr) supervision_by(*parent).take_apart(*this, w, *a);
    else if (a->charge != nullptr) supervision_by(c).take_apart(*this, w, *a);
    free_annex(w, *a);
}
TROUPE_COLD inline void core::free_annex(worker* w, annex& a) noexcept {
    a.~annex();
    give_block(w, &a, size_class_of(sizeof(annex)));
}
inline void core::take_apart(worker* w, annex& a) noexcept {
    if (family* const f = a.charge) {
        std::uint8_t const size_class = f->size_class;
        f->~family();
        give_block(w, f, size_class);
    }
    if (seat* const s = a.place) {
        std::uint8_t const size_class = s->size_class;
        s->~seat();
        give_block(w, s, size_class);
    }
}

/// Gives a new actor its parent. The owner of the parent links at once; for the root, from any
/// thread, it is put on the adoption list.
TROUPE_APART inline void core::adopt(worker* w, cell& parent, cell& child) noexcept {
    // release: as in begin(); who reads it from outside reads it twice
    child.parent.store(&parent, memory_order_release);
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
    if (family* const f = family_of(parent)) {
        if (f->cursor == &child) {
            f->cursor = f->doing == family::stage::taking_down ? child.older : child.newer;
        }
        if (f->awaited == &child) f->awaited = nullptr;
    }
    clear_side(&w, child, &parent);
    give_cell(&w, child);
}

TROUPE_APART inline void core::take_notices(worker& w, cell& c) noexcept {
    // First the ended ones, then the reports, then the adopted: a child was adopted before it could
    // fail or end, so each that is found in the first two stands in the last, or was linked before;
    // and no report that is found later is of one that is buried below.
    // acquire: pairs with the release in end(), report() and adopt()
    cell*         ended = c.ended_children.exchange(nullptr, memory_order_acquire);
    family* const f = family_of(c);
    seat* const   reports =
        f == nullptr ? nullptr : f->reports.exchange(nullptr, memory_order_acquire);
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
    if (reports != nullptr) supervision_by(c).hear(*this, w, c, *f, reports);
    while (cell* const child = ended) {
        ended = static_cast<cell*>(child->ready_link);
        bury(w, c, *child);
    }
    if (f != nullptr) supervision_by(c).proceed(*this, w, c, *f);
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
    [[maybe_unused]] tree_rules::right const mine{c, right_by::turn};
    role_scope const                         role{&w, &c};
    if (attend(w, c) == attention::go_on) let_rest(w, c);
}

/// Any thread; idempotent; nothing happens when the actor is gone.
TROUPE_APART inline void core::request_stop(worker* w, cell& c,
                                            std::uint64_t incarnation) noexcept {
    wake(w, c, incarnation << control::generation_at, control::stop, root_token{});
}

}  // namespace troupe::inline TROUPE_ABI::detail
