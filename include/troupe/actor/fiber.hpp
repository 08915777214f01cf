// SPDX-License-Identifier: BSL-1.0
#pragma once

// A suspended handler: the chain of coroutines from the handler down to the one that waits.

#include <coroutine>

#include "troupe/actor/reply_slot.hpp"
#include "troupe/actor/wait_record.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// Lies in the promise of the outermost coroutine. The owner of the actor only.
struct fiber {
    std::coroutine_handle<> leaf;               // resumed when what it waits for is there
    reply_slot*             reply = nullptr;    // waits for this outcome,
    cell*                   asked = nullptr;    // which this actor owes, or
    wait_record*            room = nullptr;     // for room in a mailbox
    bool                    failed = false;     // without exceptions: an awaited ask has failed
    char const*             failure = nullptr;  // context::fail() was called before it waited
    std::coroutine_handle<> outermost;
    void (*conclude)(cell&, worker&, fiber& ended) noexcept = nullptr;  // gives the result on
    time_point begun = never;  // when its call was, if the log is told of its end

    bool ready() const noexcept {
        if (reply != nullptr) return reply->finished();
        // acquire: pairs with the release in core::let_go()
        if (room != nullptr) {
            return room->state.load(memory_order_acquire) == wait_record::phase::released;
        }
        return true;
    }

    /// Runs until it waits again or the outermost coroutine has ended. A coroutine that ends names
    /// its parent as the next leaf instead of resuming it: the stack stays flat however many
    /// coroutines end one after the other, without symmetric transfer, which not every build does.
    void run() noexcept {
#if !TROUPE_HAS_EXCEPTIONS
        // Nothing can be thrown at the handler: it ends here.
        failed = reply != nullptr && !reply->was_answered();
#endif
        reply = nullptr;
        room = nullptr;
        while (leaf && !failed) {
            std::coroutine_handle<> const next = leaf;
            leaf = nullptr;
            next.resume();
            if (reply != nullptr || room != nullptr) return;
        }
    }
    bool done() const noexcept { return outermost.done(); }

    /// Destroys the chain; every ask in it is given up.
    static void destroy(fiber& f) noexcept { f.outermost.destroy(); }
};

}  // namespace troupe::inline TROUPE_ABI::detail
