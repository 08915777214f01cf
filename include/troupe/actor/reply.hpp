// SPDX-License-Identifier: BSL-1.0
#pragma once

// The promise to answer, taken out of a handler: `void on(withdraw, reply<bool>)`.

#include <exception>
#include <type_traits>
#include <utility>

#include "troupe/actor/delivery.hpp"

namespace troupe::inline TROUPE_ABI {
namespace detail {

struct reply_access;

/// Writes a value into a slot and finishes it. A value that nobody wants is destroyed again.
template <class Reply, class... Value>
void answer(core& home, worker* w, reply_slot& slot, Value&&... value) {
    if constexpr (!std::is_void_v<Reply>) {
        new (slot.value()) Reply(std::forward<Value>(value)...);
    }
    home.finish(w, slot, reply_slot::answered);
}

/// As answer, for a handler that threw.
inline void answer_failed(core& home, worker* w, reply_slot& slot,
                          std::exception_ptr thrown) noexcept {
    new (slot.value()) std::exception_ptr(std::move(thrown));
    home.finish(w, slot, reply_slot::error(ask_errc::failed));
}

}  // namespace detail

/// Answers one ask, later and from anywhere: it may be stored, moved to another actor, or to
/// another thread. Destroyed without an answer the ask ends as `abandoned`. For a message that was
/// sent, not asked, it is empty and an answer goes nowhere. Answering does not wait; allocates
/// nothing.
template <class Reply>
class reply {
public:
    reply(reply&& other) noexcept
        : slot_(std::exchange(other.slot_, nullptr)), system_(other.system_) {}
    reply& operator=(reply&& other) noexcept {
        std::swap(slot_, other.slot_);
        std::swap(system_, other.system_);
        return *this;
    }
    ~reply() {
        settle([](detail::core& home, detail::worker* w, detail::reply_slot& slot) {
            home.finish(w, slot, detail::reply_slot::error(ask_errc::abandoned));
        });
    }

    /// Answers; a second answer does nothing.
    template <class... Value>
    void operator()(Value&&... value) {
        static_assert(std::is_void_v<Reply> ? sizeof...(Value) == 0
                                            : std::is_constructible_v<Reply, Value...>,
                      "troupe: the reply cannot be built from these arguments");
        settle([&](detail::core& home, detail::worker* w, detail::reply_slot& slot) {
            detail::answer<Reply>(home, w, slot, std::forward<Value>(value)...);
        });
    }

    /// Whether somebody has asked and was not answered by this yet.
    explicit operator bool() const noexcept { return slot_ != nullptr; }

private:
    friend struct detail::reply_access;
    reply(detail::reply_slot* slot, detail::core& home) noexcept : slot_(slot), system_(&home) {
        if (slot_ != nullptr) system_->hold();
    }

    // The slot is memory of the asked system, which is held for it: the answer arrives even when
    // the system has ended meanwhile. What `act` throws (the value cannot be built) goes to the
    // caller, and the reply is still to be given.
    template <class Act>
    void settle(Act const& act) {
        if (slot_ == nullptr) return;
        detail::worker* const w = detail::this_thread.on;
        act(*system_, w != nullptr && &w->owner == system_ ? w : nullptr, *slot_);
        slot_ = nullptr;
        system_->release();
    }

    detail::reply_slot* slot_;
    detail::core*       system_;
};

namespace detail {

struct reply_access {
    /// The slot goes on with another message.
    template <class Reply>
    static reply_slot* give(reply<Reply>&& r) noexcept {
        if (r.slot_ != nullptr) r.system_->release();  // it is in a mailbox, or in a handler again
        return std::exchange(r.slot_, nullptr);
    }
    template <class Reply>
    static void refuse(reply<Reply>&& r, ask_errc why) noexcept {
        r.settle([why](core& home, worker* w, reply_slot& slot) {
            home.finish(w, slot, reply_slot::error(why));
        });
    }
    /// Takes the reply away from the message: from now on it is late.
    template <class Reply>
    static reply<Reply> take(cell& c, node& n) noexcept {
        reply_slot* const slot = n.reply;
        n.reply = nullptr;
        if (slot != nullptr) {
            // The asker's wait does not depend on this actor's progress alone any more: no cycle
            // can be proved through it.
            // seq_cst: pairs with asked::suspend(), which announces the asker and then looks here
            slot->deferred.store(true, memory_order_seq_cst);
            if ((slot->state.load(memory_order_seq_cst) & reply_slot::asker_waits) != 0 &&
                slot->asker != nullptr) {
                core::drop_edge(*slot, c);
            }
        }
        return {slot, *c.door.load(memory_order_relaxed)->inside()};  // relaxed: our own
    }
};

}  // namespace detail
}  // namespace troupe::inline TROUPE_ABI
