// SPDX-License-Identifier: BSL-1.0
#pragma once

// Bringing an actor to life: all or nothing. The constructor and `started` run on the calling
// thread; a failure leaves no cell, no name, no timer, no link and no child.

#include <exception>
#include <string_view>
#include <type_traits>
#include <utility>

#include "troupe/actor/concepts.hpp"
#include "troupe/actor/turn.hpp"
#include "troupe/base/result.hpp"
#include "troupe/system/function_actor.hpp"
#include "troupe/system/policies.hpp"

namespace troupe::inline TROUPE_ABI {
namespace detail {

/// The actor has a hook that runs before `spawn` returns.
template <class Actor>
concept has_started = requires(Actor& a, context<Actor>& self) { a.started(self); };
template <class Actor>
concept has_plain_started = requires(Actor& a) { a.started(); };

/// Takes an optional leading `name` off the arguments of spawn.
template <class Act>
auto with_name(Act const& act) {
    return act(std::string_view{}, false);
}
template <class Act, class First, class... Rest>
auto with_name(Act const& act, First&& first, Rest&&... rest) {
    if constexpr (std::is_same_v<std::remove_cvref_t<First>, name>) {
        return act(first.text, true, std::forward<Rest>(rest)...);
    } else {
        return act(std::string_view{}, false, std::forward<First>(first),
                   std::forward<Rest>(rest)...);
    }
}

/// Ends the time in which a new actor is held by its creator.
template <class Mailbox>
void let_run(core& home, worker* w, cell& c) noexcept {
    using kernel = typename Mailbox::kernel_type;
    bool const quiet = c.muted == nullptr && kernel::try_idle(c.box);
    if (quiet) {
        // seq_cst: pairs with core::wake(), as at the end of a turn
        if ((c.control.load(memory_order_seq_cst) & control::transient) == 0) return;
        if (!kernel::claim(c.box)) return;
    }
    home.make_ready(w, c, root_token{});
}

/// Spawns a child of `parent`. Never throws. What can be wrong with the types was said before.
template <class Actor, class Policies, class... Arguments>
result<typename Policies::ref_type, spawn_error> spawn_child(core& home, worker* w, cell& parent,
                                                             std::string_view text, bool named,
                                                             Arguments&&... arguments) noexcept {
    using mailbox = typename Policies::mailbox_type;
    using ref_type = typename Policies::ref_type;
    constexpr std::string_view actor = type_name<Actor>();

    spawn_errc  error{};
    cell* const c = home.begin(w, ops_of<Actor, mailbox>, error);
    if (c == nullptr) return spawn_error{error, actor};
    std::uint64_t const incarnation = c->incarnation.load(memory_order_relaxed);  // relaxed: ours
    if (named && !home.take_name(w, parent, *c, text, error)) {
        home.undo(w, *c);
        return spawn_error{error, actor};
    }
    role_scope const   role{w, c};
    std::exception_ptr thrown;
    TROUPE_TRY { new (c->body) Actor(std::forward<Arguments>(arguments)...); }
    TROUPE_CATCH_ALL {
#if TROUPE_HAS_EXCEPTIONS
        home.undo(w, *c);
        return spawn_error{spawn_errc::constructor, actor, std::current_exception()};
#endif
    }
    [[maybe_unused]] context<Actor>& self = context_access::of<Actor>(*c);
    home.adopt(w, parent, *c);
    home.count(metric::actors_spawned, 1);
    if constexpr (has_started<Actor> || has_plain_started<Actor>) {
        TROUPE_TRY {
            auto& fresh = *static_cast<Actor*>(c->body);
            if constexpr (has_started<Actor>) fresh.started(self);
            else fresh.started();
        }
        TROUPE_CATCH_ALL {
#if TROUPE_HAS_EXCEPTIONS
            thrown = std::current_exception();
#endif
        }
    }
    if (thrown) {
        // What `started` has begun (children, timers, messages) ends as with any actor.
        home.request_stop(w, *c, incarnation);
    }
    let_run<mailbox>(home, w, *c);
    if (thrown) return spawn_error{spawn_errc::constructor, actor, std::move(thrown)};
    return ref_access::make<ref_type>(*c, incarnation);
}

/// The value, or the error as an exception.
template <class Ref>
Ref value_or_throw(result<Ref, spawn_error>&& outcome) {
#if TROUPE_HAS_EXCEPTIONS
    if (!outcome) throw outcome.error();
#endif
    return *std::move(outcome);
}

}  // namespace detail

template <class Actor>
template <class Child, class... Policies, class... Rest>
auto context<Actor>::try_spawn(Rest&&... rest) noexcept {
    if constexpr (!(detail::check_policies<Child, Policies...>() &&
                    detail::check_actor<Child, Rest...>())) {
        return result<troupe::ref<Child>, spawn_error>{troupe::ref<Child>{}};
    } else {
        using policies = detail::resolved_policies<Child, bounded_mailbox<1024>, Policies...>;
        return detail::with_name(
            [this](std::string_view text, bool named, auto&&... arguments) {
                using outcome = result<typename policies::ref_type, spawn_error>;
                // relaxed: only the owner sets this bit
                if ((cell_->control.load(detail::memory_order_relaxed) &
                     detail::control::stopping) != 0) {
                    return outcome{spawn_error{spawn_errc::stopped, type_name<Child>()}};
                }
                return detail::spawn_child<Child, policies>(
                    system(), on(), *cell_, text, named,
                    std::forward<decltype(arguments)>(arguments)...);
            },
            std::forward<Rest>(rest)...);
    }
}

template <class Actor>
template <class Child, class... Policies, class... Rest>
auto context<Actor>::spawn(Rest&&... rest) {
    static_assert(detail::exceptions_are_on<Child>,
                  "troupe: spawn() throws and there are no exceptions in this build; use "
                  "try_spawn()");
    return detail::value_or_throw(try_spawn<Child, Policies...>(std::forward<Rest>(rest)...));
}

}  // namespace troupe::inline TROUPE_ABI
