// SPDX-License-Identifier: BSL-1.0
#pragma once

// One turn of an actor, and the operations that stand behind its references: what is compiled per
// actor type and mailbox, and nothing that depends on the system.

#include <coroutine>
#include <exception>
#include <type_traits>
#include <utility>

#include "troupe/actor/group.hpp"
#include "troupe/actor/handler.hpp"
#include "troupe/actor/hooks.hpp"
#include "troupe/actor/sending.hpp"
#include "troupe/config/exceptions.hpp"
#include "troupe/config/hints.hpp"
#include "troupe/mailbox/policies.hpp"

namespace troupe::inline TROUPE_ABI::detail {

/// How a handler ends: the same for all actors, so that it is compiled once.
struct handler_end {
    /// The handler has called context::fail().
    static bool failed(cell& c, worker& w, node& n, bool stops) noexcept {
        if (w.now.failure == nullptr) return false;
        fail_with(c, w, n, std::exchange(w.now.failure, nullptr), stops);
        return true;
    }
    TROUPE_COLD static void fail_with(cell& c, worker& w, node& n, char const* why,
                                      bool stops) noexcept {
        if (n.reply != nullptr) {
            answer_failed(w.owner, &w, *std::exchange(n.reply, nullptr), {});
        }
        w.owner.fail(w, c,
                     {.who = c, .where = failed_in::handler, .message = n.info->name, .words = why},
                     stops);
    }

    /// The handler has returned: an asker of nothing but the end hears of it.
    static void answer_done(cell& c, worker& w, node& n, bool stops) noexcept {
        if (w.now.failure != nullptr || n.reply != nullptr) answer_end(c, w, n, stops);
    }
    TROUPE_APART static void answer_end(cell& c, worker& w, node& n, bool stops) noexcept {
        if (failed(c, w, n, stops) || n.reply == nullptr) return;
        answer<void>(w.owner, &w, *std::exchange(n.reply, nullptr));
    }
    /// The reply stands in the slot already, unless the handler has failed.
    TROUPE_APART static void answer_built(cell& c, worker& w, node& n, bool stops) noexcept {
        if (failed(c, w, n, stops)) return;
        w.owner.finish(&w, *std::exchange(n.reply, nullptr), reply_slot::answered);
    }

    TROUPE_APART static void finish_suspended(cell& c, worker& w) noexcept {
        fiber&           ended = *std::exchange(c.awaiting, nullptr);
        time_point const begun = ended.begun;
        ended.conclude(c, w, ended);
        if (begun != never) tell_call_completed(c, w, *c.head->info, begun);
        w.now.failure = nullptr;  // what destructors in the frame say is nobody's failure any more
    }

    /// Called while the exception is being handled. The asker's copy is put into its slot, but told
    /// by answer_failure() only when this thread has let go of its own: whose is the last decides
    /// who destroys the exception, and a race detector does not see how the two agree.
    TROUPE_COLD static void fail(cell& c, worker& w, node& n, bool stops) noexcept {
        w.now.failure = nullptr;  // one failure, and this is the one with more to say
#if TROUPE_HAS_EXCEPTIONS
        if (n.reply != nullptr) new (n.reply->value()) std::exception_ptr(std::current_exception());
        try {
            throw;
        } catch (std::exception const& e) { fail_as(c, w, n, &e, stops); } catch (...) {
            fail_as(c, w, n, nullptr, stops);
        }
#else
        static_cast<void>(c), static_cast<void>(w), static_cast<void>(n), static_cast<void>(stops);
#endif
    }
#if TROUPE_HAS_EXCEPTIONS
    static void fail_as(cell& c, worker& w, node& n, std::exception const* thrown,
                        bool stops) noexcept {
        w.owner.fail(w, c,
                     {.who = c,
                      .where = failed_in::handler,
                      .message = n.info->name,
                      .error = std::current_exception(),
                      .thrown = thrown,
                      .shared_with_asker = n.reply != nullptr},
                     stops);
    }
#endif
    TROUPE_COLD static void answer_failure(worker& w, node& n) noexcept {
        if (n.reply == nullptr) return;
        w.owner.finish(&w, *std::exchange(n.reply, nullptr), reply_slot::error(ask_errc::failed));
    }
};

/// How long a turn is: `messages`, or as many as send `sends_max`; and with a backlog on from
/// there, until as many more are handled as waited then, or the slice of time is over. Senders and
/// receivers that take turns thus keep pace, and find their messages in the cache. An actor that
/// was made ready outside does not wait for all of that. A turn of a few messages stays one: the
/// simulated scheduler wants many interleavings. More: docs/design/0007-the-path-of-a-message.md
class turn_length {
public:
    explicit turn_length(unsigned messages) noexcept : step_(messages), limit_(messages) {}

    /// After each message, unless it was the only one.
    bool reached(worker const& w, unsigned handled) noexcept {
        std::uint64_t const sent = w.counters.sent.get();
        if (sends_end_ == 0) sends_end_ = sent + sends_max;
        return handled >= limit_ || sent >= sends_end_ ||
               (handled % look_interval == 0 && w.outside_waits());
    }
    /// The limit is reached and `depth` messages wait: whether the turn goes on.
    TROUPE_APART bool goes_on(worker& w, std::uint32_t depth) noexcept {
        if (step_ < clock_interval || w.counters.sent.get() >= sends_end_ || w.outside_waits()) {
            return false;
        }
        w.counters.deepest.raise(depth);
        time_point const now = w.owner.now();
        if (end_ == time_point{}) {
            // A few first: how long a message takes is not known yet.
            end_ = now + slice;
            backlog_ = depth;
            limit_ += look_interval;
            return depth >= step_;
        }
        if (backlog_ < step_ || now >= end_) return false;
        backlog_ -= step_;
        limit_ += step_;
        return true;
    }

private:
    static constexpr unsigned clock_interval = 64;  // messages; what a look costs is lost in them
    static constexpr duration slice = std::chrono::microseconds{250};
    static constexpr unsigned sends_max = 256;
    static constexpr unsigned look_interval = 8;  // messages between looks at what waits outside

    unsigned const step_;
    unsigned       limit_;
    std::uint64_t  sends_end_ = 0;
    std::uint32_t  backlog_ = 0;  // messages that may still be handled
    time_point     end_{};
};

/// The turn of an actor: the same for all with one kind of mailbox.
template <class Mailbox>
class turn_with : private handler_end {
public:
    /// Runs `messages` messages, or more (turn_length). True: there is more, and the caller still
    /// holds the run right. False: the run right is gone, and with it the cell. `handle` is a
    /// constant: where the compiler optimises, the handlers go into the loop.
    TROUPE_HOT static bool run(cell& c, worker& w, unsigned messages,
                               message_handler handle) noexcept {
        [[maybe_unused]] tree_rules::right const mine{c, right_by::turn};
        if (w.turns.next()) [[unlikely]]
            return run_timed(c, w, messages, handle);
        return run_turn(c, w, messages, handle);
    }

private:
    using kernel = kernel_of<Mailbox>;
    static constexpr bool blocks = mailbox_blocks<Mailbox>;
    enum class step : std::uint8_t { go_on, gone, again };
    static constexpr int signals_max = 64;  // in one turn

    TROUPE_HOT static bool run_turn(cell& c, worker& w, unsigned messages,
                                    message_handler handle) noexcept {
        worker* const before = std::exchange(this_thread.on, &w);
        w.now.begin(&c);
        unsigned   handled = 0;
        bool const again = run_inside(c, w, turn_length{messages}, handled, handle);
        w.counters.handled.add(handled);
        w.now.acting.set(nullptr);
        this_thread.on = before;
        return again;
    }
    TROUPE_HOT static bool run_inside(cell& c, worker& w, turn_length length, unsigned& handled,
                                      message_handler handle) noexcept {
        for (;;) {
            // relaxed: attend() looks again; what comes now is seen before the next message
            bool const quiet = (c.control.load(memory_order_relaxed) & control::attention) == 0 &&
                               c.muted == nullptr && c.awaiting == nullptr;
            if (!quiet) {
                unsigned   resumed = 0;
                step const next = attend(c, w, resumed);
                handled += resumed;
                if (next != step::go_on) return next == step::again;
            }
            // From here on the actor is neither muted, nor suspended, nor stopping. Its incarnation
            // is read once: senders on other processors write to that cache line all the time.
            // relaxed: our own
            std::uint64_t const living = c.incarnation.load(memory_order_relaxed);
            for (;;) {
                node* const n = kernel::front(c.box, c.head);
                if (n == nullptr) {
                    if (go_idle(c, w)) return false;
                    break;
                }
                note_taken(c, w);
                if (n->target != living) [[unlikely]] {
                    drop_head(c, w, drop_cause::dead);
                    continue;
                }
                message_info const& info = *n->info;
                w.handles.set(&info);
                w.nth.set(handled);
                if (handle(c, w, *n, info) == ending::suspended) break;
                ++handled;
                if (retire(c, w, *n, info)) return false;
                if (length.reached(w, handled) && !length.goes_on(w, fold(c, w, true))) [[unlikely]]
                    return true;
                // relaxed: what comes now is seen before the next message
                if ((c.control.load(memory_order_relaxed) & control::transient) != 0 ||
                    c.muted != nullptr) {
                    break;
                }
            }
        }
    }

    /// A turn that is looked at: how many messages wait, and how long each handler takes.
    TROUPE_COLD static bool run_timed(cell& c, worker& w, unsigned messages,
                                      message_handler handle) noexcept {
        std::uint32_t const depth = kernel::depth(c.box);
        w.counters.deepest.raise(depth);
        w.owner.sample(metric::mailbox_depth, core::type_of(c), static_cast<double>(depth));
        w.timed = handle;
        return run_turn(c, w, messages, &handle_timed);
    }
    static ending handle_timed(cell& c, worker& w, node& n, message_info const& info) noexcept {
        core&            home = w.owner;
        time_point const begun = home.now();
        ending const     end = w.timed(c, w, n, info);
        home.sample(metric::handler_seconds, core::type_of(c), home.now() - begun);
        return end;
    }

    /// Everything but messages: control, muting, a suspended handler, signals.
    TROUPE_APART static step attend(cell& c, worker& w, unsigned& handled) noexcept {
        core& home = w.owner;
        int   signals = 0;
        for (;;) {
            // acquire: pairs with the release in core::wake()
            std::uint64_t const state = c.control.load(memory_order_acquire);
            if ((state & control::attention) != 0) {
                // It may stand for long: what was handled is no part of the depth any more.
                if (c.unfolded != 0 && (state & control::standing) != 0) fold(c, w, false);
                core::attention const next = home.attend(w, c);
                if (next == core::attention::cut_head) drop_head(c, w, drop_cause::restarted);
                else if (next == core::attention::drop_mail) drop_mail(c, w);
                else if (next != core::attention::go_on) return step::gone;
                if (next != core::attention::go_on) continue;
            }
            if (c.muted != nullptr && home.settle_mutes(w, c)) {
                fold(c, w, false);
                if (home.park(c)) return step::gone;
                continue;
            }
            if (c.awaiting == nullptr) {
                if (!has_arrivals(c) || !home.ties()->take_signal(home, w, c)) return step::go_on;
                if (++signals < signals_max) continue;
                // Others want a turn too. relaxed: our own, seen at its begin
                c.control.fetch_or(control::signal, memory_order_relaxed);
                return step::again;
            }
            if (!c.awaiting->ready()) {
                if (c.unfolded != 0) fold(c, w, false);
                if (home.park(c)) return step::gone;
                continue;
            }
            home.clear_edge(c);
            w.now.failure = std::exchange(c.awaiting->failure, nullptr);
            w.handles.set(c.head->info);
            w.nth.set(w.nth.get() - 1);  // another piece of work than any before in this turn
            c.awaiting->run();
            if (!c.awaiting->done() && !c.awaiting->failed) {
                c.awaiting->failure = std::exchange(w.now.failure, nullptr);
                continue;
            }
            // The frame and its outcome, then the message that it refers to.
            finish_suspended(c, w);
            ++handled;
            w.counters.resumed.add(1);
            // What has come meanwhile was kept waiting, its bit is gone. relaxed: our own
            if (has_arrivals(c)) c.control.fetch_or(control::signal, memory_order_relaxed);
            if (retire(c, w, *c.head, *c.head->info)) return step::gone;
        }
    }

    static void note_taken(cell& c, worker& w) noexcept {
        if (++c.unfolded >= fold_interval<Mailbox>) fold(c, w, false);
    }
    /// Gives the depth.
    TROUPE_APART static std::uint32_t fold(cell& c, worker& w, bool end_of_turn) noexcept {
        std::uint32_t const depth = kernel::fold(c.box, c.unfolded);
        // seq_cst: pairs with core::enlist()
        if (blocks && (c.control.load(memory_order_seq_cst) & control::waiters) != 0) {
            w.owner.release_waiters(w, c, depth, end_of_turn);
        }
        return depth;
    }

    /// The mailbox is empty. False when something has come after all.
    TROUPE_APART static bool go_idle(cell& c, worker& w) noexcept {
        c.unfolded = 0;
        // relaxed: looked at again below
        if (blocks && (c.control.load(memory_order_relaxed) & control::waiters) != 0) {
            w.owner.release_waiters(w, c, 0, false);
        }
        std::uint64_t const generation = c.generation();
        if (!kernel::try_idle(c.box)) return false;
        return stays_idle(c, w, generation);
    }
    /// After going idle: a request that came just before has found nobody to run the actor.
    TROUPE_HOT static bool stays_idle(cell& c, worker& w, std::uint64_t generation) noexcept {
        constexpr std::uint64_t reasons = control::transient | (blocks ? control::waiters : 0);
        // seq_cst: pairs with core::wake() and core::enlist(), which set a bit and then look
        std::uint64_t const state = c.control.load(memory_order_seq_cst);
        if ((state & reasons) == 0) [[likely]]
            return true;
        return other(state, generation) || !take_back(c, w, generation);
    }
    /// Whether the control word is another actor's: an idle cell may have had another one since.
    static bool other(std::uint64_t state, std::uint64_t generation) noexcept {
        return ((state ^ generation) >> control::generation_at) != 0;
    }
    /// True when the run right is ours again.
    TROUPE_COLD static bool take_back(cell& c, worker& w, std::uint64_t generation) noexcept {
        if (!kernel::claim(c.box)) return false;
        // relaxed: with the run right it does not change
        if (!other(c.control.load(memory_order_relaxed), generation)) return true;
        w.owner.make_ready(&w, c, root_token{});
        return false;
    }

    /// The message at the head was handled. True when the actor went idle: the run right is gone.
    TROUPE_HOT static bool retire(cell& c, worker& w, node& n, message_info const& info) noexcept {
        if (info.destroy != nullptr) info.destroy(n.message());
        constexpr std::uint64_t reasons = control::transient | (blocks ? control::waiters : 0);
        // relaxed: looked at again in stays_idle()
        bool const may_idle =
            c.muted == nullptr && (c.control.load(memory_order_relaxed) & reasons) == 0;
        std::uint64_t const generation = n.target << control::generation_at;
        bool const          idle = kernel::retire(c.box, c.head, c.unfolded, may_idle);
        n.~node();
        w.owner.give_block(&w, block_of(n, info), info.size_class);
        return idle && stays_idle(c, w, generation);
    }
    TROUPE_COLD static void drop_head(cell& c, worker& w, drop_cause cause) noexcept {
        node* const n = c.head;
        kernel::retire(c.box, c.head, c.unfolded, false);
        w.owner.drop(&w, *n, cause);
    }
    /// What is queued now; what comes meanwhile is for the next object.
    TROUPE_COLD static void drop_mail(cell& c, worker& w) noexcept {
        for (std::uint32_t left = fold(c, w, false); left != 0; --left) {
            if (kernel::front(c.box, c.head) == nullptr) break;
            ++c.unfolded;
            drop_head(c, w, drop_cause::restarted);
        }
        fold(c, w, true);
    }
};

/// After a failure the state of an actor may be half changed. A function actor has put it back.
template <class Actor>
inline constexpr bool keeps_its_state = requires { typename Actor::restores_its_state; };

/// The handlers of one actor type. What is the same for all of them stands above: a function here
/// is compiled per message of every actor (`tools/check budget`), which is also why there is no
/// std::move and no std::launder: without optimisation each is one more function.
template <class Actor, class Protocol>
struct handlers_of;

template <class Actor, class... Signatures>
struct handlers_of<Actor, protocol<Signatures...>> : private handler_end {
    /// A message finds its handler by the hash of its type.
    static ending handle(cell& c, worker& w, node& n,
                         [[maybe_unused]] message_info const& info) noexcept {
        TROUPE_TRY {
            [[maybe_unused]] std::uint32_t const id = info.id;
            ending                               end = ending::done;
            static_cast<void>(((id == type_hash<typename signature<Signatures>::message_type> &&
                                (end = handler<Signatures>()(c, w, n), true)) ||
                               ...));
            return end;
        }
        TROUPE_CATCH_ALL { fail(c, w, n, stops_when_it_fails); }
        answer_failure(w, n);
        return ending::done;
    }

private:
    template <class Signature>
    static consteval auto handler() {
        using message_type = typename signature<Signature>::message_type;
        using reply_type = typename signature<Signature>::reply_type;
        if constexpr (handles_with_context<Actor, message_type> ||
                      (!handles_alone<Actor, message_type> &&
                       handles_later_with_context<Actor, message_type, reply_type>)) {
            return &invoke<Signature, context<Actor>>;
        } else {
            return &invoke<Signature>;
        }
    }

    /// `Context` is the actor's, or nothing: the handler does without.
    template <class Signature, class... Context>
    static ending invoke(cell& c, worker& w, node& n) {
        using message_type = typename signature<Signature>::message_type;
        using reply_type = typename signature<Signature>::reply_type;
        Actor&        actor = *static_cast<Actor*>(c.body);
        message_type& message = *__builtin_launder(static_cast<message_type*>(n.message()));
        if constexpr (handles_with_context<Actor, message_type> ||
                      handles_alone<Actor, message_type>) {
            using result = decltype(actor.on(static_cast<message_type&&>(message),
                                             context_access::as<Context>(c)...));
            if constexpr (is_task<result>) {
                return begin<reply_type>(c, w, n,
                                         actor.on(static_cast<message_type&&>(message),
                                                  context_access::as<Context>(c)...));
            } else if constexpr (std::is_void_v<result>) {
                actor.on(static_cast<message_type&&>(message), context_access::as<Context>(c)...);
                answer_done(c, w, n, stops_when_it_fails);
            } else if (n.reply != nullptr) {
                // The reply is built where the asker reads it.
                auto* const value = new (n.reply->value()) reply_type(actor.on(
                    static_cast<message_type&&>(message), context_access::as<Context>(c)...));
                if (w.now.failure != nullptr) value->~reply_type();
                answer_built(c, w, n, stops_when_it_fails);
            } else {
                static_cast<void>(actor.on(static_cast<message_type&&>(message),
                                           context_access::as<Context>(c)...));
                static_cast<void>(failed(c, w, n, stops_when_it_fails));
            }
        } else {
            actor.on(static_cast<message_type&&>(message), context_access::as<Context>(c)...,
                     reply_access::take<reply_type>(c, n));
            static_cast<void>(failed(c, w, n, stops_when_it_fails));
        }
        return ending::done;
    }

    /// Starts a coroutine handler; if it waits, the actor does.
    template <class Reply>
    static ending begin(cell& c, worker& w, node& n, task<Reply> started) {
        if (!started.handle_) {
            if (n.reply != nullptr) {
                w.owner.finish(&w, *std::exchange(n.reply, nullptr),
                               reply_slot::error(ask_errc::frame_too_large));
            }
            constexpr char const* why = "coroutine frame: no block is large enough";
            handler_end::fail_with(c, w, n, why, true);
            return ending::done;
        }
        fiber& f = run_as_fiber(started.handle_);
        if (f.done() || f.failed) {
            conclude<Reply>(c, w, n, started);
            return ending::done;
        }
        started.handle_ = nullptr;  // the cell owns it now
        f.conclude = [](cell& cc, worker& ww, fiber& ended) noexcept {
            {
                task<Reply> whole{std::coroutine_handle<promise_of<Reply>>::from_address(
                    ended.outermost.address())};
                TROUPE_TRY { conclude<Reply>(cc, ww, *cc.head, whole); }
                TROUPE_CATCH_ALL { handler_end::fail(cc, ww, *cc.head, stops_when_it_fails); }
            }
            handler_end::answer_failure(ww, *cc.head);
        };
        f.failure = std::exchange(w.now.failure, nullptr);
        c.awaiting = &f;
        w.counters.suspended.add(1);
        return ending::suspended;
    }

    /// The coroutine has ended: its result is the reply.
    template <class Reply>
    static void conclude(cell& c, worker& w, node& n, task<Reply>& ended) {
        auto& promise = ended.handle_.promise();
#if TROUPE_HAS_EXCEPTIONS
        if (promise.error) std::rethrow_exception(promise.error);
#endif
        if (promise.own.failed) {
            w.now.failure = nullptr;  // one failure, and this is the last
            handler_end::fail_with(c, w, n, "an awaited ask has failed", stops_when_it_fails);
            return;
        }
        if (w.now.failure != nullptr) {
            handler_end::fail_with(c, w, n, std::exchange(w.now.failure, nullptr),
                                   stops_when_it_fails);
            return;
        }
        if (n.reply == nullptr) return;
        // If the result cannot be moved, the reply is still there for the failure.
        if constexpr (!std::is_void_v<Reply>) new (n.reply->value()) Reply(promise.take());
        w.owner.finish(&w, *std::exchange(n.reply, nullptr), reply_slot::answered);
    }
    static constexpr bool stops_when_it_fails = !keeps_its_state<Actor>;
};

/// The same, of an actor whose class wants the log to be told of its calls.
template <class Actor>
ending handle_and_tell(cell& c, worker& w, node& n, message_info const& info) noexcept {
    time_point const begun = tell_call(c, w, info);
    ending const     end = handlers_of<Actor, protocol_of<Actor>>::handle(c, w, n, info);
    if (end == ending::suspended) c.awaiting->begun = begun;
    else tell_call_completed(c, w, info, begun);
    return end;
}

/// The turn of one actor type with one mailbox.
template <class Actor, class Mailbox>
bool run_actor(cell& c, worker& w, unsigned messages) noexcept {
    if constexpr (tells_calls<Actor>) {
        return turn_with<Mailbox>::run(c, w, messages, &handle_and_tell<Actor>);
    } else {
        return turn_with<Mailbox>::run(c, w, messages,
                                       &handlers_of<Actor, protocol_of<Actor>>::handle);
    }
}

template <class Actor>
void destroy_actor(void* body) noexcept {
    static_cast<Actor*>(body)->~Actor();
}
/// Null: it does nothing.
template <class Actor>
consteval auto destructor_of() -> void (*)(void*) noexcept {
    if constexpr (std::is_trivially_destructible_v<Actor>) return nullptr;
    else return &destroy_actor<Actor>;
}

/// What an actor is called in logs and reports: its type, unless it says something shorter.
template <class Actor>
consteval std::string_view name_to_show() {
    if constexpr (requires { Actor::shown_as; }) return Actor::shown_as;
    else return type_name<Actor>();
}

/// The signatures of an actor, for those who hold an untyped reference to it.
template <class Protocol>
inline constexpr type_id signature_ids[] = {nullptr};
template <class First, class... Rest>
inline constexpr type_id signature_ids<protocol<First, Rest...>>[] = {id_of<First>, id_of<Rest>...};

template <class Actor, class Mailbox>
inline constexpr cell_ops ops_of = {&send<Mailbox>,
                                    &submit<Mailbox>,
                                    &run_actor<Actor, Mailbox>,
                                    &kernel_of<Mailbox>::claim,
                                    &kernel_of<Mailbox>::open,
                                    &kernel_of<Mailbox>::close,
                                    &kernel_of<Mailbox>::depth,
                                    &kernel_of<Mailbox>::try_idle,
                                    destructor_of<Actor>(),
                                    size_class_of(sizeof(Actor)),
                                    Mailbox::capacity,
                                    Mailbox::low_water,
                                    mailbox_refuses<Mailbox>,
                                    actor_asks_for_the_sender<Actor>,
                                    life_or_null<Actor>(),
                                    id_of<Actor>,
                                    signature_ids<protocol_of<Actor>>,
                                    protocol_of<Actor>::size,
                                    name_to_show<Actor>(),
                                    keeps_its_state<Actor>,
                                    log_floor_of_actor<Actor>()};

}  // namespace troupe::inline TROUPE_ABI::detail
