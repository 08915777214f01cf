// SPDX-License-Identifier: BSL-1.0
#pragma once

// An ask on its way: made by `ref::ask`, sent by `get`, `result`, `co_await` or `start`.
// More: docs/design/0005-asks.md

#include <coroutine>
#include <cstdint>
#include <exception>
#include <new>
#include <string_view>
#include <type_traits>
#include <utility>

#include "troupe/actor/delivery.hpp"
#include "troupe/actor/task.hpp"
#include "troupe/base/result.hpp"

namespace troupe::inline TROUPE_ABI {
namespace detail {

template <class Value>
void destroy_value(void* value) noexcept {
    static_cast<Value*>(value)->~Value();
}

template <class Reply>
inline constexpr std::uint8_t slot_class_for = slot_class(sizeof(Reply));
template <>
inline constexpr std::uint8_t slot_class_for<void> = slot_class(0);

template <class Reply>
inline constexpr bool reply_fits_a_block = slot_class_for<Reply> != no_size_class;
template <class Reply>
inline constexpr bool reply_aligns = block_aligns<Reply>;
template <>
inline constexpr bool reply_aligns<void> = true;

/// What the rest of an ask must know of its message and its reply.
struct ask_kind {
    message_info const* info;
    message_info const* with_envelope;
    std::uint8_t        slot_class;
    void (*destroy_reply)(void* value) noexcept;  // null: nothing to do
    void (*move)(void* to, void* message);        // may throw
};

template <class Message>
void move_message(void* to, void* message) {
    new (to) Message(static_cast<Message&&>(*static_cast<Message*>(message)));
}

template <class Reply, class Message>
consteval ask_kind make_ask_kind() {
    static_assert(
        reply_fits_a_block<Reply>,
        "troupe: the reply is larger than the largest pool block (32 KiB); hold the large "
        "part by pointer");
    static_assert(reply_aligns<Reply>,
                  "troupe: a reply may be aligned to 16 bytes at most; hold it by pointer");
    ask_kind kind{&info_of<Message>, &info_with_envelope<Message>, slot_class_for<Reply>, nullptr,
                  &move_message<Message>};
    if constexpr (!std::is_void_v<Reply>) {
        if constexpr (!std::is_trivially_destructible_v<Reply>) {
            kind.destroy_reply = &destroy_value<Reply>;
        }
    }
    return kind;
}
template <class Reply, class Message>
inline constexpr ask_kind ask_kind_of = make_ask_kind<Reply, Message>();

/// The part of an ask that is the same for all types, so that it is compiled once.
class ask_base {
protected:
    ask_base(cell* target, std::uint64_t incarnation, ask_kind const& kind) noexcept
        : kind_(&kind), target_(target), incarnation_(incarnation) {}
    ask_base(ask_base&&) noexcept = default;
    ~ask_base() = default;

    /// Sends the message, once. `awaited`: the acting actor will wait for the outcome.
    void send(bool awaited = false);
    /// Waits for the outcome; false: the caller must not wait, and nothing was sent.
    bool wait();
    /// For an awaiter: false when the outcome is there.
    bool suspend(std::coroutine_handle<> handler, fiber& root);
    void forget_message() noexcept {
        if (message_at_ != nullptr && kind_->info->destroy != nullptr) {
            kind_->info->destroy(message_at_);
        }
        message_at_ = nullptr;
    }
    std::string_view name() const noexcept { return kind_->info->name; }
    /// The slot, if it holds a reply.
    reply_slot* answered() const noexcept {
        reply_slot* const slot = sent_.slot();
        return slot != nullptr && slot->was_answered() ? slot : nullptr;
    }
    /// The outcome that is no reply.
    ask_error         failure();
    [[noreturn]] void throw_failure();

    ask_kind const*     kind_;
    cell* const         target_;
    std::uint64_t const incarnation_;
    duration            within_ = duration::max();
    asked               sent_;
    ask_errc            early_ = ask_errc::cancelled;  // without a slot: why
    void*               message_at_ = nullptr;         // until it is sent

private:
    /// Memory for the reply. Null: the message cannot be sent, and that is noted and counted.
    reply_slot* open(visit const& here) noexcept;
    void        ends_early(visit const& here, ask_errc why) noexcept;
    /// Submits the built message; null: there was no memory for it.
    void              launch(visit& here, reply_slot& slot, node* n, bool awaited) noexcept;
    ask_circumstances circumstances(reply_slot const& slot) noexcept;
};

TROUPE_APART inline void ask_base::send(bool awaited) {
    if (message_at_ == nullptr) return;
    visit             here{target_, incarnation_};
    reply_slot* const slot = open(here);
    if (slot != nullptr) {
        slot->destroy_value = kind_->destroy_reply;
        core&       home = *here.system();
        node* const n =
            take_node(home, here.on(), *target_, incarnation_, *kind_->info, *kind_->with_envelope);
        TROUPE_TRY {
            if (n != nullptr) kind_->move(n->message(), message_at_);
        }
        TROUPE_CATCH_ALL {
            home.give_node(here.on(), *n);
            home.free_slot(here.on(), *slot);
#if TROUPE_HAS_EXCEPTIONS
            throw;
#endif
        }
        launch(here, *slot, n, awaited);
    }
    forget_message();
}

TROUPE_APART inline bool ask_base::wait() {
    if (runs_on_worker(target_, incarnation_)) return false;
    send();
    if (sent_.slot() != nullptr) sent_.wait();
    return true;
}

TROUPE_APART inline bool ask_base::suspend(std::coroutine_handle<> handler, fiber& root) {
    send(true);
    bool const waits = sent_.slot() != nullptr && sent_.suspend(handler, root, *target_);
#if !TROUPE_HAS_EXCEPTIONS
    // Nothing can be thrown at the handler: it is not resumed with an error.
    root.failed = !waits && answered() == nullptr;
    return waits || root.failed;
#else
    return waits;
#endif
}

/// It has no slot where its outcome is written.
inline void ask_base::ends_early(visit const& here, ask_errc why) noexcept {
    early_ = why;
    if (core* const home = here.system()) home->end_ask(here.on(), reply_slot::error(why), never);
}

inline reply_slot* ask_base::open(visit const& here) noexcept {
    message_info const& info = *kind_->info;
    if (here.refusal() != send_status::accepted) {
        ends_early(here, ask_errc::target_gone);
        static_cast<void>(turn_away(here, info, incarnation_));
        return nullptr;
    }
    reply_slot* const slot = here.system()->open_slot(here.on(), kind_->slot_class);
    if (slot == nullptr) {
        ends_early(here, ask_errc::pool_exhausted);
        static_cast<void>(count_unbuilt(here, *target_, incarnation_, info));
    }
    return slot;
}

inline void ask_base::launch(visit& here, reply_slot& slot, node* n, bool awaited) noexcept {
    message_info const& info = *kind_->info;
    core* const         home = here.system();
    worker* const       w = here.on();
    if (n == nullptr) {
        home->free_slot(w, slot);
        ends_early(here, ask_errc::pool_exhausted);
        static_cast<void>(count_unbuilt(here, *target_, incarnation_, info));
        return;
    }
    slot.request = &info;
    home->begin_ask(w, slot);
    n->reply = &slot;
    sent_.hold(here, slot);
    if (awaited) slot.expect(*this_thread.acting());
    time_point deadline = never;
    if (within_ != duration::max()) {
        deadline = home->now() + within_;
        slot.timed = true;
        home->arm(slot.expiry, deadline);
    }
    // A refusal has written its outcome into the slot.
    if (w != nullptr) static_cast<void>(send_here(*w, *target_, *n));
    else static_cast<void>(submit_built(*home, w, *target_, *n, send_mode::normal, deadline));
}

TROUPE_COLD inline ask_error ask_base::failure() {
    reply_slot* const slot = sent_.slot();
    if (slot == nullptr) return ask_error{early_, name()};
    // acquire: pairs with the release in reply_slot::settle()
    std::uint32_t const state = reply_slot::outcome(slot->state.load(memory_order_acquire));
    auto const          code = static_cast<ask_errc>(state - reply_slot::first_error);
    std::exception_ptr  nested;
    if (code == ask_errc::failed) {
        auto* const thrown = std::launder(static_cast<std::exception_ptr*>(slot->value()));
        nested = std::move(*thrown);
        thrown->~exception_ptr();
    }
    ask_circumstances const known = circumstances(*slot);
    sent_.close();
    early_ = code;  // taken twice, it is the same error again
    return ask_error{code, name(), std::move(nested), known};
}

TROUPE_COLD inline void ask_base::throw_failure() {
#if TROUPE_HAS_EXCEPTIONS
    throw failure();
#else
    std::terminate();  // not reached: the handler is not resumed
#endif
}

/// As far as the target still stands.
inline ask_circumstances ask_base::circumstances(reply_slot const& slot) noexcept {
    ask_circumstances known;
    visit const       here{target_, incarnation_};
    if (here.system() == nullptr) return known;
    // acquire: pairs with the release at birth, so that the operations are this actor's
    if (target_->incarnation.load(memory_order_acquire) == incarnation_) {
        cell_ops const& ops = *target_->ops.load(memory_order_relaxed);
        known.target = ops.actor_name;
        known.queued = ops.depth(target_->box);
    }
    if (slot.timed) {
        // The asker has armed the timer, and nobody else changes when it is due.
        known.age = here.system()->now() - slot.expiry.deadline + within_;
    }
    return known;
}

/// The part of an ask that depends on the reply only.
template <class Reply>
class ask_for : protected ask_base {
public:
    using outcome_type = troupe::result<Reply, ask_error>;

    outcome_type result() {
        if (!wait()) return ask_error{ask_errc::would_block, name()};
        return outcome();
    }
    Reply get() {
        static_assert(exceptions_are_on<Reply>,
                      "troupe: get() throws what went wrong and there are no exceptions in this "
                      "build; use .result()");
        if constexpr (std::is_void_v<Reply>) result().value();
        else return std::move(result()).value();
    }

    class awaiter {
    public:
        explicit awaiter(ask_for& r) noexcept : request_(r) {}
        bool await_ready() const noexcept { return false; }
        template <class Promise>
        bool await_suspend(std::coroutine_handle<Promise> handler) const {
            static_assert(awaited_inside_a_task<Promise>,
                          "troupe: an ask can be awaited only inside an actor's task; elsewhere "
                          "use .get() or .result()");
            return request_.suspend(handler, *handler.promise().root);
        }
        Reply await_resume() const {
            reply_slot* const slot = request_.answered();
            if (slot == nullptr) [[unlikely]]
                request_.throw_failure();
            return request_.take(*slot);
        }

    private:
        ask_for& request_;
    };

protected:
    using ask_base::ask_base;

private:
    outcome_type outcome() {
        reply_slot* const slot = answered();
        if (slot == nullptr) return failure();
        if constexpr (std::is_void_v<Reply>) return take(*slot), outcome_type{};
        else return take(*slot);
    }
    /// The reply, out of its slot.
    Reply take(reply_slot& slot);
};

template <class Reply>
Reply ask_for<Reply>::take(reply_slot& slot) {
    if constexpr (std::is_void_v<Reply>) {
        sent_.close();
    } else {
        auto* const value = std::launder(static_cast<Reply*>(slot.value()));
        Reply       taken(static_cast<Reply&&>(*value));  // braces may mean a list of one
        value->~Reply();
        sent_.close();
        return taken;
    }
}

/// What a misused call gives once its mistake was said: it fits everywhere, so that nothing more is
/// said.
struct misused {
    template <class Type>
    operator Type() const;
};
struct misused_request {
    bool            await_ready() const noexcept { return true; }
    void            await_suspend(std::coroutine_handle<>) const noexcept {}
    misused         await_resume() const;
    misused         get() const;
    misused         result() const;
    misused_request within(duration) const;
    misused_request start() const;
};

}  // namespace detail

/// One ask. The message leaves at `get`, `result`, `co_await` or `start`, in the order in which
/// these are called, and the outcome comes exactly once: the reply or an `ask_error`. A request
/// that is dropped without being sent does nothing; one that is dropped afterwards gives up the
/// reply. It belongs to the thread or the actor that made it. Allocates from the pool only.
template <class Reply, class Message, detail::built Form>
class [[nodiscard("troupe: an ask leaves when it is awaited; co_await it, or call get(), result() "
                  "or start()")]] request : private detail::ask_for<Reply> {
    using base = detail::ask_for<Reply>;

public:
    using reply_type = Reply;

    template <class... Arguments>
    request(detail::cell* target, std::uint64_t incarnation, std::in_place_t,
            Arguments&&... arguments)
        : base(target, incarnation, detail::ask_kind_of<Reply, Message>) {
        // Not emplace(): it would build from a braced list, and messages are built by parentheses.
        this->message_at_ = new (&message_) Message(static_cast<Arguments&&>(arguments)...);
    }
    request(request&& other) noexcept : base(static_cast<base&&>(other)) {
        static_assert(std::is_nothrow_move_constructible_v<Message>,
                      "troupe: a message that is asked must be nothrow move constructible");
        if (other.message_at_ != nullptr) {
            this->message_at_ = new (&message_) Message(static_cast<Message&&>(other.message_));
        }
        other.forget_message();  // it is sent once
    }
    request& operator=(request&&) = delete;
    ~request() {
        // A message without a destructor needs nothing here, not even a function.
        if constexpr (!std::is_trivially_destructible_v<Message>) this->forget_message();
    }

    /// The ask expires this long after it was sent, on the system's clock.
    request&& within(duration span) && noexcept {
        this->within_ = span;
        return std::move(*this);
    }
    request& within(duration span) & noexcept {
        this->within_ = span;
        return *this;
    }

    /// Sends now; the outcome is taken later by `get`, `result` or `co_await`. Called again it does
    /// nothing.
    request&& start() && {
        this->send();
        return std::move(*this);
    }
    request& start() & {
        this->send();
        return *this;
    }

    /// `result<Reply, ask_error> result()`: waits for the outcome. For threads outside, which
    /// sleep, and for the thread that drives a run loop, which runs it meanwhile. On a worker it is
    /// `would_block` at once, and nothing is sent.
    using base::result;
    /// `Reply get()`: as `result`, but throws the error.
    using base::get;

    using awaiter = typename base::awaiter;
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
                      "expression; write `co_await to.ask<Message>(arguments...)`, or name the "
                      "request first and await the name");
        return awaiter{*this};
    }

private:
    union {
        Message message_;  // while message_at_ points to it
    };
};

}  // namespace troupe::inline TROUPE_ABI
