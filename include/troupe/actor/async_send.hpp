// SPDX-License-Identifier: BSL-1.0
#pragma once

// A send that waits for room instead of going over the bound: `co_await to.async_send<M>(...)` in a
// coroutine handler. The actor is suspended, its worker is not.

#include <coroutine>
#include <type_traits>
#include <utility>

#include "troupe/actor/delivery.hpp"
#include "troupe/actor/task.hpp"

namespace troupe::inline TROUPE_ABI {

/// Made by `ref::async_send`; gives the `send_status` when awaited. The message leaves then.
template <class Message, detail::built Form>
class [[nodiscard("troupe: the message leaves when this is awaited; co_await it")]] pending_send {
public:
    template <class... Arguments>
    pending_send(detail::cell* target, std::uint64_t incarnation, std::in_place_t,
                 Arguments&&... arguments)
        : target_(target),
          incarnation_(incarnation),
          message_(std::forward<Arguments>(arguments)...) {}
    pending_send(pending_send const&) = delete;
    pending_send& operator=(pending_send const&) = delete;
    ~pending_send() { give_up(); }

    class awaiter {
    public:
        explicit awaiter(pending_send& s) noexcept : send_(s) {}
        bool await_ready() const noexcept { return false; }
        template <class Promise>
        bool await_suspend(std::coroutine_handle<Promise> handler) const {
            static_assert(
                detail::awaited_inside_a_task<Promise>,
                "troupe: async_send can be awaited only inside an actor's task; elsewhere "
                "use send, which waits, or try_send");
            return send_.begin(handler, *handler.promise().root);
        }
        send_status await_resume() const noexcept { return send_.status(); }

    private:
        pending_send& send_;
    };
    awaiter operator co_await() & noexcept { return awaiter{*this}; }
    awaiter operator co_await() && noexcept
        requires(Form == detail::built::in_place || !detail::twice_destroyed_when_awaited<Message>)
    {
        return awaiter{*this};
    }
    awaiter operator co_await() && noexcept
        requires(Form == detail::built::outside && detail::twice_destroyed_when_awaited<Message>)
    {
        static_assert(!detail::twice_destroyed_when_awaited<Message>,
                      "troupe: GCC 12 destroys a message twice that is built inside a co_await "
                      "expression; write `co_await to.async_send<Message>(arguments...)`, or name "
                      "what async_send gives and await the name");
        return awaiter{*this};
    }

private:
    bool        begin(std::coroutine_handle<> leaf, detail::fiber& root);
    send_status status() const noexcept {
        // acquire: pairs with the release in core::let_go()
        return record_.state.load(detail::memory_order_acquire) ==
                       detail::wait_record::phase::released
                   ? record_.outcome
                   : status_;
    }
    void give_up() noexcept;

    detail::cell* const target_;
    std::uint64_t const incarnation_;
    Message             message_;
    detail::core*       system_ = nullptr;  // held, once the record stood in a queue
    detail::wait_record record_;
    send_status         status_ = send_status::accepted;
};

/// True when the handler has to wait for room.
template <class Message, detail::built Form>
bool pending_send<Message, Form>::begin(std::coroutine_handle<> leaf, detail::fiber& root) {
    using namespace detail;
    visit const here{target_, incarnation_};
    if (here.refusal() != send_status::accepted) {
        // There is nobody to wait for: as an ordinary send.
        status_ = deliver_by<Message>(target_, incarnation_, send_mode::normal, never,
                                      std::move(message_))
                      .status();
        return false;
    }
    cell&         me = *this_thread.acting();
    core&         home = *here.system();
    worker* const w = here.on();
    node* const   n = build<Message>(home, w, *target_, incarnation_, std::move(message_));
    if (n == nullptr) {
        status_ = count_unbuilt(here, *target_, incarnation_, info_of<Message>);
        return false;
    }
    home.count_sent(w);
    record_.target = target_;
    record_.incarnation = incarnation_;
    record_.system = &home;
    record_.waiter = &me;
    record_.waiter_incarnation = me.incarnation.load(memory_order_relaxed);  // relaxed: our own
    record_.held = n;
    root.leaf = leaf;
    root.room = &record_;
    auto const submit = target_->ops.load(memory_order_acquire)->submit;
    send_mode  mode = send_mode::hold;
    for (;;) {
        submitted const done = submit(*target_, *n, w, mode);
        status_ = done.status();
        if (!done.kept()) break;
        home.hold();  // before it may be let go
        core::waits const wait = home.enlist(&me, record_);
        if (wait == core::waits::enlisted) {
            system_ = &home;
            return true;
        }
        home.release();
        if (wait == core::waits::cycle) {
            // A wait that would close a cycle is let through.
            mode = send_mode::internal;
            worker& mine = *this_thread.on;
            mine.owner.tell_cycle(mine, me, "a send goes over the bound");
        }
    }
    record_.held = nullptr;
    root.leaf = nullptr;
    root.room = nullptr;
    return false;
}

/// The handler ends while it waits: the message is a dead letter.
template <class Message, detail::built Form>
void pending_send<Message, Form>::give_up() noexcept {
    if (system_ == nullptr) return;
    detail::core::withdraw(record_);
    detail::worker* const here = detail::this_thread.on;
    detail::worker* const w = here != nullptr && &here->owner == system_ ? here : nullptr;
    // acquire: as in status()
    if (record_.state.load(detail::memory_order_acquire) != detail::wait_record::phase::released) {
        system_->drop(w, *record_.held, drop_cause::dead);
    }
    if (w != nullptr) system_->tell_wait(record_);
    system_->release();
}

}  // namespace troupe::inline TROUPE_ABI
