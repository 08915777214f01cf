// SPDX-License-Identifier: BSL-1.0
#pragma once

// Bringing an actor to life: all or nothing. The constructor and `started` run on the calling
// thread; a failure leaves no cell, no name, no timer, no link and no child.

#include <cstdint>
#include <exception>
#include <new>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include "troupe/actor/concepts.hpp"
#include "troupe/actor/turn.hpp"
#include "troupe/base/result.hpp"
#include "troupe/config/hints.hpp"
#include "troupe/system/function_actor.hpp"
#include "troupe/system/policies.hpp"

namespace troupe::inline TROUPE_ABI {
namespace detail {

/// The actor has a hook that runs before `spawn` returns.
template <class Actor>
concept has_started = requires(Actor& a, context<Actor>& self) { a.started(self); };
template <class Actor>
concept has_plain_started = requires(Actor& a) { a.started(); };

/// Where an actor is spawned, and by whom.
struct birthplace {
    core&   home;
    worker* w;
    cell&   parent;
    bool    closed;  // the parent, or the system, is stopping
};

/// What came of a spawn: an actor, or why there is none.
struct birth {
    cell_ops const*    ops;
    std::string_view   name{};  // the caller's: the error is made while it stands
    cell*              born = nullptr;
    std::uint64_t      incarnation = 0;
    spawn_errc         error{};
    std::exception_ptr thrown{};

    TROUPE_COLD spawn_error why() const noexcept {
        return spawn_error{error, ops->actor_name, thrown, name};
    }
    void throw_unless_born() const {
#if TROUPE_HAS_EXCEPTIONS
        if (born == nullptr) throw_why();
#endif
    }
#if TROUPE_HAS_EXCEPTIONS
    [[noreturn]] TROUPE_COLD void throw_why() const { throw why(); }
#endif
};

/// The words of context::fail() as an exception, where there are any.
class said_by_hand : public std::exception {
public:
    explicit said_by_hand(char const* why) noexcept : why_(why) {}
    char const* what() const noexcept override { return why_; }

private:
    char const* why_;
};
inline std::exception_ptr said([[maybe_unused]] char const* why) noexcept {
#if TROUPE_HAS_EXCEPTIONS
    return std::make_exception_ptr(said_by_hand{why});
#else
    return {};
#endif
}

/// An actor that is being spawned: all of it that does not depend on its type, so that it is
/// compiled once. While this lives, the thread acts for the actor.
class newborn {
public:
    newborn(birthplace const& at, cell_ops const& ops, name const* given) noexcept
        : at_(at),
          outcome_{&ops, given == nullptr ? std::string_view{} : given->text},
          cell_(begin(ops, given)),
          role_(at.w, cell_) {}

    /// Where the object is built; null: it cannot be, and the outcome says why.
    void* body() const noexcept { return cell_ == nullptr ? nullptr : cell_->body; }
    cell& of() const noexcept { return *cell_; }
    /// The object is built: it has a parent and can be sent to by those who know it.
    void built() noexcept {
        at_.home.adopt(at_.w, at_.parent, *cell_);
        at_.home.count(metric::actors_spawned, 1);
        built_ = true;
    }
    /// While an exception is handled: the constructor has thrown, or `started`.
    void failed() noexcept {
#if TROUPE_HAS_EXCEPTIONS
        fail_with(std::current_exception());
#endif
    }
    birth end() noexcept;

private:
    cell* begin(cell_ops const& ops, name const* given) noexcept;
    void  let_run() noexcept;
    void  fail_with(std::exception_ptr why) noexcept {
        failed_ = true;
        outcome_.thrown = std::move(why);
        outcome_.error = spawn_errc::constructor;
    }

    birthplace const& at_;
    birth             outcome_;
    cell* const       cell_;
    role_scope        role_;
    bool              built_ = false;
    bool              failed_ = false;
};

inline cell* newborn::begin(cell_ops const& ops, name const* given) noexcept {
    if (at_.closed) {
        outcome_.error = spawn_errc::stopped;
        return nullptr;
    }
    cell* const c = at_.home.begin(at_.w, ops, outcome_.error);
    if (c == nullptr) return nullptr;
    outcome_.incarnation = c->incarnation.load(memory_order_relaxed);  // relaxed: ours
    if (given != nullptr &&
        !at_.home.take_name(at_.w, at_.parent, *c, given->text, outcome_.error)) {
        at_.home.undo(at_.w, *c);
        return nullptr;
    }
    return c;
}

inline birth newborn::end() noexcept {
    if (cell_ != nullptr && !built_) at_.home.undo(at_.w, *cell_);
    if (built_) {
        // `started` has called context::fail().
        if (char const* const why = role_.take_failure()) {
            if (!failed_) fail_with(said(why));
        }
        // What `started` has begun (children, timers, messages) ends as with any actor.
        if (failed_) at_.home.request_stop(at_.w, *cell_, outcome_.incarnation);
        else outcome_.born = cell_;
        let_run();
    }
    return std::move(outcome_);
}

/// Ends the time in which a new actor is held by its creator.
inline void newborn::let_run() noexcept {
    cell&      c = *cell_;
    bool const quiet = c.muted == nullptr && outcome_.ops->try_idle(c.box);
    if (quiet) {
        // seq_cst: pairs with core::wake(), as at the end of a turn
        if ((c.control.load(memory_order_seq_cst) & control::transient) == 0) return;
        if (!outcome_.ops->claim(c.box)) return;
    }
    at_.home.make_ready(at_.w, c, root_token{});
}

/// The leading `name` among the arguments of spawn, or null.
inline name const* given_name() noexcept { return nullptr; }
template <class First, class... Rest>
name const* given_name(First const& first, Rest const&...) noexcept {
    if constexpr (std::is_same_v<First, name>) return &first;
    else return nullptr;
}

template <class Actor, class... Arguments>
Actor& construct(void* body, Arguments&&... arguments) {
    return *new (body) Actor(std::forward<Arguments>(arguments)...);
}
template <class Actor, class First, class... Rest>
    requires std::is_same_v<std::remove_cvref_t<First>, name>
Actor& construct(void* body, First&&, Rest&&... rest) {
    return *new (body) Actor(std::forward<Rest>(rest)...);
}

/// Below an actor, which does this in one of its handlers.
inline birthplace place_below(cell& parent, worker* w, core& home) noexcept {
    // relaxed: only the owner sets this bit
    return {home, w, parent, (parent.control.load(memory_order_relaxed) & control::stopping) != 0};
}

/// Below the root of the tree, from any thread. While this lives, the end of the system waits for
/// it.
class top_of_tree {
public:
    explicit top_of_tree(core& home) noexcept : home_(home), w_(home.worker_here()) {
        if (w_ == nullptr) home_.begin_birth();
    }
    ~top_of_tree() {
        if (w_ == nullptr) home_.end_birth();
    }
    top_of_tree(top_of_tree const&) = delete;
    top_of_tree& operator=(top_of_tree const&) = delete;

    birthplace place() const noexcept { return {home_, w_, home_.root(), home_.draining()}; }

private:
    core&         home_;
    worker* const w_;
};

/// What a spawn must know of its actor. The rest is the same for all types and compiled once, so
/// that a program with many actors does not pay for it many times.
struct plan {
    cell_ops const& ops;
    name const*     given;                        // null: it has no name
    void (*build)(void* arguments, newborn& to);  // the object, and `started`; may throw
    void* arguments;
};

template <class Build>
void call_build(void* build, newborn& to) {
    (*static_cast<Build*>(build))(to);
}

/// Spawns below `parent`, an actor of `home` in whose handler this is; null: at the top, from any
/// thread. Never throws. What can be wrong with the types was said before.
TROUPE_APART inline birth bring_to_life(core& home, cell* parent, plan const& what) noexcept {
    std::optional<top_of_tree> top;
    if (parent == nullptr) top.emplace(home);
    birthplace const at =
        parent == nullptr ? top->place() : place_below(*parent, this_thread.on, home);
    newborn fresh{at, what.ops, what.given};
    if (fresh.body() != nullptr) {
        TROUPE_TRY { what.build(what.arguments, fresh); }
        TROUPE_CATCH_ALL { fresh.failed(); }
    }
    return fresh.end();
}

/// A living actor, as a reference is made of it.
struct living {
    cell*         born;
    std::uint64_t incarnation;
};
/// As bring_to_life(), but throws.
TROUPE_APART inline living bring_to_life_or_throw(core& home, cell* parent, plan const& what) {
    birth const made = bring_to_life(home, parent, what);
    made.throw_unless_born();
    return {made.born, made.incarnation};
}

/// `Begin` is one of the two above.
template <class Actor, class Mailbox, class Begin, class... Arguments>
auto spawn_child(Begin* begin, core& home, cell* parent, Arguments&&... arguments) {
    auto build = [&](newborn& fresh) {
        [[maybe_unused]] Actor& actor =
            construct<Actor>(fresh.body(), std::forward<Arguments>(arguments)...);
        fresh.built();
        if constexpr (has_started<Actor>)
            actor.started(context_access::as<context<Actor>>(fresh.of()));
        else if constexpr (has_plain_started<Actor>) actor.started();
    };
    return begin(home, parent,
                 plan{ops_of<Actor, Mailbox>, given_name(arguments...),
                      &call_build<decltype(build)>, &build});
}

/// The outcome as `try_spawn` gives it.
template <class Ref>
result<Ref, spawn_error> result_of(birth const& made) noexcept {
    if (made.born == nullptr) return made.why();
    return ref_access::make<Ref>(*made.born, made.incarnation);
}

}  // namespace detail

template <class Actor>
template <class Child, class... Policies, class... Rest>
auto context<Actor>::try_spawn(Rest&&... rest) noexcept {
    using namespace detail;
    if constexpr (policy_of_spawn<Child>) {
        return try_spawn_function<Child, Policies...>(std::forward<Rest>(rest)...);
    } else if constexpr (check_policies<Child, Policies...>() && check_actor<Child, Rest...>()) {
        using policies = resolved_policies<Child, bounded_mailbox<1024>, Policies...>;
        return result_of<typename policies::ref_type>(
            spawn_child<Child, typename policies::mailbox_type>(&bring_to_life, system(), cell_,
                                                                std::forward<Rest>(rest)...));
    } else {
        return result<troupe::ref<Child>, spawn_error>{troupe::ref<Child>{}};
    }
}

template <class Actor>
template <class Child, class... Policies, class... Rest>
auto context<Actor>::spawn(Rest&&... rest) {
    using namespace detail;
    static_assert(exceptions_are_on<Child>,
                  "troupe: spawn() throws and there are no exceptions in this build; use "
                  "try_spawn()");
    if constexpr (policy_of_spawn<Child>) {
        return spawn_function<Child, Policies...>(std::forward<Rest>(rest)...);
    } else if constexpr (check_policies<Child, Policies...>() && check_actor<Child, Rest...>()) {
        using policies = resolved_policies<Child, bounded_mailbox<1024>, Policies...>;
        living const made = spawn_child<Child, typename policies::mailbox_type>(
            &bring_to_life_or_throw, system(), cell_, std::forward<Rest>(rest)...);
        return ref_access::make<typename policies::ref_type>(*made.born, made.incarnation);
    } else {
        return troupe::ref<Child>{};
    }
}

template <class Actor>
template <class... Policies, class... Given>
auto context<Actor>::try_spawn_function(Given&&... given) noexcept {
    if constexpr (detail::check_function<std::remove_cvref_t<Given>...>()) {
        return try_spawn<detail::function_actor_of<Given...>, Policies...>(
            std::forward<Given>(given)...);
    } else {
        return result<troupe::ref<protocol<>>, spawn_error>{troupe::ref<protocol<>>{}};
    }
}
template <class Actor>
template <class... Policies, class... Given>
auto context<Actor>::spawn_function(Given&&... given) {
    if constexpr (detail::check_function<std::remove_cvref_t<Given>...>()) {
        return spawn<detail::function_actor_of<Given...>, Policies...>(
            std::forward<Given>(given)...);
    } else {
        return troupe::ref<protocol<>>{};
    }
}

template <class Actor>
template <int, class... Given>
auto context<Actor>::spawn(Given&&... given) {
    return spawn_function(std::forward<Given>(given)...);
}
template <class Actor>
template <int, class... Given>
auto context<Actor>::try_spawn(Given&&... given) noexcept {
    return try_spawn_function(std::forward<Given>(given)...);
}

}  // namespace troupe::inline TROUPE_ABI
