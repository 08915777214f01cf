// SPDX-License-Identifier: BSL-1.0
#pragma once

// The system: what owns actors and runs them.
//
//     troupe::system system;
//     auto alice = system.spawn<account>();
//
// Its end is in order: nothing is taken from outside any more, timers are cancelled, what is queued
// is handled, then the tree ends, leaves first. Who has not ended in time is reported.

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "troupe/actor/termination.hpp"
#include "troupe/system/census.hpp"
#include "troupe/system/declared.hpp"
#include "troupe/system/engine_core.hpp"
#include "troupe/system/report.hpp"
#include "troupe/system/spawn.hpp"

namespace troupe::inline TROUPE_ABI {

/// `Config` is `defaults` or derived from it. Any thread may use a system; it is destroyed by a
/// thread that is not one of its workers. Many systems may live in one process.
template <class Config>
class basic_system {
    static_assert(detail::explain_config<Config>());
    using core_type = detail::engine_core<Config>;

public:
    /// The thread that calls runs the actors; otherwise the system has workers.
    static constexpr bool driven = detail::scheduler_is_driven<typename Config::scheduler_type>;
    /// Throws `config_error` when an option is outside its range.
    TROUPE_COLD explicit basic_system(options<Config> const& given = {});
    /// Drains and stops for at most `stop_deadline`; always returns. Stragglers are logged, with
    /// what the report of `stop` says of them; a worker that is stuck in user code is left alone,
    /// and the memory it stands on is kept.
    TROUPE_COLD ~basic_system();
    basic_system(basic_system const&) = delete;
    basic_system& operator=(basic_system const&) = delete;

    /// A new actor at the top of the tree: `spawn<Actor, Policies...>([name,] arguments...)`. The
    /// constructor and `started` run here and now. Throws `spawn_error`; then nothing is left of
    /// it.
    template <class Actor, class... Policies, class... Arguments>
    auto spawn(Arguments&&... arguments);
    /// An actor made of a function: `spawn([](deposit d) { ... })`; a name may stand before it, a
    /// mailbox in front: `spawn<bounded_mailbox<4>>(name{"x"}, function)`. (The number tells it
    /// from spawn<Actor>(...), so that everything else that is given hears what is missing.)
    template <int = 0, class... Given>
    auto spawn(Given&&... given);

    /// As `spawn`; the error is returned.
    template <class Actor, class... Policies, class... Arguments>
    auto try_spawn(Arguments&&... arguments) noexcept;
    template <int = 0, class... Given>
    auto try_spawn(Given&&... given) noexcept;

    /// Ends an actor and its children, after the handler that runs now. Messages that wait become
    /// dead letters. Does not wait; any number of times; nothing happens when it is gone.
    void stop(any_ref const& target) noexcept;

    /// stop(target), from a thread outside, and waits until nothing of it runs any more, for at
    /// most `deadline` of real time; the thread that drives a run loop runs it meanwhile. False: it
    /// has not ended yet. Also where the pool is exhausted, and for who runs an actor: then it was
    /// not stopped.
    [[nodiscard]] bool stop_and_wait(any_ref const& target, duration deadline) noexcept {
        return detail::end_request{detail::ref_access::cell_of(target), target.identity(), true}
            .ends_within(deadline);
    }
    /// The end of an actor as something to wait for: `system.termination(a).get()`. See
    /// context::termination.
    request<terminated> termination(any_ref const& target) noexcept {
        return {detail::ref_access::cell_of(target), target.identity(), false};
    }

    /// Refuses what comes from outside (`send_status::stopping`), cancels timers, and waits until
    /// nothing waits that could be handled, for at most `deadline` of real time; the actors stay.
    /// Suspended handlers do not count. False: the time was over first, `stop(d, stop_mode::now)`
    /// was called meanwhile, or this is a handler, which only begins to refuse. Then `stop`, or the
    /// destructor.
    TROUPE_COLD bool drain(duration deadline);
    /// Ends the system: drains (three quarters of the time at most; not at all with
    /// `stop_mode::now`), then stops the tree, for at most `deadline` of real time. When an eighth
    /// of it is left, or a run loop whose clock is moved by hand has nothing more to run, hooks
    /// that wait are cut and none that would wait is begun; functions and destructors still run.
    /// Called by several threads, all get the report; called again after an incomplete end, it goes
    /// on. `now` ends the draining of others, too, and its deadline hurries them. In a handler, a
    /// hook or a constructor it only begins the end. Takes memory from the heap for the report
    /// alone.
    TROUPE_COLD stop_report stop(duration deadline, stop_mode mode = stop_mode::drain);

    /// Waits until no message waits and no handler runs. Timers, suspended handlers and actors that
    /// wait for outside do not count. With a run loop the calling thread runs it. Never returns
    /// when actors keep each other busy; not for handlers, where it returns at once.
    void wait_idle() noexcept;

    /// Runs the next turn, if there is one: run loops only.
    bool poll_one() noexcept
        requires driven;
    /// Runs until nothing is ready; how many turns that were.
    std::size_t run_until_idle() noexcept
        requires driven;
    /// Runs, and waits for more, until `span` has passed on the system's clock; with a clock that
    /// is moved by hand it does not wait. How many turns that were.
    std::size_t run_for(duration span) noexcept
        requires driven;
    bool poll_one() noexcept
        requires(!driven)
    {
        return explain_driven();
    }
    std::size_t run_until_idle() noexcept
        requires(!driven)
    {
        return explain_driven();
    }
    std::size_t run_for(duration) noexcept
        requires(!driven)
    {
        return explain_driven();
    }

    /// Where every message is. Exact when the system is idle.
    accounting books() const noexcept { return core_->books(); }
    /// The last messages that nobody handled.
    std::vector<dead_letter> dead_letters() const {
        return core_->letters().recent(detail::root_token{});
    }
    /// The tree as it is, a line per actor in the order of creation, children below their parents
    /// and further in: name (or type and number), type, state, restarts. For people. Any thread,
    /// also a handler; exact when nothing runs, otherwise each line was true at some moment. Takes
    /// memory from the heap.
    std::string tree() const { return detail::census{*core_}.tree(); }
    /// The time of the system's clock.
    time_point now() const noexcept { return core_->now(); }

    /// Tells the log something that no actor says: `log(log_level::info, "bank open", {{"tellers",
    /// 4}})`. Any thread; may wait for the sink. What is said in a handler: context::log.
    void log(log_level level, std::string_view words,
             std::initializer_list<log_field> fields = {}) noexcept {
        if (core_->tells(level)) core_->say(level, words, nullptr, fields);
    }
    typename Config::log_type&     log_sink() noexcept { return core_->log_sink(); }
    typename Config::metrics_type& metrics() noexcept { return core_->metrics_sink(); }

private:
    template <class... Policies, class... Given>
    auto spawn_function(Given&&... given);
    template <class... Policies, class... Given>
    auto try_spawn_function(Given&&... given) noexcept;
    /// How an attempt to end the system ends; `begun`: by a handler, which cannot wait for it.
    enum class outcome : std::uint8_t { complete, incomplete, begun };
    /// One call of stop, drain or the destructor.
    struct attempt {
        attempt(core_type& of, duration deadline, stop_mode mode_) noexcept
            : mode(mode_),
              over(begun + deadline),
              hurry_at(begun + (deadline - deadline / 8)),
              seen(of, deadline) {}
        stop_mode const  mode;
        time_point const begun = detail::real_time();
        time_point const over;
        time_point const hurry_at;
        detail::lookout  seen;
    };
    static bool in_an_actor() noexcept {
        return detail::this_thread.on != nullptr || detail::this_thread.acting() != nullptr;
    }
    TROUPE_COLD outcome end(attempt& a);
    TROUPE_COLD bool    take_lead(attempt& a);
    TROUPE_COLD bool    try_end(attempt& a);
    TROUPE_COLD void    begin_drain(attempt& a, time_point until);
    TROUPE_COLD bool    await_idle(attempt& a, time_point until);

    static consteval bool explain_driven() {
        static_assert(
            detail::scheduler_is_driven<typename Config::scheduler_type>,
            "troupe: the workers of this system run its actors; wait_idle() waits for them. "
            "poll_one, run_until_idle and run_for belong to a system with `using "
            "scheduler_type = troupe::run_loop_scheduler`");
        return true;
    }

    core_type*          core_;
    duration const      stop_deadline_;
    detail::atomic<int> ending_{0};  // 0 runs, 1 somebody ends or drains it, 2 ended
    detail::idle_waiter drainer_;    // that one; cut for good by stop_mode::now
};

template <class Config>
basic_system<Config>::basic_system(options<Config> const& given)
    : core_(nullptr), stop_deadline_(given.stop_deadline) {
    detail::check(given);
    core_ = new core_type(given);
    if (core_->start()) {
        core_->tell(log_event::system_started,
                    {.fields = {{"workers", detail::workers_of(given)}}});
        return;
    }
    core_->door()->close(duration{0});
    core_->end();
    core_->release();
    detail::refuse("troupe: config: workers: the operating system has no thread left");
}

template <class Config>
basic_system<Config>::~basic_system() {
    attempt       a{*core_, stop_deadline_, stop_mode::drain};
    outcome const found = end(a);
    if (found == outcome::complete) {
        core_->end();
    } else {
        if (found == outcome::incomplete) {
            a.seen.look();
            detail::census::tell_stragglers(*core_, a.seen);
        }
        core_->door()->close(duration{0});
        if (auto const* const ties = core_->ties()) ties->abandon(*core_);
        static_cast<void>(core_->engine().stop(duration{0}));
    }
    core_->release();
}

template <class Config>
bool basic_system<Config>::drain(duration deadline) {
    if (in_an_actor()) {
        core_->begin_draining();
        return false;
    }
    attempt a{*core_, deadline, stop_mode::drain};
    if (!take_lead(a))
        return ending_.load(detail::memory_order_acquire) == 2;  // acquire: see end()
    begin_drain(a, a.over);
    bool const idle = await_idle(a, a.over);
    ending_.store(0, detail::memory_order_release);  // release: see end()
    return idle;
}

template <class Config>
stop_report basic_system<Config>::stop(duration deadline, stop_mode mode) {
    stop_report   report;
    attempt       a{*core_, deadline, mode};
    outcome const found = end(a);
    report.complete = found == outcome::complete;
    report.books = core_->books();
    if (found == outcome::incomplete) {
        a.seen.look();
        report.stragglers = detail::census{*core_}.stragglers(a.seen);
    }
    report.took = detail::real_time() - a.begun;
    return report;
}

template <class Config>
auto basic_system<Config>::end(attempt& a) -> outcome {
    using namespace detail;
    if (in_an_actor()) {
        // A handler cannot wait for its own end.
        core_->begin_draining();
        core_->request_stop(core_->worker_here(), core_->root(),
                            core_->root().incarnation.load(memory_order_relaxed));
        return outcome::begun;
    }
    if (a.mode == stop_mode::now) drainer_.give_up();
    if (take_lead(a)) {
        bool const ended = try_end(a);
        ending_.store(ended ? 2 : 0, memory_order_release);  // release: pairs with take_lead()
    }
    // acquire: as there
    return ending_.load(memory_order_acquire) == 2 ? outcome::complete : outcome::incomplete;
}

/// Waits until nobody else ends or drains the system. False: it has ended, or the time is over.
template <class Config>
bool basic_system<Config>::take_lead(attempt& a) {
    using namespace detail;
    backoff others;
    bool    hurried = a.mode != stop_mode::now;
    for (;;) {
        int running = 0;
        // acq_rel: who comes second sees what the first has done
        if (ending_.compare_exchange_strong(running, 1, memory_order_acq_rel,
                                            memory_order_acquire)) {
            return true;
        }
        if (running == 2 || left_until(a.over).count() == 0) return false;
        if (!hurried && left_until(a.hurry_at).count() == 0) {
            core_->hurry();
            hurried = true;
        }
        a.seen.look_if_due();
        others.pause();
    }
}

/// One attempt; each step may be taken again. Draining has three quarters of the time at most, so
/// that a system that never gets idle is still stopped in order.
template <class Config>
bool basic_system<Config>::try_end(attempt& a) {
    using detail::left_until;
    core_->take_time();
    time_point const until = detail::real_time() + left_until(a.over) / 4 * 3;
    bool const       drains = a.mode == stop_mode::drain && !drainer_.is_cut();
    begin_drain(a, drains ? until : a.begun);
    if (drains) static_cast<void>(await_idle(a, until));
    bool const ended = core_->end_tree(a.over, a.hurry_at, a.seen) &&
                       core_->door()->close(left_until(a.over)) &&
                       core_->engine().stop(stop_deadline_);
    if (!ended) return false;
    core_->end_asks();
    core_->tell(log_event::system_stopped, {.fields = {{"took", detail::real_time() - a.begun}}});
    return true;
}

/// Refuses what comes from outside, and waits for those who are inside spawn.
template <class Config>
void basic_system<Config>::begin_drain(attempt& a, time_point until) {
    core_->begin_draining();
    if constexpr (driven) core_->engine().drive_here();  // nobody else might
    detail::backoff wait;
    while (core_->births() != 0 && detail::left_until(until).count() > 0 && !drainer_.is_cut()) {
        a.seen.look_if_due();
        wait.pause();
    }
}

template <class Config>
bool basic_system<Config>::await_idle(attempt& a, time_point until) {
    core_->cancel_every_message(nullptr);
    constexpr duration poll = std::chrono::milliseconds{1};
    detail::parker     nap;
    for (;;) {
        duration const left = detail::left_until(until);
        duration const next = a.seen.until_next();
        auto const     before = core_->delays_over();
        bool const     idle = core_->engine().wait_idle(left < next ? left : next, drainer_);
        // Who moves the clock by hand cannot do so now.
        if (idle && (clock_jumps<typename Config::clock_type> || core_->is_drained(before))) {
            return true;
        }
        if (drainer_.is_cut() || left.count() == 0) return false;
        if (idle) nap.park_for(left < poll ? left : poll);
        a.seen.look_if_due();
    }
}

template <class Config>
template <class Actor, class... Policies, class... Arguments>
auto basic_system<Config>::try_spawn(Arguments&&... arguments) noexcept {
    using namespace detail;
    if constexpr (policy_of_spawn<Actor>) {
        return try_spawn_function<Actor, Policies...>(std::forward<Arguments>(arguments)...);
    } else if constexpr (check_spawn<Config, Actor, Policies...>(arguments_of<Arguments...>{})) {
        using policies = resolved_policies<Actor, typename Config::mailbox_type, Policies...>;
        return result_of<typename policies::ref_type>(
            spawn_child<Actor, policies, supervises<Config>>(
                &bring_to_life, *core_, nullptr, std::forward<Arguments>(arguments)...));
    } else {
        return result<ref<Actor>, spawn_error>{ref<Actor>{}};
    }
}

template <class Config>
template <class Actor, class... Policies, class... Arguments>
auto basic_system<Config>::spawn(Arguments&&... arguments) {
    using namespace detail;
    static_assert(exceptions_are_on<Actor>,
                  "troupe: spawn() throws and there are no exceptions in this build; use "
                  "try_spawn()");
    if constexpr (policy_of_spawn<Actor>) {
        return spawn_function<Actor, Policies...>(std::forward<Arguments>(arguments)...);
    } else if constexpr (check_spawn<Config, Actor, Policies...>(arguments_of<Arguments...>{})) {
        using policies = resolved_policies<Actor, typename Config::mailbox_type, Policies...>;
        living const made = spawn_child<Actor, policies, supervises<Config>>(
            &bring_to_life_or_throw, *core_, nullptr, std::forward<Arguments>(arguments)...);
        return ref_access::make<typename policies::ref_type>(*made.born, made.incarnation);
    } else {
        return ref<Actor>{};
    }
}

template <class Config>
template <class... Policies, class... Given>
auto basic_system<Config>::try_spawn_function(Given&&... given) noexcept {
    if constexpr (detail::check_function<std::remove_cvref_t<Given>...>()) {
        return try_spawn<detail::function_actor_of<Given...>, Policies...>(
            std::forward<Given>(given)...);
    } else {
        return result<ref<protocol<>>, spawn_error>{ref<protocol<>>{}};
    }
}
template <class Config>
template <class... Policies, class... Given>
auto basic_system<Config>::spawn_function(Given&&... given) {
    if constexpr (detail::check_function<std::remove_cvref_t<Given>...>()) {
        return spawn<detail::function_actor_of<Given...>, Policies...>(
            std::forward<Given>(given)...);
    } else {
        return ref<protocol<>>{};
    }
}

template <class Config>
template <int, class... Given>
auto basic_system<Config>::try_spawn(Given&&... given) noexcept {
    return try_spawn_function(std::forward<Given>(given)...);
}
template <class Config>
template <int, class... Given>
auto basic_system<Config>::spawn(Given&&... given) {
    return spawn_function(std::forward<Given>(given)...);
}

template <class Config>
void basic_system<Config>::stop(any_ref const& target) noexcept {
    detail::cell* const c = detail::ref_access::cell_of(target);
    detail::visit const here{c, target.identity()};
    if (here.system() != nullptr) here.system()->request_stop(here.on(), *c, target.identity());
}

template <class Config>
void basic_system<Config>::wait_idle() noexcept {
    if (core_->worker_here() != nullptr) return;
    static_cast<void>(core_->engine().wait_idle(detail::parker::forever));
}

template <class Config>
bool basic_system<Config>::poll_one() noexcept
    requires driven
{
    core_->engine().drive_here();
    return core_->engine().run_once();
}

template <class Config>
std::size_t basic_system<Config>::run_until_idle() noexcept
    requires driven
{
    core_->engine().drive_here();
    return core_->engine().run(static_cast<std::size_t>(-1));
}

template <class Config>
std::size_t basic_system<Config>::run_for(duration span) noexcept
    requires driven
{
    if (core_->worker_here() != nullptr) return 0;
    time_point const end = now() + span;
    std::size_t      turns = 0;
    for (;;) {
        time_point const present = now();
        if (poll_one()) {
            ++turns;
            if (present >= end) return turns;
            continue;
        }
        if (present >= end || clock_jumps<typename Config::clock_type>) return turns;
        core_->engine().wait_for_work(end - present);
    }
}

}  // namespace troupe::inline TROUPE_ABI
