// SPDX-License-Identifier: BSL-1.0
#pragma once

// Bringing an actor to life: all or nothing. The constructor and `started` run on the calling
// thread; a failure leaves no cell, no name, no timer, no link and no child.

#include <cstdint>
#include <exception>
#include <new>
#include <string_view>
#include <type_traits>
#include <utility>

#include "troupe/actor/concepts.hpp"
#include "troupe/actor/hooks.hpp"
#include "troupe/actor/turn.hpp"
#include "troupe/base/result.hpp"
#include "troupe/config/hints.hpp"
#include "troupe/system/function_actor.hpp"
#include "troupe/system/policies.hpp"

namespace troupe::inline TROUPE_ABI {
namespace detail {

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
    failure            told{};

    TROUPE_COLD spawn_error why() const noexcept {
        spawn_error made{error, ops->actor_name, thrown, name};
        failure_access::attach(made, told);
        return made;
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

class newborn;

/// The name that an actor is given; null: it has none, and nothing of names is compiled for it.
struct naming {
    name const* given = nullptr;
    bool (*take)(core&, worker*, cell& parent, cell&, std::string_view,
                 spawn_errc&) noexcept = nullptr;

    std::string_view text() const noexcept {
        return given == nullptr ? std::string_view{} : std::string_view{given->text};
    }
};

/// What a spawn must know of its actor. The rest is the same for all types and compiled once, so
/// that a program with many actors does not pay for it many times.
struct birth_plan {
    cell_ops const& ops;
    naming          called;
    void (*build)(void* arguments, newborn& to);  // the object, and `started`; may throw
    void*       arguments;
    std::size_t kept_bytes;  // of the copies of its arguments; 0: none are kept
    lifetime    keeps;
};

/// An actor that is being spawned: all of it that does not depend on its type, so that it is
/// compiled once. While this lives, the thread acts for the actor.
class newborn {
public:
    newborn(birthplace const& at, birth_plan const& what, birth& outcome) noexcept
        : at_(at), outcome_(outcome), cell_(begin(what)), role_(at.w, cell_, "constructor") {}

    /// Where the object is built; null: it cannot be, and the outcome says why.
    void* body() const noexcept { return cell_ == nullptr ? nullptr : cell_->body; }
    cell& of() const noexcept { return *cell_; }
    /// Where copies of the arguments are kept, if its parent supervises it.
    void* arguments() const noexcept { return seat_of(*cell_)->arguments(); }
    /// They are there.
    void kept(factory const& make) noexcept { seat_of(*cell_)->make = &make; }
    /// Calls `started`, which may throw.
    void start() { at_.home.call_started(role_, *cell_); }
    /// The object is built: it has a parent and can be sent to by those who know it.
    void built() noexcept {
        at_.home.adopt(at_.w, at_.parent, *cell_);
        at_.home.count(metric::actors_spawned, outcome_.ops->actor_name);
        built_ = true;
    }
    /// The object, its declared children, and `started`.
    void build(birth_plan const& what) noexcept {
        role_.run([&] { what.build(what.arguments, *this); },
                  [&](std::string_view words, std::exception_ptr const& thrown) noexcept {
                      fail_with(words, thrown);
                  });
    }
    void end() noexcept;

private:
    cell*            begin(birth_plan const& what) noexcept;
    bool             furnish(birth_plan const& what, cell& c) noexcept;
    void             let_run() noexcept;
    void             take_back() noexcept;
    TROUPE_COLD void fail_with(std::string_view words, std::exception_ptr const& thrown) noexcept {
        failed_ = true;
        outcome_.told = make_failure(at_.home, at_.w,
                                     {.who = *cell_,
                                      .where = built_ ? failed_in::started : failed_in::constructor,
                                      .words = words,
                                      .error = thrown,
                                      .parent = &at_.parent});
        at_.home.note_failure(at_.w, *cell_, outcome_.told, control::faulty | control::hookless);
        outcome_.thrown = thrown != nullptr ? thrown : said(words.data());
        outcome_.error = spawn_errc::constructor;
    }

    birthplace const& at_;
    birth&            outcome_;
    cell* const       cell_;
    role_scope        role_;
    bool              built_ = false;
    bool              failed_ = false;
};

inline cell* newborn::begin(birth_plan const& what) noexcept {
    core& home = at_.home;
    if (at_.closed) {
        outcome_.error = spawn_errc::stopped;
        return nullptr;
    }
    cell* const c = home.begin(at_.w, what.ops, outcome_.error);
    if (c == nullptr) return nullptr;
    outcome_.incarnation = c->incarnation.load(memory_order_relaxed);  // relaxed: ours
    if ((what.called.given == nullptr ||
         what.called.take(home, at_.w, at_.parent, *c, what.called.text(), outcome_.error)) &&
        furnish(what, *c)) {
        return c;
    }
    home.undo(at_.w, *c, &at_.parent);
    return nullptr;
}

/// What the actor needs as a child of a supervisor, and as one.
inline bool newborn::furnish(birth_plan const& what, cell& c) noexcept {
    rules const* const supervisor = strategy_of(at_.parent);
    if (supervisor == nullptr && strategy_of(c) == nullptr) return true;
    core::supervision_actions const& by = supervision_by(supervisor == nullptr ? c : at_.parent);
    if (!by.furnish(at_.home, at_.w, c, supervisor, what.kept_bytes)) {
        outcome_.error = spawn_errc::pool_exhausted;
        return false;
    }
    if (seat* const place = seat_of(c)) place->keeps = what.keeps;
    return true;
}

inline void newborn::end() noexcept {
    if (!built_ || failed_) [[unlikely]] {
        if (cell_ != nullptr) take_back();
        return;
    }
    outcome_.born = cell_;
    if (at_.home.tells(log_event::actor_started, *outcome_.ops)) {
        at_.home.tell(log_event::actor_started, {.who = cell_});
    }
    if (seat* const place = seat_of(*cell_)) place->since = at_.home.now();
    let_run();
}

/// What `started` has begun (children, timers, messages) ends as with any actor; its name is free
/// at once.
TROUPE_COLD inline void newborn::take_back() noexcept {
    if (!built_) {
        at_.home.undo(at_.w, *cell_, &at_.parent);
        return;
    }
    at_.home.unlist_name(*cell_);  // children may be reading it
    at_.home.request_stop(at_.w, *cell_, outcome_.incarnation);
    let_run();
}

/// Ends the time in which a new actor is held by its creator.
inline void newborn::let_run() noexcept {
    cell& c = *cell_;
    // relaxed: reports want a hint
    if (at_.w == nullptr) c.control.fetch_and(~control::starting, memory_order_relaxed);
    bool const quiet = c.muted == nullptr && outcome_.ops->try_idle(c.box);
    if (quiet) {
        // seq_cst: pairs with core::wake(), as at the end of a turn
        if ((c.control.load(memory_order_seq_cst) & control::transient) == 0) return;
        if (!outcome_.ops->claim(c.box)) return;
    }
    at_.home.make_ready(at_.w, c, root_token{});
}

inline bool take_name(core& home, worker* w, cell& parent, cell& c, std::string_view text,
                      spawn_errc& error) noexcept {
    return home.take_name(w, parent, c, text, error);
}
/// The leading `name` among the arguments of spawn.
inline naming given_name() noexcept { return {}; }
template <class First, class... Rest>
naming given_name(First const& first, Rest const&...) noexcept {
    if constexpr (std::is_same_v<First, name>) return {&first, &take_name};
    else return {};
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
    phase const stands = parent.stands();
    return {home, w, parent,
            stands == phase::stopping || stands == phase::ending || stands == phase::replacing};
}

/// Below the root of the tree, from any thread: one that is outside is announced before.
inline birthplace place_at_the_top(worker* w, core& home) noexcept {
    return {home, w, home.root(), home.draining()};
}

/// While this lives, the end of the system waits for a thread outside that spawns; null: it need
/// not.
class birth_outside {
public:
    explicit birth_outside(core* in) noexcept : in_(in) {
        if (in_ != nullptr) in_->begin_birth();
    }
    ~birth_outside() {
        if (in_ != nullptr) in_->end_birth();
    }
    birth_outside(birth_outside const&) = delete;
    birth_outside& operator=(birth_outside const&) = delete;

private:
    core* const in_;
};

template <class Build>
void call_build(void* build, newborn& to) {
    (*static_cast<Build*>(build))(to);
}

/// Spawns below `parent`, an actor of `home` in whose handler this is; null: at the top, from any
/// thread. Never throws. What can be wrong with the types was said before.
TROUPE_APART inline birth bring_to_life(core& home, cell* parent, birth_plan const& what) noexcept {
    birth               made{&what.ops, what.called.text()};
    worker* const       w = parent != nullptr ? this_thread.on : home.worker_here();
    birth_outside const announced{parent == nullptr && w == nullptr ? &home : nullptr};
    birthplace const    at =
        parent != nullptr ? place_below(*parent, w, home) : place_at_the_top(w, home);
    newborn fresh{at, what, made};
    if (fresh.body() != nullptr) [[likely]] {
        [[maybe_unused]] tree_rules::right const mine{fresh.of(), right_by::birth};
        fresh.build(what);
    }
    fresh.end();
    return made;
}

/// A living actor, as a reference is made of it.
struct living {
    cell*         born;
    std::uint64_t incarnation;
};
/// As bring_to_life(), but throws.
TROUPE_APART inline living bring_to_life_or_throw(core& home, cell* parent,
                                                  birth_plan const& what) {
    birth const made = bring_to_life(home, parent, what);
    made.throw_unless_born();
    return {made.born, made.incarnation};
}

/// The actor's constructor with copies of the arguments; it can be called again and again.
template <class Actor, class... Arguments>
auto kept_constructor(Arguments&&... arguments) {
    return [... kept = std::decay_t<Arguments>(std::forward<Arguments>(arguments))](void* body) {
        new (body) Actor(std::decay_t<Arguments>(kept)...);
    };
}
template <class Actor, class First, class... Rest>
    requires std::is_same_v<std::remove_cvref_t<First>, name>
auto kept_constructor(First&&, Rest&&... rest) {
    return kept_constructor<Actor>(std::forward<Rest>(rest)...);
}
template <class Actor, class... Arguments>
using kept_constructor_of = decltype(kept_constructor<Actor>(std::declval<Arguments>()...));

template <class Argument>
inline constexpr bool argument_can_be_kept =
    std::is_copy_constructible_v<std::decay_t<Argument>> &&
    std::is_constructible_v<std::decay_t<Argument>, Argument>;
template <class Actor, class... Arguments>
inline constexpr bool actor_is_built_from_copies =
    actor_is_built_from<Actor, std::decay_t<Arguments>...>;

template <class... Arguments>
struct arguments_of {};

/// Copies of the arguments lie in one block with the place of the child.
template <class Parent, class Actor, class... Arguments>
inline constexpr bool block_holds_the_arguments =
    alignof(kept_constructor_of<Actor, Arguments...>) <= arguments_align &&
    block_holds<kept_constructor_of<Actor, Arguments...>,
                bytes_before_arguments(rules_of_actor<Parent>)>;

/// True when the arguments can be kept for restarts; otherwise says which cannot.
template <class Parent, class Actor, lifetime Keeps, class... Arguments>
consteval bool check_kept() {
    if constexpr (Keeps == lifetime::temporary) {
        return true;
    } else if constexpr (!(argument_can_be_kept<Arguments> && ...)) {
        static_assert(
            (argument_can_be_kept<Arguments> && ...),
            "troupe: the parent supervises, and a restart builds the actor from copies "
            "of the arguments of its spawn; one of them cannot be copied. Spawn the actor "
            "as `troupe::temporary` (never restarted), give something that can be copied, "
            "or std::ref of something that outlives the actor");
        return false;
    } else {
        static_assert(actor_is_built_from_copies<Actor, Arguments...>,
                      "troupe: the parent supervises, and a restart builds the actor from copies "
                      "of the arguments of its spawn; the constructor does not take copies. Where "
                      "it takes a reference give std::ref of something that outlives the actor, or "
                      "spawn the actor as `troupe::temporary` (never restarted)");
        if constexpr (actor_is_built_from_copies<Actor, Arguments...>) {
            static_assert(block_holds_the_arguments<Parent, Actor, Arguments...>,
                          "troupe: the parent supervises, and a restart builds the actor from "
                          "copies of the arguments of its spawn; together they are larger than the "
                          "largest block of the pool, or aligned to more than 16 bytes. Give a "
                          "std::shared_ptr to them, or spawn the actor as `troupe::temporary` "
                          "(never restarted)");
            return block_holds_the_arguments<Parent, Actor, Arguments...>;
        } else {
            return false;
        }
    }
}

/// Nobody would look at a lifetime there. (`temporary` is what every actor is then.)
template <class Parent, class... Policies>
inline constexpr bool lifetime_has_an_effect =
    supervises<Parent> || lifetime_among<lifetime::temporary, Policies...> == lifetime::temporary;
template <class Parent, class... Policies>
consteval bool check_lifetime() {
    static_assert(lifetime_has_an_effect<Parent, Policies...>,
                  "troupe: nobody supervises what is spawned here, so that it is never restarted, "
                  "whatever its lifetime; spawn it below an actor that has a `supervision`, or "
                  "leave the lifetime out");
    return lifetime_has_an_effect<Parent, Policies...>;
}

/// Everything that can be wrong with a spawn below `Parent`.
template <class Parent, class Actor, class... Policies, class... Arguments>
consteval bool check_spawn(arguments_of<Arguments...>) {
    if constexpr (!check_policies<Actor, Policies...>() || !check_actor<Actor, Arguments...>()) {
        return false;
    } else if constexpr (!supervises<Parent>) {
        return check_lifetime<Parent, Policies...>();
    } else {
        return check_kept<Parent, Actor, lifetime_among<lifetime::transient, Policies...>,
                          Arguments...>();
    }
}

template <class Constructor>
inline constexpr factory factory_of = {
    [](void* body, void* kept) { (*static_cast<Constructor const*>(kept))(body); },
    [](void* kept) noexcept { static_cast<Constructor*>(kept)->~Constructor(); },
};

/// The first object is built from the same copies as those of restarts.
template <class Actor, bool Kept, class... Arguments>
void build_object(newborn& fresh, Arguments&&... arguments) {
    if constexpr (Kept) {
        using constructor = kept_constructor_of<Actor, Arguments...>;
        ::new (fresh.arguments())
            constructor(kept_constructor<Actor>(std::forward<Arguments>(arguments)...));
        fresh.kept(factory_of<constructor>);
        factory_of<constructor>.build(fresh.body(), fresh.arguments());
    } else {
        construct<Actor>(fresh.body(), std::forward<Arguments>(arguments)...);
    }
}

/// `Begin` is one of the two above. `Supervised`: its parent does it.
template <class Actor, class Policies, bool Supervised, class Begin, class... Arguments>
auto spawn_child(Begin* begin, core& home, cell* parent, Arguments&&... arguments) {
    constexpr bool kept = Supervised && Policies::lifetime != lifetime::temporary;
    auto           build = [&](newborn& fresh) {
        build_object<Actor, kept>(fresh, std::forward<Arguments>(arguments)...);
        fresh.built();
        if constexpr (declared_children_of<Actor> != 0) begin_declared_children<Actor>(fresh.of());
        if constexpr (has_started<Actor>) fresh.start();
    };
    std::size_t kept_bytes = 0;
    if constexpr (kept) kept_bytes = sizeof(kept_constructor_of<Actor, Arguments...>);
    return begin(home, parent,
                 birth_plan{ops_of<Actor, typename Policies::mailbox_type>,
                            given_name(arguments...), &call_build<decltype(build)>, &build,
                            kept_bytes, Policies::lifetime});
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
    } else if constexpr (check_spawn<Actor, Child, Policies...>(arguments_of<Rest...>{})) {
        using policies = resolved_policies<Child, bounded_mailbox<1024>, Policies...>;
        return result_of<typename policies::ref_type>(
            spawn_child<Child, policies, supervises<Actor>>(&bring_to_life, system(), cell_,
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
    } else if constexpr (check_spawn<Actor, Child, Policies...>(arguments_of<Rest...>{})) {
        using policies = resolved_policies<Child, bounded_mailbox<1024>, Policies...>;
        living const made = spawn_child<Child, policies, supervises<Actor>>(
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
