// SPDX-License-Identifier: BSL-1.0
#pragma once

// What stands behind a send: the policy of the target's mailbox. Compiled per mailbox.

#include "troupe/actor/delivery.hpp"
#include "troupe/config/hints.hpp"
#include "troupe/mailbox/policies.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// What becomes of a message that is not queued.
template <class Mailbox>
TROUPE_COLD submitted turn_down(core& home, cell& c, node& n, worker* w, send_mode mode,
                                push_outcome outcome) noexcept {
    if (outcome == push_outcome::closed) {
        home.drop(w, n, drop_cause::dead);
        return {send_status::no_target};
    }
    if (mailbox_blocks<Mailbox> && mode != send_mode::attempt) {
        return {send_status::full, false, true};
    }
    bool const told = mailbox_refuses<Mailbox> || mode == send_mode::attempt;
    home.drop(w, n, told ? drop_cause::refused : drop_cause::overflow, &c);
    return {told ? send_status::full : send_status::dropped};
}

/// The message that was pushed out by a newer one.
TROUPE_COLD inline void drop_victim(core& home, cell& c, node& victim, worker* w) noexcept {
    home.drop(w, victim, drop_cause::overflow, &c);
}

/// Queues a message by the policy of the mailbox, for an actor of this worker or its constructor:
/// who goes over the bound is muted when its handler ends. The caller has counted it as sent.
template <class Mailbox>
submitted send_to_busy(cell& c, node& n, worker& w) noexcept {
    // acquire: pairs with the release at birth
    std::uint64_t const incarnation = c.incarnation.load(memory_order_acquire);
    push_result         pushed{push_outcome::closed, false};
    if (incarnation == n.target) [[likely]] {
        pushed = kernel_of<Mailbox>::push(c.box, n, Mailbox::capacity, Mailbox::overflow_type::rule,
                                          c.incarnation);
    }
    if (pushed.outcome == push_outcome::started) {
        w.owner.make_ready(&w, c, sender_token{});
    } else if (pushed.outcome != push_outcome::queued) [[unlikely]] {
        return turn_down<Mailbox>(w.owner, c, n, &w, send_mode::normal, pushed.outcome);
    }
    if (pushed.victim != nullptr) drop_victim(w.owner, c, *pushed.victim, &w);
    if (mailbox_blocks<Mailbox> && pushed.over) [[unlikely]]
        note_over(w, c, incarnation);
    return {send_status::accepted};
}
/// The same, beginning with the two cases that are one: an idle actor is made ready here.
template <class Mailbox>
submitted send(cell& c, node& n, worker& w) noexcept {
    // acquire: pairs with the release at birth
    if (c.incarnation.load(memory_order_acquire) != n.target ||
        !kernel_of<Mailbox>::push_to_idle(c.box, n)) {
        return send_to_busy<Mailbox>(c, n, w);
    }
    w.owner.make_ready(&w, c, sender_token{});
    return {send_status::accepted};
}

/// The same for any thread and in any mode; `w` may be null. The caller sees to it that the sender
/// is muted, or waits.
template <class Mailbox>
submitted submit(cell& c, node& n, worker* w, send_mode mode) noexcept {
    constexpr bool blocks = mailbox_blocks<Mailbox>;
    bool const     waits_elsewhere = mode == send_mode::hold || mode == send_mode::next;
    // relaxed: the caller is inside this system
    core& home = w != nullptr ? w->owner : *c.door.load(memory_order_relaxed)->inside();
    // acquire: pairs with the release at birth
    if (c.incarnation.load(memory_order_acquire) != n.target)
        return turn_down<Mailbox>(home, c, n, w, mode, push_outcome::closed);
    // Who can wait does not overtake those that do. Of one that stops the bit may have stayed
    // behind, for nobody. relaxed: a hint
    constexpr std::uint64_t queue_or_end = control::waiters | control::stopping;
    if (blocks && mode == send_mode::hold &&
        (c.control.load(memory_order_relaxed) & queue_or_end) == control::waiters) {
        return turn_down<Mailbox>(home, c, n, w, mode, push_outcome::full);
    }
    at_capacity const rule = blocks && (waits_elsewhere || mode == send_mode::attempt)
                                 ? at_capacity::refuse
                                 : Mailbox::overflow_type::rule;
    push_result const pushed =
        kernel_of<Mailbox>::push(c.box, n, Mailbox::capacity, rule, c.incarnation);
    if (pushed.outcome == push_outcome::started) {
        home.make_ready(w, c, sender_token{});
    } else if (pushed.outcome != push_outcome::queued) {
        return turn_down<Mailbox>(home, c, n, w, mode, pushed.outcome);
    }
    if (pushed.victim != nullptr) drop_victim(home, c, *pushed.victim, w);
    return {send_status::accepted, blocks && pushed.over};
}

}  // namespace troupe::inline TROUPE_ABI::detail
