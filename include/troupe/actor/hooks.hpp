// SPDX-License-Identifier: BSL-1.0
#pragma once

// The hooks of an actor, each optional and found by its form: with the context as a last argument
// or without. One constant per actor type; a type without any of them has none.

#include "troupe/actor/annex.hpp"
#include "troupe/actor/context.hpp"
#include "troupe/actor/task.hpp"
#include "troupe/supervision/children.hpp"
#include "troupe/supervision/rules.hpp"

namespace troupe::inline TROUPE_ABI::detail {

template <class Actor>
concept has_started_with_context = requires(Actor& a, context<Actor>& self) { a.started(self); };
template <class Actor>
concept has_plain_started = requires(Actor& a) { a.started(); };
template <class Actor>
concept has_started = has_started_with_context<Actor> || has_plain_started<Actor>;

template <class Actor>
concept has_restarting_with_context =
    requires(Actor& a, failure const& f, context<Actor>& self) { a.restarting(f, self); };
template <class Actor>
concept has_plain_restarting = requires(Actor& a, failure const& f) { a.restarting(f); };
template <class Actor>
concept has_restarting = has_restarting_with_context<Actor> || has_plain_restarting<Actor>;

template <class Actor>
concept has_stopping_with_context = requires(Actor& a, context<Actor>& self) { a.stopping(self); };
template <class Actor>
concept has_plain_stopping = requires(Actor& a) { a.stopping(); };
template <class Actor>
concept has_stopping = has_stopping_with_context<Actor> || has_plain_stopping<Actor>;

template <class Actor>
concept has_stopped_with_context = requires(Actor& a, context<Actor>& self) { a.stopped(self); };
template <class Actor>
concept has_plain_stopped = requires(Actor& a) { a.stopped(); };
template <class Actor>
concept has_stopped = has_stopped_with_context<Actor> || has_plain_stopped<Actor>;

template <class Actor, class Message>
concept takes_back_with_context =
    requires(Actor& a, Message&& m, context<Actor>& self) { a.hand_back(std::move(m), self); };
template <class Actor, class Message>
concept takes_back_alone = requires(Actor& a, Message&& m) { a.hand_back(std::move(m)); };
template <class Actor, class Message>
concept takes_back = takes_back_with_context<Actor, Message> || takes_back_alone<Actor, Message>;

template <class Actor, class Protocol>
inline constexpr bool takes_back_any = false;
template <class Actor, class... Signatures>
inline constexpr bool takes_back_any<Actor, protocol<Signatures...>> =
    (takes_back<Actor, typename signature<Signatures>::message_type> || ...);
template <class Actor>
concept has_hand_back = takes_back_any<Actor, protocol_of<Actor>>;

// ---- what can be wrong

/// Whether a class names something can be asked without having access to it: a name that stands in
/// two base classes cannot be used. Of a final class nothing is known.
struct names_of_hooks {
    int started, stopping, stopped, restarting, hand_back, on_failure, supervision, log_floor;
};
template <class Actor, bool = std::is_final_v<Actor>>
struct with_names_of_hooks : Actor, names_of_hooks {};
template <class Actor>
struct with_names_of_hooks<Actor, true> : names_of_hooks {};

template <class Actor>
inline constexpr bool started_has_a_form =
    has_started<Actor> || requires { &with_names_of_hooks<Actor>::started; };
template <class Actor>
inline constexpr bool stopping_has_a_form =
    has_stopping<Actor> || requires { &with_names_of_hooks<Actor>::stopping; };
template <class Actor>
inline constexpr bool stopped_has_a_form =
    has_stopped<Actor> || requires { &with_names_of_hooks<Actor>::stopped; };
template <class Actor>
inline constexpr bool restarting_has_a_form =
    has_restarting<Actor> || requires { &with_names_of_hooks<Actor>::restarting; };
template <class Actor>
inline constexpr bool hand_back_has_a_form =
    has_hand_back<Actor> || requires { &with_names_of_hooks<Actor>::hand_back; };
template <class Actor>
inline constexpr bool supervision_is_public =
    names_a_supervision<Actor> || requires { &with_names_of_hooks<Actor>::supervision; };
template <class Actor>
inline constexpr bool decider_is_public =
    names_a_decider<Actor> || requires { &with_names_of_hooks<Actor>::on_failure; };

template <class Actor>
inline constexpr bool log_floor_is_public =
    names_a_log_floor<Actor> || requires { &with_names_of_hooks<Actor>::log_floor; };

template <class Result>
inline constexpr bool is_something = !std::is_void_v<Result>;
template <class Result>
inline constexpr bool is_no_end_of_a_hook = is_something<Result> && !is_task<Result>;

template <class Actor>
inline constexpr bool started_is_no_coroutine = !requires(Actor& a, context<Actor>& self) {
    requires is_something<decltype(a.started(self))>;
} && !requires(Actor& a) { requires is_something<decltype(a.started())>; };
template <class Actor>
inline constexpr bool stopped_is_no_coroutine = !requires(Actor& a, context<Actor>& self) {
    requires is_something<decltype(a.stopped(self))>;
} && !requires(Actor& a) { requires is_something<decltype(a.stopped())>; };
template <class Actor>
inline constexpr bool restarting_is_no_coroutine = !requires(Actor& a, failure const& f,
                                                             context<Actor>& self) {
    requires is_something<decltype(a.restarting(f, self))>;
} && !requires(Actor& a, failure const& f) { requires is_something<decltype(a.restarting(f))>; };
template <class Actor>
inline constexpr bool stopping_returns_nothing_or_a_task =
    !requires(Actor& a, context<Actor>& self) {
        requires is_no_end_of_a_hook<decltype(a.stopping(self))>;
    } && !requires(Actor& a) { requires is_no_end_of_a_hook<decltype(a.stopping())>; };

template <class Actor>
concept names_hook_deadlines = requires { Actor::hooks; };
template <class Actor>
inline constexpr bool hooks_are_deadlines = true;
template <names_hook_deadlines Actor>
inline constexpr bool hooks_are_deadlines<Actor> =
    std::is_same_v<std::remove_cvref_t<decltype(Actor::hooks)>, hook_deadlines>;

template <class Actor>
inline constexpr bool hooks_have_forms =
    started_has_a_form<Actor> && stopping_has_a_form<Actor> && stopped_has_a_form<Actor> &&
    restarting_has_a_form<Actor> && hand_back_has_a_form<Actor> && supervision_is_public<Actor> &&
    decider_is_public<Actor> && log_floor_is_public<Actor>;
template <class Actor>
inline constexpr bool hooks_are_right =
    hooks_have_forms<Actor> && started_is_no_coroutine<Actor> && stopped_is_no_coroutine<Actor> &&
    restarting_is_no_coroutine<Actor> && stopping_returns_nothing_or_a_task<Actor> &&
    hooks_are_deadlines<Actor>;

template <class Actor>
consteval void explain_forms_of_hooks() {
    static_assert(started_has_a_form<Actor>,
                  "troupe: the hook `started` is public and takes nothing, or "
                  "`troupe::context<Actor>&`; rename a member that is no hook");
    static_assert(stopping_has_a_form<Actor>,
                  "troupe: the hook `stopping` is public and takes nothing, or "
                  "`troupe::context<Actor>&`; rename a member that is no hook");
    static_assert(stopped_has_a_form<Actor>,
                  "troupe: the hook `stopped` is public and takes nothing, or "
                  "`troupe::context<Actor>&`; rename a member that is no hook");
    static_assert(restarting_has_a_form<Actor>,
                  "troupe: the hook `restarting` is public and takes `troupe::failure const&`, "
                  "perhaps with `troupe::context<Actor>&` after it");
    static_assert(hand_back_has_a_form<Actor>,
                  "troupe: `hand_back` is public and takes a message of the actor's protocol as "
                  "`Message&&`, perhaps with `troupe::context<Actor>&` after it");
    static_assert(
        supervision_is_public<Actor>,
        "troupe: the actor's `supervision` is not public, so that it would not supervise; "
        "move it to the public part");
    static_assert(
        decider_is_public<Actor>,
        "troupe: the actor's `on_failure` is not public, so that it would never be asked; "
        "move it to the public part");
    static_assert(log_floor_is_public<Actor>,
                  "troupe: the actor's `log_floor` is not public, so that it would mean nothing; "
                  "move it to the public part");
}

/// True when nothing is wrong with the hooks of an actor; otherwise says what is.
template <class Actor>
consteval bool check_hooks() {
    if constexpr (!hooks_have_forms<Actor>) {
        explain_forms_of_hooks<Actor>();
    } else if constexpr (!hooks_are_right<Actor>) {
        static_assert(started_is_no_coroutine<Actor>,
                      "troupe: `started` is no coroutine and returns nothing: spawn returns when "
                      "it has ended; send yourself a message and wait in its handler");
        static_assert(stopped_is_no_coroutine<Actor>,
                      "troupe: `stopped` is no coroutine and returns nothing: the destructor comes "
                      "next; what has to wait for others belongs into `stopping`");
        static_assert(restarting_is_no_coroutine<Actor>,
                      "troupe: `restarting` is no coroutine and returns nothing: the object that "
                      "has failed goes");
        static_assert(stopping_returns_nothing_or_a_task<Actor>,
                      "troupe: `stopping` returns nothing, or `troupe::task<>`");
        static_assert(hooks_are_deadlines<Actor>,
                      "troupe: `hooks` of an actor are their deadlines: `static constexpr "
                      "troupe::hook_deadlines hooks{.stopping = 2s};`");
    }
    return hooks_are_right<Actor>;
}

template <class Actor>
Actor& object_of(cell& c) noexcept {
    return *static_cast<Actor*>(c.body);
}

/// A `stopping` that is a coroutine.
struct hook_coroutine {
    /// True: it waits, and the cell has it.
    static bool begin(cell& c, task<void> started) {
        if (!started.handle_) {
            this_thread.fail("coroutine frame: no block is large enough");
            return false;
        }
        fiber& f = run_as_fiber(started.handle_);
        if (f.done() || f.failed) {
            conclude(started);
            return false;
        }
        started.handle_ = nullptr;  // the cell owns it now
        c.awaiting = &f;
        return true;
    }
    /// After it has waited. Throws what it has thrown.
    static void end(cell& c) {
        fiber&     ended = *std::exchange(c.awaiting, nullptr);
        task<void> whole{
            std::coroutine_handle<promise_of<void>>::from_address(ended.outermost.address())};
        conclude(whole);
    }

private:
    static void conclude(task<void>& ended) {
        auto& promise = ended.handle_.promise();
#if TROUPE_HAS_EXCEPTIONS
        if (promise.error) std::rethrow_exception(promise.error);
#endif
        if (promise.own.failed) this_thread.fail("an awaited ask has failed");
    }
};

template <class Actor>
void call_started(cell& c) {
    if constexpr (has_started_with_context<Actor>) {
        object_of<Actor>(c).started(context_access::as<context<Actor>>(c));
    } else if constexpr (has_plain_started<Actor>) {
        object_of<Actor>(c).started();
    }
}

template <class Actor>
void call_restarting(cell& c, failure const& why) {
    if constexpr (has_restarting_with_context<Actor>) {
        object_of<Actor>(c).restarting(why, context_access::as<context<Actor>>(c));
    } else {
        object_of<Actor>(c).restarting(why);
    }
}

template <class Actor>
verdict call_decider(cell& c, failure const& why) {
    if constexpr (decides_in_context<Actor>) {
        return object_of<Actor>(c).on_failure(why, context_access::as<context<Actor>>(c));
    } else {
        return object_of<Actor>(c).on_failure(why);
    }
}

template <class Actor>
decltype(auto) run_stopping(cell& c) {
    if constexpr (has_stopping_with_context<Actor>) {
        return object_of<Actor>(c).stopping(context_access::as<context<Actor>>(c));
    } else {
        return object_of<Actor>(c).stopping();
    }
}
template <class Actor>
bool call_stopping(cell& c) {
    if constexpr (is_task<decltype(run_stopping<Actor>(c))>) {
        return hook_coroutine::begin(c, run_stopping<Actor>(c));
    } else {
        run_stopping<Actor>(c);
        return false;
    }
}

template <class Actor>
void call_stopped(cell& c) {
    if constexpr (has_stopped_with_context<Actor>) {
        object_of<Actor>(c).stopped(context_access::as<context<Actor>>(c));
    } else {
        object_of<Actor>(c).stopped();
    }
}

/// A message that was never handled, back to the object that it was for.
template <class Actor, class Protocol>
struct back_to;
template <class Actor, class... Signatures>
struct back_to<Actor, protocol<Signatures...>> {
    static bool hand(cell& c, node& n) {
        return (hand_one<typename signature<Signatures>::message_type>(c, n) || ...);
    }

private:
    template <class Message>
    static bool hand_one(cell& c, node& n) {
        if constexpr (takes_back<Actor, Message>) {
            if (n.info->id != type_hash<Message>) return false;
            auto& message = *__builtin_launder(static_cast<Message*>(n.message()));
            if constexpr (takes_back_with_context<Actor, Message>) {
                object_of<Actor>(c).hand_back(static_cast<Message&&>(message),
                                              context_access::as<context<Actor>>(c));
            } else {
                object_of<Actor>(c).hand_back(static_cast<Message&&>(message));
            }
            return true;
        } else {
            return false;
        }
    }
};

/// Defined where actors are spawned.
template <class Actor>
void begin_declared_children(cell& c);

template <class Actor>
consteval life_ops make_life() {
    life_ops life;
    if constexpr (has_started<Actor>) life.started = &call_started<Actor>;
    if constexpr (has_restarting<Actor>) life.restarting = &call_restarting<Actor>;
    if constexpr (has_stopping<Actor>) {
        life.stopping = &call_stopping<Actor>;
        life.stopping_waits = is_task<decltype(run_stopping<Actor>(std::declval<cell&>()))>;
    }
    if constexpr (has_stopped<Actor>) life.stopped = &call_stopped<Actor>;
    if constexpr (has_hand_back<Actor>) life.hand_back = &back_to<Actor, protocol_of<Actor>>::hand;
    if constexpr (has_stopping<Actor> || has_stopped<Actor> || has_hand_back<Actor>) {
        life.hooks = &core::all_hook_actions;
    }
    if constexpr (declared_children_of<Actor> != 0) {
        life.begin_children = &begin_declared_children<Actor>;
        life.declared = declared_children_of<Actor>;
    }
    if constexpr (names_hook_deadlines<Actor>) life.deadlines = Actor::hooks;
    if constexpr (names_a_decider<Actor>) life.decide = &call_decider<Actor>;
    if constexpr (supervises<Actor>) {
        life.strategy = &rules_of_actor<Actor>;
        life.supervision = &core::all_supervision_actions;
    }
    return life;
}
template <class Actor>
inline constexpr life_ops life_of = make_life<Actor>();

template <class Actor>
consteval life_ops const* life_or_null() {
    if constexpr (has_started<Actor> || has_restarting<Actor> || has_stopping<Actor> ||
                  has_stopped<Actor> || has_hand_back<Actor> || supervises<Actor>) {
        return &life_of<Actor>;
    } else {
        return nullptr;
    }
}

}  // namespace troupe::inline TROUPE_ABI::detail
