// SPDX-License-Identifier: BSL-1.0
#pragma once

// The end of an actor as something to await: a reply slot whose value is its `terminated`. A record
// in the list of watchers holds the answerer's half of the slot, and lies behind its value.

#include <coroutine>
#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

#include "troupe/actor/linking.hpp"
#include "troupe/actor/request.hpp"

namespace troupe::inline TROUPE_ABI {
namespace detail {

/// Behind a slot for an end.
struct end_place {
    alignas(terminated) std::byte told[sizeof(terminated)];
    end_node node;

    static end_place& of(reply_slot& s) noexcept { return *static_cast<end_place*>(s.value()); }
};

inline constexpr ask_kind end_kind = {&info_of<terminated>, &info_with_envelope<terminated>,
                                      slot_class(sizeof(end_place)), &destroy_value<terminated>,
                                      nullptr};

/// A request for an end; all of it but what users write.
class end_request : private ask_base {
public:
    end_request(cell* target, std::uint64_t incarnation, bool stops) noexcept
        : ask_base(target, incarnation, end_kind), stops_(stops) {}
    end_request(end_request&& other) noexcept
        : ask_base(static_cast<ask_base&&>(other)),
          stops_(other.stops_),
          sent_already_(std::exchange(other.sent_already_, true)),
          gone_(std::exchange(other.gone_, false)) {}
    end_request& operator=(end_request&&) = delete;
    ~end_request() { withdraw(); }

    void set_limit(duration span) noexcept { within_ = span; }
    /// Once. `awaited`: the acting actor will wait for the outcome.
    void send(bool awaited = false) noexcept;

    result<terminated, ask_error> outcome() noexcept {
        if (runs_on_worker(target_, incarnation_)) {
            return ask_error{ask_errc::would_block, name()};
        }
        send();
        if (sent_.slot() != nullptr) sent_.wait();
        if (there()) return take();
        return why_not();
    }
    /// For at most `patience` of real time. False: not yet, or the thread must not wait.
    bool ends_within(duration patience) noexcept {
        if (runs_on_worker(target_, incarnation_)) return false;
        send();
        if (sent_.slot() != nullptr) static_cast<void>(sent_.wait_for(patience));
        return there();
    }
    bool       suspend(std::coroutine_handle<> handler, fiber& root) noexcept;
    terminated resume() {
        if (!there()) [[unlikely]] {
#if TROUPE_HAS_EXCEPTIONS
            throw why_not();
#else
            std::terminate();  // not reached: the handler is not resumed
#endif
        }
        return take();
    }

private:
    bool       there() const noexcept { return gone_ || answered() != nullptr; }
    terminated take() noexcept;
    ask_error  why_not() noexcept {
        withdraw();
        return failure();
    }
    void begin(visit const& here, reply_slot& slot, bool awaited) noexcept;
    void withdraw() noexcept;
    /// Of an actor that is gone.
    terminated unknown() const noexcept {
        any_ref const who =
            target_ == nullptr ? any_ref{} : ref_access::make<any_ref>(*target_, incarnation_);
        return {who, {}, ended_by::unknown, {}};
    }

    bool const stops_;
    bool       sent_already_ = false;
    bool       gone_ = false;  // it was, before anything was sent
};

TROUPE_COLD inline void end_request::send(bool awaited) noexcept {
    if (std::exchange(sent_already_, true)) return;
    // acquire: pairs with the release in end(): all of it is over. Cells stay readable for ever.
    gone_ = target_ == nullptr || target_->incarnation.load(memory_order_acquire) != incarnation_;
    if (gone_) return;
    if (this_thread.acting() == target_) {
        early_ = ask_errc::would_block;
        return;
    }
    visit const here{target_, incarnation_};
    core* const home = here.system();
    if (home == nullptr) {
        early_ = ask_errc::target_gone;  // its system was given up, and it lives for ever
        return;
    }
    reply_slot* const slot = home->open_slot(here.on(), kind_->slot_class);
    if (slot == nullptr) {
        early_ = ask_errc::pool_exhausted;
        return;
    }
    begin(here, *slot, awaited);
    if (stops_) home->request_stop(here.on(), *target_, incarnation_);
}

inline void end_request::begin(visit const& here, reply_slot& slot, bool awaited) noexcept {
    core&         home = *here.system();
    worker* const w = here.on();
    end_node&     n = *new (&end_place::of(slot).node) end_node{slot, *target_};
    slot.destroy_value = kind_->destroy_reply;
    slot.request = kind_->info;
    // relaxed: nobody else knows it yet. An end can come from anywhere: no cycle is provable.
    slot.deferred.store(true, memory_order_relaxed);
    sent_.hold(here, slot);
    if (awaited) slot.expect(*this_thread.acting());
    if (within_ != duration::max()) {
        slot.timed = true;
        home.arm(slot.expiry, home.now() + within_);
    }
    core::tied const came = home.add_watcher(w, *target_, incarnation_, n);
    if (came == core::tied::gone) home.finish_with(w, n, unknown());
    if (came == core::tied::no_memory) {
        home.finish(w, slot, reply_slot::error(ask_errc::pool_exhausted));
    }
}

/// The asker goes, or has what it wanted: a long-lived actor does not collect those that have left.
inline void end_request::withdraw() noexcept {
    reply_slot* const slot = sent_.slot();
    if (slot == nullptr) return;
    if (!sent_.system()->remove_watcher(*target_, end_place::of(*slot).node)) return;
    // The answerer's half is ours now.
    std::uint32_t before = 0;
    if (!slot->settle(reply_slot::error(ask_errc::cancelled), reply_slot::answerer_left, before)) {
        // acq_rel: the last to leave frees what the other wrote
        slot->state.fetch_or(reply_slot::answerer_left, memory_order_acq_rel);
    }
}

inline terminated end_request::take() noexcept {
    if (std::exchange(gone_, false)) return unknown();
    reply_slot&      slot = *sent_.slot();
    auto* const      value = std::launder(static_cast<terminated*>(slot.value()));
    terminated const taken(std::move(*value));
    value->~terminated();
    sent_.close();
    return taken;
}

inline bool end_request::suspend(std::coroutine_handle<> handler, fiber& root) noexcept {
    send(true);
    bool const waits = sent_.slot() != nullptr && sent_.suspend(handler, root, *target_);
#if !TROUPE_HAS_EXCEPTIONS
    // Nothing can be thrown at the handler: it is not resumed with an error.
    root.failed = !waits && !there();
    return waits || root.failed;
#else
    return waits;
#endif
}

}  // namespace detail

/// The end of an actor: made by `termination` and `stop_and_wait`. It begins at `get`, `result`,
/// `co_await` or `start`, and its outcome comes exactly once: `terminated`, or an `ask_error` that
/// says why not (`expired`, `pool_exhausted`, `would_block`). Dropped, it waits for nothing any
/// more. It belongs to the thread or the actor that made it. Allocates from the pool only.
template <>
class [[nodiscard("troupe: an end is waited for when it is awaited; co_await it, or call get(), "
                  "result() or start()")]] request<terminated> {
public:
    using reply_type = terminated;

    request(detail::cell* target, std::uint64_t incarnation, bool stops) noexcept
        : end_(target, incarnation, stops) {}
    request(request&&) noexcept = default;
    request& operator=(request&&) = delete;

    /// Expires this long after it has begun, on the system's clock.
    request&& within(duration span) && noexcept {
        end_.set_limit(span);
        return std::move(*this);
    }
    request& within(duration span) & noexcept {
        end_.set_limit(span);
        return *this;
    }

    /// Begins now; the outcome is taken later. Called again it does nothing.
    request&& start() && noexcept {
        end_.send();
        return std::move(*this);
    }
    request& start() & noexcept {
        end_.send();
        return *this;
    }

    /// Waits for the outcome. For threads outside, which sleep, and for the thread that drives a
    /// run loop, which runs it meanwhile. On a worker it is `would_block` at once, and nothing has
    /// begun.
    troupe::result<terminated, ask_error> result() noexcept { return end_.outcome(); }
    /// As `result`, but throws the error.
    template <class Outcome = terminated>
    Outcome get() {
        static_assert(detail::exceptions_are_on<Outcome>,
                      "troupe: get() throws what went wrong and there are no exceptions in this "
                      "build; use .result()");
        return std::move(end_.outcome()).value();
    }

    class awaiter {
    public:
        explicit awaiter(detail::end_request& end) noexcept : end_(end) {}
        bool await_ready() const noexcept { return false; }
        template <class Promise>
        bool await_suspend(std::coroutine_handle<Promise> handler) const noexcept {
            static_assert(detail::awaited_inside_a_task<Promise>,
                          "troupe: an end can be awaited only inside an actor's task; elsewhere "
                          "use .get() or .result()");
            return end_.suspend(handler, *handler.promise().root);
        }
        terminated await_resume() const { return end_.resume(); }

    private:
        detail::end_request& end_;
    };
    awaiter operator co_await() noexcept { return awaiter{end_}; }

private:
    detail::end_request end_;
};

template <class Actor>
request<terminated> context<Actor>::termination(any_ref const& target) noexcept {
    return {detail::ref_access::cell_of(target), target.identity(), false};
}
template <class Actor>
request<terminated> context<Actor>::stop_and_wait(any_ref const& target) noexcept {
    return {detail::ref_access::cell_of(target), target.identity(), true};
}

}  // namespace troupe::inline TROUPE_ABI
