// SPDX-License-Identifier: BSL-1.0
#pragma once

// An ask on its way: made by `ref::ask`, sent by `get`, `result`, `co_await` or `start`.
// More: docs/design/0005-asks.md

#include <coroutine>
#include <optional>
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
inline constexpr std::size_t reply_bytes = sizeof(Reply);
template <>
inline constexpr std::size_t reply_bytes<void> = 0;

template <class Reply>
inline constexpr bool reply_fits_a_block =
    size_class_of(reply_bytes<Reply> + sizeof(reply_slot)) != no_size_class;
template <class Reply>
inline constexpr bool reply_aligns = block_aligns<Reply>;
template <>
inline constexpr bool reply_aligns<void> = true;

/// The part of an ask that is the same for all types, so that it is compiled once.
class ask_base {
protected:
    ask_base(cell* target, std::uint64_t incarnation) noexcept
        : target_(target), incarnation_(incarnation) {}
    ask_base(ask_base&&) noexcept = default;
    ~ask_base() = default;

    /// Memory for the reply. Null: the message cannot be sent, and that is noted and counted.
    reply_slot* open(visit const& here, message_info const& info, std::size_t bytes) noexcept;
    /// Submits the built message; null: there was no memory for it.
    void launch(visit& here, reply_slot& slot, node* n, message_info const& info, bool awaited);
    /// The slot, if it holds a reply.
    reply_slot* answered() const noexcept {
        reply_slot* const slot = sent_.slot();
        return slot != nullptr && slot->was_answered() ? slot : nullptr;
    }
    /// The outcome that is no reply.
    ask_error         failure(std::string_view message);
    ask_circumstances circumstances(reply_slot const& slot) noexcept;

    cell* const             target_;
    std::uint64_t const     incarnation_;
    duration                within_ = duration::max();
    asked                   sent_;
    std::optional<ask_errc> early_;  // why it could not even be sent
};

inline reply_slot* ask_base::open(visit const& here, message_info const& info,
                                  std::size_t bytes) noexcept {
    core* const home = here.system();
    if (home == nullptr) {
        early_ = ask_errc::target_gone;
        count_stray(info, here.refusal());
        return nullptr;
    }
    if (here.refusal() != send_status::accepted) {
        early_ = ask_errc::target_gone;
        home->count_sent(here.on());
        home->drop_unbuilt(here.on(), info, incarnation_, drop_cause::dead);
        return nullptr;
    }
    reply_slot* const slot = home->open_slot(here.on(), bytes);
    if (slot == nullptr) {
        early_ = ask_errc::pool_exhausted;
        home->count_sent(here.on());
        home->drop_unbuilt(here.on(), info, incarnation_, drop_cause::pool);
    }
    return slot;
}

inline void ask_base::launch(visit& here, reply_slot& slot, node* n, message_info const& info,
                             bool awaited) {
    core* const   home = here.system();
    worker* const w = here.on();
    if (n == nullptr) {
        home->free_slot(w, slot);
        early_ = ask_errc::pool_exhausted;
        home->count_sent(w);
        home->drop_unbuilt(w, info, incarnation_, drop_cause::pool);
        return;
    }
    slot.request = &info;
    n->reply = &slot;
    sent_.hold(here, slot);
    if (awaited) slot.expect(*this_thread.acting);
    time_point deadline = never;
    if (within_ != duration::max()) {
        deadline = home->now() + within_;
        slot.timed = true;
        home->arm(slot.expiry, deadline);
    }
    // A refusal has written its outcome into the slot.
    static_cast<void>(submit_built(*home, w, *target_, *n, send_mode::normal, deadline));
}

inline ask_error ask_base::failure(std::string_view message) {
    reply_slot* const slot = sent_.slot();
    if (slot == nullptr) return ask_error{early_.value_or(ask_errc::cancelled), message};
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
    return ask_error{code, message, std::move(nested), known};
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
                  "or start()")]] request : private detail::ask_base {
    using outcome_type = troupe::result<Reply, ask_error>;

public:
    using reply_type = Reply;

    template <class... Arguments>
    request(detail::cell* target, std::uint64_t incarnation, std::in_place_t,
            Arguments&&... arguments)
        : detail::ask_base(target, incarnation) {
        // Not emplace(): it would build from a braced list, and messages are built by parentheses.
        new (&message_) Message(std::forward<Arguments>(arguments)...);
        has_message_ = true;
    }
    request(request&& other) noexcept : detail::ask_base(std::move(other)) {
        static_assert(std::is_nothrow_move_constructible_v<Message>,
                      "troupe: a message that is asked must be nothrow move constructible");
        if (other.has_message_) new (&message_) Message(std::move(other.message_));
        has_message_ = other.has_message_;
        other.forget_message();  // it is sent once
    }
    request& operator=(request&&) = delete;
    ~request() { forget_message(); }

    /// The ask expires this long after it was sent, on the system's clock.
    request&& within(duration span) && noexcept {
        within_ = span;
        return std::move(*this);
    }
    request& within(duration span) & noexcept {
        within_ = span;
        return *this;
    }

    /// Sends now; the outcome is taken later by `get`, `result` or `co_await`. Called again it does
    /// nothing.
    request&& start() && {
        send();
        return std::move(*this);
    }
    request& start() & {
        send();
        return *this;
    }

    /// Waits for the outcome: for threads outside, which sleep, and for the thread that drives a
    /// run loop, which runs it meanwhile. On a worker it is `would_block` at once, and nothing is
    /// sent.
    outcome_type result() {
        if (detail::runs_on_worker(target_, incarnation_)) {
            return ask_error{ask_errc::would_block, name()};
        }
        send();
        if (sent_.slot() != nullptr) sent_.wait();
        return outcome();
    }

    /// As `result`, but throws the error.
    Reply get() {
        static_assert(detail::exceptions_are_on<Message>,
                      "troupe: get() throws what went wrong and there are no exceptions in this "
                      "build; use .result()");
        if constexpr (std::is_void_v<Reply>) result().value();
        else return std::move(result()).value();
    }

    class awaiter {
    public:
        explicit awaiter(request& r) noexcept : request_(r) {}
        bool await_ready() const noexcept { return false; }
        template <class Promise>
        bool await_suspend(std::coroutine_handle<Promise> handler) const {
            static_assert(
                detail::awaited_inside_a_task<Promise>,
                "troupe: an ask can be awaited only inside an actor's task; elsewhere use "
                ".get() or .result()");
            request_.send(true);
            detail::fiber& root = *handler.promise().root;
            bool const     waits = request_.sent_.slot() != nullptr &&
                               request_.sent_.suspend(handler, root, *request_.target_);
#if !TROUPE_HAS_EXCEPTIONS
            // Nothing can be thrown at the handler: it is not resumed with an error.
            root.failed = !waits && (request_.sent_.slot() == nullptr ||
                                     !request_.sent_.slot()->was_answered());
            return waits || root.failed;
#else
            return waits;
#endif
        }
        Reply await_resume() const {
            if constexpr (std::is_void_v<Reply>) request_.outcome().value();
            else return std::move(request_.outcome()).value();
        }

    private:
        request& request_;
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
                      "expression; write `co_await to.ask<Message>(arguments...)`, or name the "
                      "request first and await the name");
        return awaiter{*this};
    }

private:
    static constexpr std::string_view name() noexcept { return type_name<Message>(); }

    void         send(bool awaited = false);
    outcome_type outcome();
    void         forget_message() noexcept {
        if (has_message_) message_.~Message();
        has_message_ = false;
    }

    union {
        Message message_;  // until it is sent
    };
    bool has_message_ = false;
};

template <class Reply, class Message, detail::built Form>
void request<Reply, Message, Form>::send(bool awaited) {
    using namespace detail;
    static_assert(
        reply_fits_a_block<Reply>,
        "troupe: the reply is larger than the largest pool block (32 KiB); hold the large "
        "part by pointer");
    static_assert(reply_aligns<Reply>,
                  "troupe: a reply may be aligned to 16 bytes at most; hold it by pointer");
    if (!has_message_) return;
    visit             here{target_, incarnation_};
    reply_slot* const slot = open(here, info_of<Message>, reply_bytes<Reply>);
    if (slot != nullptr) {
        if constexpr (!std::is_void_v<Reply>) {
            if constexpr (!std::is_trivially_destructible_v<Reply>) {
                slot->destroy_value = &destroy_value<Reply>;
            }
        }
        launch(
            here, *slot,
            build<Message>(*here.system(), here.on(), *target_, incarnation_, std::move(message_)),
            info_of<Message>, awaited);
    }
    forget_message();
}

template <class Reply, class Message, detail::built Form>
auto request<Reply, Message, Form>::outcome() -> outcome_type {
    detail::reply_slot* const slot = answered();
    if (slot == nullptr) return failure(name());
    if constexpr (std::is_void_v<Reply>) {
        sent_.close();
        return {};
    } else {
        auto* const  value = std::launder(static_cast<Reply*>(slot->value()));
        outcome_type taken{std::move(*value)};
        value->~Reply();
        sent_.close();
        return taken;
    }
}

}  // namespace troupe::inline TROUPE_ABI
