// SPDX-License-Identifier: BSL-1.0
#pragma once

// Somebody waits for room in a mailbox: an actor that has sent to it (and is muted), a coroutine
// handler, or a thread outside. They stand in one queue, first in, first out.

#include <cstdint>

#include "troupe/actor/cell.hpp"
#include "troupe/os/parker.hpp"

namespace troupe::inline TROUPE_ABI::detail {

struct wait_record {
    enum class phase : std::uint8_t {
        noted,     // not in the queue yet: acted on when the handler ends
        enlisted,  // in the queue of the target
        released,  // out of it: there is room, or the target is gone
    };

    cell*         target = nullptr;
    std::uint64_t incarnation = 0;       // of the target
    core*         system = nullptr;      // of the target; another one than the waiter's is held
    wait_record*  next_noted = nullptr;  // the waiting actor's own list; its owner
    wait_record*  next TROUPE_GUARDED_BY(rank::waiting::lock) = nullptr;  // in the queue
    // The rest belongs to the one that waits, but while it is enlisted: then rank::waiting guards
    // it, which no attribute can say. `state` may be read by the waiting actor's owner after it was
    // woken.
    cell*         waiter = nullptr;  // the actor to wake, or
    std::uint64_t waiter_incarnation = 0;
    parker*       thread = nullptr;  // the thread to wake
    node*         held = nullptr;    // a message that waits for room; the owner queues it
    atomic<phase> state{phase::noted};
    send_status   outcome = send_status::accepted;  // of `held`
    // Written when it is enlisted, of a system that is measured.
    time_point      since = detail::never;
    cell_ops const* full = nullptr;  // whose mailbox it was
};

/// The queue of waiters of one cell: a ring, so that one pointer is enough.
class wait_queue {
public:
    explicit wait_queue(wait_record*& last) noexcept TROUPE_REQUIRES(rank::waiting::lock)
        : last_(last) {}

    bool empty() const noexcept TROUPE_REQUIRES(rank::waiting::lock) { return last_ == nullptr; }
    void push(wait_record& r) noexcept TROUPE_REQUIRES(rank::waiting::lock) {
        if (last_ == nullptr) {
            r.next = &r;
        } else {
            r.next = last_->next;
            last_->next = &r;
        }
        last_ = &r;
    }
    wait_record* pop() noexcept TROUPE_REQUIRES(rank::waiting::lock) {
        if (last_ == nullptr) return nullptr;
        wait_record* const first = last_->next;
        if (first == last_) last_ = nullptr;
        else last_->next = first->next;
        return first;
    }
    void remove(wait_record& r) noexcept TROUPE_REQUIRES(rank::waiting::lock) {
        wait_record* before = last_;
        if (before == nullptr) return;
        do {
            if (before->next == &r) {
                if (&r == before) last_ = nullptr;
                else {
                    before->next = r.next;
                    if (last_ == &r) last_ = before;
                }
                return;
            }
            before = before->next;
        } while (before != last_);
    }

private:
    wait_record*& last_ TROUPE_GUARDED_BY(rank::waiting::lock);
};

}  // namespace troupe::inline TROUPE_ABI::detail
