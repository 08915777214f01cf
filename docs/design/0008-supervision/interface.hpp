// SPDX-License-Identifier: BSL-1.0
#pragma once

// What supervision adds to the public names: declarations and promises, so that the programs beside
// this file compile (-fsyntax-only) before anything is built. It stands in for ref, context, request,
// task and system, which have these members later. When supervision/ is there this folder goes: the
// programs move to examples/ and docs/guides/, the comments to the headers named in them.

#include <chrono>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "troupe/base/result.hpp"
#include "troupe/base/time.hpp"
#include "troupe/message/protocol.hpp"
#include "troupe/meta/type_name.hpp"
#include "troupe/observe/accounting.hpp"
#include "troupe/supervision.hpp"  // built: verdict, strategies, lifetimes, children, plan

namespace troupe::inline TROUPE_ABI {

template <class Target>
class ref;
template <class Actor>
class context;

class any_ref {
public:
    constexpr any_ref() noexcept = default;
    template <class Target>
    any_ref(ref<Target> const&) noexcept;  // NOLINT: every reference is one
    friend bool   operator==(any_ref const&, any_ref const&) noexcept;
    std::uint64_t identity() const noexcept;
};

// ---- supervision/failure.hpp

/// Where something went wrong.
enum class failed_in : std::uint8_t {
    handler,
    signal,       ///< on(terminated)
    constructor,  ///< of a restart; at the first start it is a spawn_error
    child,        ///< a declared child did not start, at a restart
    started,      ///< at a restart
    restarting,   ///< the hook; the restart goes on
    stopping,     ///< the hook threw or was cut at its deadline; the stop goes on
    stopped,      ///< the hook; the stop goes on
    hand_back,    ///< the message is a dead letter; the stop goes on
    decider,      ///< on_failure threw; the verdict is `escalate`
    link,         ///< a linked actor has failed; `cause()` is its failure
    budget,       ///< more restarts than allowed; `cause()` is the last failure
    exit,         ///< no failure: a permanent child has ended itself
};
constexpr std::string_view to_string(failed_in) noexcept;

/// One failure: the same value for on_failure, `restarting`, watchers, the log and the metrics sink.
/// A handle to a record in the system's pool; copying counts references and allocates nothing. Any
/// thread. A copy keeps the memory of the system, not the system. When the pool was exhausted texts
/// are empty and copies are none.
class failure {
public:
    /// None.
    constexpr failure() noexcept = default;
    explicit operator bool() const noexcept;

    /// The error is an `Error`: what was thrown, also as a base class, or what `self.fail(error)` was
    /// given, by its exact type. Base classes are seen by on_failure and `restarting` in what they are
    /// given; in a copy, in the log and in `terminated` the exact type only. The exact type costs a
    /// comparison, a base class one rethrow.
    template <class Error>
    bool is() const noexcept;
    /// What was thrown, to be read only: its asker may have it too. Empty in copies, and where nothing
    /// was thrown.
    std::exception_ptr error() const noexcept;

    failed_in        where() const noexcept;
    std::string_view what() const noexcept;     ///< its words, with those of nested exceptions; cut
    std::string_view message() const noexcept;  ///< type of the message; empty outside of handlers
    std::string_view actor() const noexcept;    ///< type of the actor
    std::string_view path() const noexcept;     ///< "bank/ledger", "bank/teller#17"; cut in front
    any_ref          who() const noexcept;
    std::uint32_t    attempt() const noexcept;  ///< 0: the object of the spawn; n: the n-th restart
    time_point       time() const noexcept;     ///< on the system's clock
    /// What led to it: the failure of a child (escalate, budget), of a linked actor, of what the
    /// decider was asked about. None: it began here. Stored are the last 4 of a longer chain.
    failure cause() const noexcept;

    /// The child that failed is an `Actor` (in on_failure and in a user's strategy).
    template <class Actor>
    bool came_from() const noexcept;
};

// ---- actor/child_info.hpp

/// A child, as a user's strategy sees it. Valid during the call.
struct child_info {
    any_ref          who;
    std::string_view actor;   ///< type
    std::string_view name;    ///< empty: it has none
    std::uint64_t    number;  ///< of creation: later children have higher ones
    bool             failed;  ///< it is the one
    template <class Actor>
    bool is() const noexcept;
};
// ---- supervision/hooks.hpp

/// How long the hooks of an actor may take, on the system's clock: `static constexpr auto hooks =
/// troupe::hook_deadlines{.stopping = 2s};`. A coroutine is cut at its deadline. A function cannot be:
/// it is reported ("hook overdue", a straggler while it runs).
struct hook_deadlines {
    duration started = std::chrono::seconds{5};
    duration stopping = std::chrono::seconds{5};
    duration stopped = std::chrono::seconds{5};
    duration restarting = std::chrono::seconds{5};
};

// ---- supervision/watch.hpp

enum class ended_by : std::uint8_t {
    stop,      ///< somebody stopped it, or an actor above it
    exit,      ///< it stopped itself
    failure,   ///< the verdict was stop or escalate; `why` says more
    shutdown,  ///< its system has ended
    unknown,   ///< it was gone before it was watched
};
/// The one signal of a watch. Handled by `void on(troupe::terminated const&[, context<Actor>&])`,
/// which does not stand in the protocol: nobody can send it. By then the object is destroyed and its
/// name is free.
struct terminated {
    any_ref          who;
    std::string_view actor;  ///< type; empty when unknown
    ended_by         how;
    failure          why;
};
enum class [[nodiscard(
    "troupe: without memory nobody is watched; look at the status")]] watch_status : std::uint8_t {
    watching,
    pool_exhausted
};

// ---- actor/

/// A promise of an outcome, as of an ask.
template <class Result>
class [[nodiscard]] request {
public:
    request&&                                  within(duration) &&;
    Result                                     get();
    troupe::result<Result, std::exception_ptr> result() noexcept;
    bool                                       await_ready() const noexcept;
    bool                                       await_suspend(std::coroutine_handle<>);
    Result                                     await_resume();
};

template <class Target>
class ref {
public:
    template <class Message>
    void send(Message&&) const;
    template <class Message>
    auto ask(Message&& m) const {
        return reply_to(static_cast<typename Target::protocol*>(nullptr), m);
    }

private:
    template <class First, class... Rest, class Message>
    static auto reply_to(protocol<First, Rest...>*, Message const& m) {
        using s = detail::signature<First>;
        if constexpr (std::is_same_v<typename s::message_type, Message>) {
            return request<typename s::reply_type>{};
        } else {
            return reply_to(static_cast<protocol<Rest...>*>(nullptr), m);
        }
    }
};

template <class Result = void>
class task {
public:
    struct promise_type {
        task                get_return_object() noexcept;
        std::suspend_always initial_suspend() noexcept;
        std::suspend_always final_suspend() noexcept;
        void                return_void() noexcept;
        void                unhandled_exception() noexcept;
    };
};

template <class Actor>
class context {
public:
    troupe::ref<Actor> ref() const noexcept;

    /// As before, and policies now are a mailbox and a lifetime, in any order. When this actor
    /// supervises, copies of the arguments are kept for restarts (of a `temporary` child: none).
    template <class Child, class... Policies, class... Arguments>
    troupe::ref<Child> spawn(Arguments&&...);

    /// The declared child of this type, or at this place. Its reference is good for as long as this
    /// object lives. Not before the children are started, that is not in the constructor.
    template <class Child>
    troupe::ref<Child> child() const noexcept;
    template <std::size_t Index>
    auto child() const noexcept;

    /// From here on this actor gets exactly one `terminated` for `target`, however often it calls;
    /// also when `target` is null, is of another system, is gone, or ends at this moment. The signal
    /// does not wait behind messages: it may overtake those that `target` has sent (who needs their
    /// order sends itself a message from on(terminated)). It waits for a handler that is suspended,
    /// and while this actor is muted. Does not wait; allocates one block of the pool; takes one
    /// lock. A restart of this actor ends its watches.
    template <class Target>
    watch_status watch(troupe::ref<Target> const&) noexcept;
    /// No signal comes any more, even if it was on its way. Nothing happens without a watch.
    template <class Target>
    void unwatch(troupe::ref<Target> const&) noexcept;

    /// Both or none: when one of the two ends by a failure (or is gone already), the other fails with
    /// that as the cause, and its own supervisor decides. A stop, an exit and a restart do not
    /// count: a link ties two lives and survives the restart of both. Symmetric, idempotent; of another
    /// system too. Two blocks, two locks one after the other.
    template <class Target>
    watch_status link(troupe::ref<Target> const&) noexcept;
    template <class Target>
    void unlink(troupe::ref<Target> const&) noexcept;

    /// The end of `target` as something to await: its outcome is `terminated`.
    template <class Target>
    request<terminated> termination(troupe::ref<Target> const&) noexcept;
    /// stop(target), and then its termination. When the outcome is there no handler, hook, timer or
    /// destructor of it runs any more. Of oneself: `would_block`.
    template <class Target>
    request<terminated> stop_and_wait(troupe::ref<Target> const&) noexcept;

    /// This actor ends itself after the handler. `exit` for its watchers; a permanent child is
    /// restarted.
    void stop() noexcept;
    /// Ends any actor; it is not restarted, whatever its lifetime.
    template <class Target>
    void stop(troupe::ref<Target> const&) noexcept;

    /// The handler has failed, as if it had thrown. `error`: a string that lives as long as the
    /// program, or a trivially copyable value of at most 32 bytes, found again by `failure::is`.
    template <class Error>
    void fail(Error const& error) noexcept;

    /// How often this actor was restarted.
    std::uint32_t attempt() const noexcept;
};

// ---- system/

enum class stop_mode : std::uint8_t {
    drain,  ///< first what is queued and what comes of it, for at most three quarters of the time
    now,    ///< what is queued goes to `hand_back` or to the dead letters
};

/// Who was still there.
struct straggler {
    std::string      path;
    std::string_view actor;      ///< type
    std::string_view state;      ///< of the table of states
    std::string_view message;    ///< type of the message in its handler, or the name of the hook
    duration         running{};  ///< at least so long in it; 0: not in a handler
    std::string
        waits_for;  ///< "its child bank/ledger", "a reply of store", "a worker"; empty: nothing
};
std::string to_string(straggler const&);

struct [[nodiscard("troupe: the report says who has not ended; look at `complete`")]] stop_report {
    bool                   complete = false;
    std::vector<straggler> stragglers;
    accounting             books;
    duration               took{};
};

class system {
public:
    template <class Actor, class... Policies, class... Arguments>
    ref<Actor> spawn(Arguments&&...);
    template <class Target>
    void stop(ref<Target> const&) noexcept;
    /// From a thread outside: stops the actor and waits until nothing of it runs any more. False: it
    /// has not ended in `deadline`, or the caller runs on a worker.
    template <class Target>
    [[nodiscard]] bool stop_and_wait(ref<Target> const&, duration deadline);
    template <class Target>
    request<terminated> termination(ref<Target> const&) noexcept;

    /// Refuses what comes from outside, and handles what is queued; the actors stay. True: nothing is
    /// queued. Then `stop`, or the destructor.
    bool        drain(duration deadline);
    stop_report stop(duration deadline, stop_mode mode = stop_mode::drain);

    /// The tree as it is, a line per actor: path, type, state, restarts. For people.
    std::string tree() const;
    void        wait_idle() noexcept;
};

}  // namespace troupe::inline TROUPE_ABI
