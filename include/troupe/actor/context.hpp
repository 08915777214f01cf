// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a handler may ask of the library, as a last argument: `void on(deposit, context<account>&)`.

#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "troupe/actor/annex.hpp"
#include "troupe/actor/any_ref.hpp"
#include "troupe/actor/logging.hpp"
#include "troupe/actor/names.hpp"
#include "troupe/actor/ref.hpp"
#include "troupe/actor/reply.hpp"
#include "troupe/actor/terminated.hpp"
#include "troupe/supervision/children.hpp"

namespace troupe::inline TROUPE_ABI {

/// The surroundings of one actor. Valid in its handlers, coroutine handlers included, and only on
/// the thread that runs them.
template <class Actor>
class context {
    template <log_level Level>
    static constexpr bool told = Level >= detail::log_floor_of_actor<Actor>();
    template <log_level Level>
    using loggable = std::conditional_t<told<Level>, log_field, detail::unlogged_field>;

public:
    context(context const&) = delete;
    context& operator=(context const&) = delete;

    /// The actor itself.
    troupe::ref<Actor> ref() const noexcept {
        // relaxed: our own
        return detail::ref_access::make<troupe::ref<Actor>>(
            *cell_, cell_->incarnation.load(detail::memory_order_relaxed));
    }

    /// Who has sent the message that is handled: an actor of any system; null when it was a thread
    /// outside. Of a message from a timer: the actor itself. The actor must ask for it (`using
    /// envelope_type = troupe::with_sender;`), as it makes each of its messages 32 bytes larger.
    any_ref sender() const noexcept;

    /// To which request the message belongs that is handled; none in hooks. The actor must ask for
    /// it (`using envelope_type = troupe::with_correlation;`). All that a handler sends or asks,
    /// also by a timer and to other processes, belongs to the same, as far as those who get it
    /// have an envelope; and so do the lines of the log.
    correlation_id correlation() const noexcept;
    /// From here on the message that is handled belongs to `id`. In hooks nothing happens.
    void correlate(correlation_id const& id) noexcept;
    /// The same with a new one by chance, if it belongs to none yet.
    correlation_id correlate() noexcept;

    /// A child: it ends with this actor at the latest, before it. Throws `spawn_error`.
    template <class Child, class... Policies, class... Rest>
    auto spawn(Rest&&... rest);
    /// As `spawn`; the error is returned.
    template <class Child, class... Policies, class... Rest>
    auto try_spawn(Rest&&... rest) noexcept;
    /// A child made of a function: `self.spawn([](deposit d) { ... })`; a name may stand before it,
    /// a mailbox in front: `self.spawn<bounded_mailbox<4>>(name{"x"}, function)`.
    template <int = 0, class... Given>
    auto spawn(Given&&... given);
    template <int = 0, class... Given>
    auto try_spawn(Given&&... given) noexcept;

    /// The declared child of this type, or at this place, counted from 0: a reference as its spawn
    /// would give it, good for as long as this object lives; null where the child is not started
    /// yet, as in `arguments` of those before it.
    template <class Child>
    auto child() const noexcept;
    template <std::size_t Place>
    auto child() const noexcept;

    /// This actor ends itself when the handler has ended. Messages that wait become dead letters. A
    /// `permanent` child of a supervisor is restarted.
    void stop() noexcept { system().exit(on(), *cell_); }
    /// Ends any actor, whatever its lifetime; nothing happens if it is gone. Any number of times.
    void stop(any_ref const& target) noexcept;

    /// From here on this actor gets exactly one `terminated` for `target`, however often it calls
    /// before that: any reference, of any system, also one that is null or whose actor is gone, or
    /// ends at this moment. It needs a handler `void on(troupe::terminated const&)`, with or
    /// without its context. The signal does not wait behind messages: it may overtake those that
    /// `target` has sent (who needs their order sends itself a message from on(terminated)). It
    /// waits for a handler that is suspended, and while this actor is muted. It is no message in
    /// the books. Does not wait; takes a block of the pool, and now and then one for a larger
    /// table. `pool_exhausted`: nothing is watched. A restart of this actor ends its watches, one
    /// of `target` does not concern them.
    watch_status watch(any_ref const& target) noexcept;
    /// No signal comes any more, even if it was on its way. Nothing happens without a watch.
    void unwatch(any_ref const& target) noexcept;

    /// Both or none: when one of the two ends by a failure (or is gone already), the other fails
    /// with that as the cause, also while its handler is suspended, and its own supervisor decides.
    /// A stop, an exit and a restart do not count: a link ties two lives and survives the restart
    /// of both. Symmetric, idempotent; of any system. Does not wait; takes blocks as `watch` does.
    watch_status link(any_ref const& target) noexcept;
    /// Either of the two may end the link.
    void unlink(any_ref const& target) noexcept;

    /// The end of `target` as something to await: `co_await self.termination(r).within(1s)` gives
    /// its `terminated`, at once if it is gone already. `target_gone`: its system was given up, and
    /// it may still run. Of oneself: `would_block`. Not behind its
    /// restarts: an actor that is restarted has not ended.
    request<terminated> termination(any_ref const& target) noexcept;
    /// stop(target), when it is awaited, and then its termination. When the outcome is there no
    /// handler, hook, timer or destructor of it runs any more. Of oneself: `would_block`.
    request<terminated> stop_and_wait(any_ref const& target) noexcept;

    /// The handler has failed, as if it had thrown: its asker gets `failed`, and its supervisor
    /// decides; without one an actor of a class is stopped. `why` must live as long as the program.
    void fail(char const* why) noexcept { detail::this_thread.fail(why); }

    /// How often this actor was restarted.
    std::uint32_t attempt() const noexcept { return detail::attempt_of(*cell_); }

    /// Hands a message on together with the duty to answer: `self.forward(next, std::move(m),
    /// std::move(r))` in a handler that takes a `reply`. The next actor is of the same system; if
    /// it is gone, the asker is told so.
    template <class Target, class Certainty, class Message, class Reply>
    void forward(troupe::ref<Target, Certainty> const& next, Message&& message,
                 reply<Reply>&& answer);

    /// Sends `message` to this actor after `delay` on the system's clock, never earlier. A null
    /// timer: the pool is exhausted, and the message is a counted dead letter.
    template <class Message>
    timer after(duration delay, Message&& message);
    /// Sends a copy of `message` to this actor each `interval`, the first after one interval, until
    /// it is cancelled or the actor ends. The rhythm does not drift; times that were missed are
    /// skipped. Throws `config_error` when the interval is not positive (without exceptions the
    /// handler fails).
    template <class Message>
    timer every(duration interval, Message&& message);
    /// False when the timer has fired already or was cancelled. A tick that is in the mailbox
    /// already still comes.
    bool cancel(timer const& t) noexcept;

    /// Tells the log: `self.log(log_level::info, "transferred", {{"cents", 500}, {"to", name}})`.
    /// The record has the actor's type and path, and the message that is handled. Below the floor
    /// of the system's sink this is one comparison; nothing is allocated. May wait for the sink.
    void log(log_level level, std::string_view words,
             std::initializer_list<log_field> fields = {}) const noexcept {
        if (level < detail::log_floor_of_actor<Actor>() || !system().tells(level)) return;
        system().say(level, words, cell_, fields);
    }
    /// The same with the level as a constant: below the floor that the actor's class names (`static
    /// constexpr log_level log_floor`) nothing is left of the call, and fields of any type stand.
    template <log_level Level>
    void log(std::string_view                       words,
             std::initializer_list<loggable<Level>> fields = {}) const noexcept {
        if constexpr (told<Level>) log(Level, words, fields);
    }

    /// The time of the system's clock.
    time_point now() const noexcept { return system().now(); }

private:
    friend struct detail::context_access;
    explicit context(detail::cell& cell) noexcept : cell_(&cell) {}

    template <class... Policies, class... Given>
    auto spawn_function(Given&&... given);
    template <class... Policies, class... Given>
    auto try_spawn_function(Given&&... given) noexcept;
    template <class Message>
    timer arm(duration delay, detail::message_period const& period, Message&& message);

    detail::worker* on() const noexcept { return detail::this_thread.on; }
    detail::core&   system() const noexcept {
        // relaxed: our own; the core lives as long as we do
        return *cell_->door.load(detail::memory_order_relaxed)->inside();
    }

    detail::cell* cell_;
};

namespace detail {

/// The next message of a periodic timer; null when there is no memory or the copy has thrown.
template <class Message>
node* copy_message(core& home, worker* w, cell& target, node const& original) noexcept {
    TROUPE_TRY {
        auto&       from = const_cast<node&>(original);
        node* const n =
            build<Message>(home, w, target, from.target, from.message_as<Message const>());
        if (n != nullptr && n->info->prefix != 0 && from.info->prefix != 0) {
            envelope::of(*n) = envelope::of(from);  // the actor itself, not who fires the timer
        }
        return n;
    }
    TROUPE_CATCH_ALL { return nullptr; }
}

/// The context of a cell is its field `self`: a context is nothing but that pointer.
struct context_access {
    template <class Context>
    static Context& as(cell& c) noexcept {
        static_assert(sizeof(Context) == sizeof(cell*));
        return *new (&c.self) Context{c};
    }
    /// The library's own actors: one of its events, in a handler or a hook of theirs.
    template <class Actor>
    static void tell(context<Actor> const& self, log_event id, std::string_view detail,
                     std::initializer_list<log_field> fields = {}) noexcept {
        if (self.system().tells(id)) {
            self.system().tell(id, {.who = self.cell_, .detail = detail, .fields = fields});
        }
    }
};

}  // namespace detail

template <class Actor>
any_ref context<Actor>::sender() const noexcept {
    using namespace detail;
    static_assert(
        actor_asks_for_the_sender<Actor>,
        "troupe: the actor's messages do not carry their sender; add `using envelope_type "
        "= troupe::with_sender;` to its public part");
    node* const n = cell_->head;
    if (n == nullptr || n->info->prefix == 0) return {};
    envelope const& from = envelope::of(*n);
    return from.incarnation == 0 ? any_ref{}
                                 : ref_access::make<any_ref>(*from.sender, from.incarnation);
}

template <class Actor>
correlation_id context<Actor>::correlation() const noexcept {
    using namespace detail;
    static_assert(
        actor_asks_for_the_sender<Actor>,
        "troupe: the actor's messages do not say to what they belong; add `using envelope_type "
        "= troupe::with_correlation;` to its public part");
    worker const* const w = on();
    return w != nullptr ? correlation_handled(*w) : correlation_id{};
}

template <class Actor>
void context<Actor>::correlate(correlation_id const& id) noexcept {
    using namespace detail;
    static_assert(
        actor_asks_for_the_sender<Actor>,
        "troupe: the actor's messages do not say to what they belong; add `using envelope_type "
        "= troupe::with_correlation;` to its public part");
    worker const* const w = on();
    if (w != nullptr && handles_message(*w)) detail::correlate(*cell_->head, id);
}

template <class Actor>
correlation_id context<Actor>::correlate() noexcept {
    if (!correlation()) correlate(system().new_correlation());
    return correlation();
}

template <class Actor>
void context<Actor>::stop(any_ref const& target) noexcept {
    detail::cell* const c = detail::ref_access::cell_of(target);
    detail::visit const here{c, target.identity()};
    if (here.system() != nullptr) here.system()->request_stop(here.on(), *c, target.identity());
}

template <class Actor>
template <class Message>
timer context<Actor>::after(duration delay, Message&& message) {
    return arm(delay, {}, std::forward<Message>(message));
}

template <class Actor>
template <class Message>
timer context<Actor>::every(duration interval, Message&& message) {
    using type = std::remove_cvref_t<Message>;
    static_assert(std::is_copy_constructible_v<type>,
                  "troupe: `every` sends copies of its message, and the message cannot be copied; "
                  "use `after` in the handler");
    if (interval < duration{1}) {
#if TROUPE_HAS_EXCEPTIONS
        throw config_error{"troupe: every: the interval is " + std::to_string(interval.count()) +
                           " ns; it must be at least 1 ns"};
#else
        fail("troupe: every: the interval must be at least 1 ns");
        return {};
#endif
    }
    return arm(interval, {interval, &detail::copy_message<type>}, std::forward<Message>(message));
}

template <class Actor>
template <class Message>
timer context<Actor>::arm(duration delay, detail::message_period const& period, Message&& message) {
    using type = std::remove_cvref_t<Message>;
    static_assert(detail::target_accepts<Actor, type, detail::protocol_of<Actor>>,
                  "troupe: a timer sends to the actor itself, and the actor does not accept this "
                  "message; add `void(Message)` to its protocol, and a handler");
    detail::core&       core = system();
    time_point const    deadline = core.now() + delay;
    detail::node* const n =
        detail::build<type>(core, on(), *cell_, ref().identity(), std::forward<Message>(message));
    std::uint64_t                id = 0;
    detail::message_timer* const t =
        n == nullptr ? nullptr : core.arm_message(on(), *cell_, *n, deadline, period, id);
    if (t == nullptr) {
        core.count_sent(on());
        if (n != nullptr) core.drop(on(), *n, drop_cause::pool);
        else core.drop_unbuilt(on(), detail::info_of<type>, ref().identity(), drop_cause::pool);
        return {};
    }
    return timer{t, id};
}

template <class Actor>
template <class Target, class Certainty, class Message, class Reply>
void context<Actor>::forward(troupe::ref<Target, Certainty> const& next, Message&& message,
                             reply<Reply>&& answer) {
    using namespace detail;
    using type = std::remove_cvref_t<Message>;
    using accepted = protocol_of<Target>;
    static_assert(
        target_accepts<Target, type, accepted>,
        "troupe: the next actor does not accept this message; forward one that its protocol "
        "names, or add `Reply(Message)` to it");
    static_assert(
        !protocol_accepts<accepted, type> || protocol_has<accepted, Reply(type)>,
        "troupe: the next actor answers this message with another type than was asked for");
    cell* const c = ref_access::cell_of(next);
    visit const here{c, next.identity()};
    core&       mine = system();
    node* const n = here.system() != &mine ? nullptr
                                           : build<type>(mine, on(), *c, next.identity(),
                                                         std::forward<Message>(message));
    if (n == nullptr) {
        bool const elsewhere = here.system() != &mine;
        mine.count_sent(on());
        mine.drop_unbuilt(on(), info_of<type>, next.identity(),
                          elsewhere ? drop_cause::dead : drop_cause::pool);
        reply_access::refuse(std::move(answer),
                             elsewhere ? ask_errc::target_gone : ask_errc::pool_exhausted);
        return;
    }
    n->reply = reply_access::give(std::move(answer));
    static_cast<void>(submit_built(mine, on(), *c, *n, send_mode::normal, never));
}

template <class Actor>
bool context<Actor>::cancel(timer const& t) noexcept {
    return t.at_ != nullptr && system().cancel(on(), *t.at_, t.id_);
}

}  // namespace troupe::inline TROUPE_ABI
