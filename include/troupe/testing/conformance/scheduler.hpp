// SPDX-License-Identifier: BSL-1.0
#pragma once

// The conformance suite of a scheduler, and so of a ready order (driven_scheduler<Order>): its
// engine runs jobs that only count, for a host that is no system. More: docs/reference/scheduler.md

#include <vector>

#include "troupe/os/parker.hpp"
#include "troupe/schedule/runnable.hpp"
#include "troupe/testing/conformance/crew.hpp"
#include "troupe/testing/conformance/report.hpp"

namespace troupe::inline TROUPE_ABI {

inline constexpr conformance_rule scheduler_rules[] = {
    {1, "what is made ready has a turn, just one, and never two at a time"},
    {2, "what has more to do after a turn has another one"},
    {3, "what many threads make ready at once is not lost"},
    {4, "a turn has a worker, less than the number of workers"},
    {5, "nothing that is ready waits for ever, however busy the others are"},
    {6, "timers are run when they are due, with nothing to do and with much"},
    {7, "`wait_idle` comes back true when nothing is ready, and false while something goes on"},
    {8, "`stop` comes back, and nothing runs afterwards"},
};

namespace detail {

struct trial_size {
    unsigned workers;
    duration patience;
};

/// What is scheduled here. `again`: how many more turns it wants.
struct trial_job : runnable {
    atomic<int>  turns{0};
    atomic<int>  inside{0};
    atomic<int>  again{0};
    atomic<bool> shared{false};   // two turns at a time were seen
    trial_job*   then = nullptr;  // made ready in each turn, while `chain` is not used up
    atomic<int>  chain{0};
    atomic<int>* until = nullptr;  // goes on until this is not zero, for `again` turns at most
};

/// What an engine needs of a system, and no more.
template <class Scheduler>
class trial_host {
public:
    using engine_type = typename Scheduler::template engine<trial_host>;

    explicit trial_host(unsigned workers) : workers_(workers), engine(*this, workers) {}
    trial_host(trial_host const&) = delete;
    trial_host& operator=(trial_host const&) = delete;

    // --- for the engine
    // relaxed: numbers that are looked at when the engine has stopped or is idle
    void hold() noexcept { holders.fetch_add(1, memory_order_relaxed); }
    void release() noexcept { holders.fetch_sub(1, memory_order_release); }
    int  enter(unsigned) noexcept {
        entered.fetch_add(1, memory_order_relaxed);
        return 7;
    }
    void leave(int) noexcept {}
    bool turn(unsigned worker, runnable& r, unsigned) noexcept {
        auto& job = static_cast<trial_job&>(r);
        if (worker >= workers_) strangers.fetch_add(1, memory_order_relaxed);
        if (job.inside.fetch_add(1, memory_order_relaxed) != 0) {
            job.shared.store(true, memory_order_relaxed);
        }
        if (job.then != nullptr && job.chain.fetch_sub(1, memory_order_relaxed) > 0) {
            engine.ready(worker < workers_ ? static_cast<int>(worker) : 0, *job.then, root_token{});
        }
        job.turns.fetch_add(1, memory_order_release);
        bool const more = (job.until == nullptr || job.until->load(memory_order_relaxed) == 0) &&
                          job.again.fetch_sub(1, memory_order_relaxed) > 0;
        job.inside.fetch_sub(1, memory_order_relaxed);
        return more;
    }
    bool run_due_timers(unsigned worker) noexcept {
        if (now() < next_deadline()) return false;
        // acquire: pairs with the release in make_due()
        if (deadline_.exchange(INT64_MAX, memory_order_acquire) == INT64_MAX) return false;
        engine.ready(static_cast<int>(worker), *timed, root_token{});
        return true;
    }
    time_point now() const noexcept { return {time_.load(memory_order_relaxed)}; }
    time_point next_deadline() noexcept { return {deadline_.load(memory_order_relaxed)}; }
    duration   real_time_until(time_point t) const noexcept {
        return t <= now() ? duration{0} : parker::forever;  // the clock is moved by hand
    }

    // --- for the suite
    /// A timer that makes `job` ready: armed, and due from now on.
    void make_due(trial_job& job) noexcept {
        timed = &job;
        deadline_.store(1000, memory_order_release);  // release: pairs with run_due_timers()
        engine.timer_armed({1000});
        time_.store(2000, memory_order_relaxed);
        engine.clock_jumped();
    }

    trial_job*  timed = nullptr;
    atomic<int> holders{0};
    atomic<int> entered{0};
    atomic<int> strangers{0};

private:
    atomic<std::int64_t> time_{0};
    atomic<std::int64_t> deadline_{INT64_MAX};
    unsigned const       workers_;

public:
    engine_type engine;
};

/// An engine that runs, and is stopped in the end.
template <class Scheduler>
class scheduler_trial {
public:
    scheduler_trial(conformance_report& report, trial_size size)
        : host(size.workers), report_(report), patience_(size.patience) {
        host.engine.start();
    }
    ~scheduler_trial() { stop(); }
    scheduler_trial(scheduler_trial const&) = delete;
    scheduler_trial& operator=(scheduler_trial const&) = delete;

    void make_ready(trial_job& job) noexcept { host.engine.ready(-1, job, root_token{}); }
    void run_all() {
        report_.check(7, host.engine.wait_idle(patience_), "it does not come back true");
    }
    void stop() {
        if (std::exchange(stopped_, true)) return;
        report_.check(8, host.engine.stop(patience_), "it does not come back true");
        // acquire: pairs with the release in release()
        report_.check(8, host.holders.load(memory_order_acquire) == 0, "a thread is left");
        report_.check(4, host.strangers.load(memory_order_relaxed) == 0);
    }
    /// Every job has had so many turns, one at a time.
    bool all_had(std::vector<trial_job> const& jobs, int turns) const {
        for (trial_job const& job : jobs) {
            if (job.turns.load(memory_order_acquire) != turns ||
                job.shared.load(memory_order_relaxed)) {
                return false;
            }
        }
        return true;
    }

    trial_host<Scheduler> host;

private:
    conformance_report& report_;
    duration const      patience_;
    bool                stopped_ = false;
};

// The jobs outlive the engine: a faulty one may come back to them.

template <class Scheduler>
void check_turns(conformance_report& report, trial_size size) {
    std::vector<trial_job>     single(1000);
    std::vector<trial_job>     chained(1000);
    std::vector<trial_job>     again(50);
    scheduler_trial<Scheduler> trial{report, size};

    for (trial_job& job : single) trial.make_ready(job);
    trial.run_all();
    report.check(1, trial.all_had(single, 1), "from outside");

    for (std::size_t i = 0; i < chained.size(); ++i) {
        chained[i].then = i + 1 < chained.size() ? &chained[i + 1] : nullptr;
        chained[i].chain.store(1, memory_order_relaxed);
    }
    trial.make_ready(chained[0]);
    trial.run_all();
    report.check(1, trial.all_had(chained, 1), "from other turns");

    for (trial_job& job : again) {
        job.again.store(20, memory_order_relaxed);
        trial.make_ready(job);
    }
    trial.run_all();
    report.check(2, trial.all_had(again, 21));
}

template <class Scheduler>
void check_turns_from_threads(conformance_report& report, trial_size size) {
    constexpr unsigned         threads = 3;
    constexpr std::size_t      each = 1000;
    std::vector<trial_job>     jobs(threads * each);
    scheduler_trial<Scheduler> trial{report, size};
    atomic<unsigned>           made{0};
    on_threads(threads + 1, [&](unsigned me) noexcept {
        if (me < threads) {
            for (std::size_t i = 0; i < each; ++i) trial.make_ready(jobs[me * each + i]);
            made.fetch_add(1, memory_order_release);  // release: pairs with the acquire below
            return;
        }
        if constexpr (Scheduler::driven) {  // somebody drives meanwhile
            for (backoff wait; made.load(memory_order_acquire) < threads;) {
                if (!trial.host.engine.run_once()) wait.pause();
            }
        }
    });
    trial.run_all();
    report.check(3, trial.all_had(jobs, 1));
}

/// Turns after which a job that waits is taken for one that waits for ever.
inline constexpr int turns_max = 200'000;

/// Two busy jobs for each worker, and one among them that has a turn to wait for.
template <class Scheduler>
void check_fairness(conformance_report& report, trial_size size, bool waits_first) {
    trial_job                  waits;
    std::vector<trial_job>     busy(2 * size.workers);
    scheduler_trial<Scheduler> trial{report, size};
    if (waits_first) trial.make_ready(waits);
    for (trial_job& job : busy) {
        job.until = &waits.turns;
        job.again.store(turns_max, memory_order_relaxed);
        trial.make_ready(job);
    }
    if (!waits_first) trial.make_ready(waits);
    trial.run_all();
    report.check(5, waits.turns.load(memory_order_acquire) == 1);
    for (trial_job& job : busy) report.check(5, job.again.load(memory_order_relaxed) > 0);
}

/// Two jobs for each worker that make each other ready all the time.
template <class Scheduler>
void check_fairness_among_pairs(conformance_report& report, trial_size size) {
    trial_job                  waits;
    std::vector<trial_job>     pairs(2 * size.workers);
    scheduler_trial<Scheduler> trial{report, size};
    waits.again.store(3, memory_order_relaxed);
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        pairs[i].then = &pairs[i ^ 1];
        pairs[i].chain.store(20'000, memory_order_relaxed);
    }
    for (std::size_t i = 0; i < pairs.size(); i += 2) trial.make_ready(pairs[i]);
    trial.make_ready(waits);
    trial.run_all();
    report.check(2, waits.turns.load(memory_order_acquire) == 4, "among busy pairs");
}

template <class Scheduler>
void check_timers(conformance_report& report, trial_size size, bool with_much_to_do) {
    trial_job                  rings;
    std::vector<trial_job>     busy(with_much_to_do ? 2 * size.workers : 0);
    scheduler_trial<Scheduler> trial{report, size};
    for (trial_job& job : busy) {
        job.until = &rings.turns;
        job.again.store(turns_max, memory_order_relaxed);
        trial.make_ready(job);
    }
    if (!with_much_to_do) trial.run_all();
    trial.host.make_due(rings);
    trial.run_all();
    report.check(6, rings.turns.load(memory_order_acquire) == 1, "not once");
    for (trial_job& job : busy) {
        report.check(6, job.again.load(memory_order_relaxed) > 0,
                     "only when nothing else was left");
    }
}

template <class Scheduler>
void check_idleness(conformance_report& report, trial_size size) {
    atomic<int>                enough{0};
    trial_job                  busy;
    scheduler_trial<Scheduler> trial{report, size};
    busy.until = &enough;
    busy.again.store(INT32_MAX, memory_order_relaxed);
    trial.make_ready(busy);
    report.check(7, !trial.host.engine.wait_idle(duration{100'000}), "busy, and it says true");
    enough.store(1, memory_order_relaxed);
    trial.run_all();
}

template <class Scheduler>
void check_end(conformance_report& report, trial_size size) {
    std::vector<trial_job>     jobs(100);
    scheduler_trial<Scheduler> trial{report, size};
    for (trial_job& job : jobs) {
        job.again.store(INT32_MAX, memory_order_relaxed);
        trial.make_ready(job);
    }
    trial.stop();
    auto const turns = [&jobs] {
        std::int64_t all = 0;
        for (trial_job const& job : jobs) all += job.turns.load(memory_order_relaxed);
        return all;
    };
    std::int64_t const before = turns();
    on_threads(2, [](unsigned) noexcept {});  // others had their chance
    report.check(8, turns() == before, "a turn came after it");
}

}  // namespace detail

/// With so many workers (0: its default). Uses four threads and those of the engine. `patience` is
/// how long a wait may take before it is called broken; one that works is never waited for so long.
template <class Scheduler>
conformance_report check_scheduler(unsigned workers = 0,
                                   duration patience = std::chrono::seconds{30}) {
    static_assert(explain_scheduler<Scheduler>());
    detail::trial_size const size{workers != 0 ? workers : Scheduler::workers_default(), patience};
    conformance_report       report{scheduler_rules};
    detail::check_turns<Scheduler>(report, size);
    detail::check_turns_from_threads<Scheduler>(report, size);
    detail::check_fairness<Scheduler>(report, size, true);
    detail::check_fairness<Scheduler>(report, size, false);
    detail::check_fairness_among_pairs<Scheduler>(report, size);
    detail::check_timers<Scheduler>(report, size, false);
    detail::check_timers<Scheduler>(report, size, true);
    detail::check_idleness<Scheduler>(report, size);
    detail::check_end<Scheduler>(report, size);
    return report;
}

}  // namespace troupe::inline TROUPE_ABI
