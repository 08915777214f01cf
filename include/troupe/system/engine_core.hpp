// SPDX-License-Identifier: BSL-1.0
#pragma once

// A core with the policies of one configuration: what the scheduler calls its host. It is shared by
// the system and its workers, so that a worker that never comes back keeps what it stands on.

#include <optional>
#include <string_view>
#include <type_traits>

#include "troupe/actor/turn.hpp"
#include "troupe/os/process.hpp"
#include "troupe/system/census.hpp"
#include "troupe/system/collector.hpp"
#include "troupe/system/defaults.hpp"

namespace troupe::inline TROUPE_ABI::detail {

inline bool run_the_root(cell& c, worker& w, unsigned) noexcept {
    w.owner.run_root(w, c);
    return false;
}
/// The actor at the top of the tree owns everything and is nothing: it accepts no message and has
/// no object. So it does without a turn and a mailbox of its own.
template <class Config>
consteval cell_ops make_root() {
    cell_ops ops{&refuse_sent,
                 &refuse_submitted,
                 &run_the_root,
                 &lock_free_kernel::claim,
                 &lock_free_kernel::open,
                 &lock_free_kernel::close,
                 &lock_free_kernel::depth,
                 &lock_free_kernel::try_idle};
    ops.life = life_or_null<Config>();
    return ops;
}
template <class Config>
inline constexpr cell_ops ops_of_root = make_root<Config>();

/// Built before the core, which takes its blocks from it.
template <class Config>
struct core_sources {
    pool_source<typename Config::pool_type> pool;
};

template <class Config>
class engine_core final : private core_sources<Config>, public core {
    using scheduler = typename Config::scheduler_type;
    using engine_type = typename scheduler::template engine<engine_core>;
    using clock_type = typename Config::clock_type;
    using log_type = typename Config::log_type;
    using metrics_type = typename Config::metrics_type;
    static constexpr bool is_measured = !std::is_same_v<metrics_type, null_sink>;
    struct nothing {};
    static_assert(explain_clock<clock_type>());
    static_assert(explain_log_sink<log_type>());
    static_assert(explain_metrics_sink<metrics_type>());

public:
    TROUPE_COLD explicit engine_core(options<Config> const& given);

    // --- for the system
    bool             start() noexcept { return engine_.start(); }
    TROUPE_COLD bool end_tree(time_point over, time_point hurry_at, lookout& seen) noexcept;
    /// The same, for at most `patience`, hurrying at seven eighths of it.
    bool end_tree(duration patience) noexcept {
        lookout          seen{*this, patience};
        time_point const begun = real_time();
        return end_tree(begun + patience, begun + (patience - patience / 8), seen);
    }
    engine_type&                engine() noexcept { return engine_; }
    log_type&                   log_sink() noexcept { return *log_; }
    metrics_type&               metrics_sink() noexcept { return *metrics_; }
    TROUPE_COLD system_snapshot snapshot() noexcept {
        system_snapshot seen;
        core::look(seen);
        if constexpr (requires { engine_.add_to(seen.scheduler); }) engine_.add_to(seen.scheduler);
        seen.cpu_seconds = process_cpu_seconds();
        seen.memory_bytes = process_memory_bytes();
        return seen;
    }
    void collect() noexcept {
        if constexpr (is_measured) collector_.tell(*this, snapshot());
    }
    void begin_draining() noexcept {
        // release: pairs with the acquire in draining()
        draining_.store(true, memory_order_seq_cst);
    }
    gate*         door() const noexcept { return door_; }
    std::uint64_t serial() const noexcept { return serial_; }
    /// All actors and threads are gone. The memory goes with the last who holds it.
    void end() noexcept {
        if constexpr (clock_jumps<clock_type>) clock_->detach(*this);
        // Not with the memory: a sink may have kept failures, and they hold that.
        log_.reset();
        metrics_.reset();
        over_ = true;
    }

    // --- for the scheduler
    thread_role enter(unsigned index) noexcept {
        return std::exchange(this_thread, thread_role{&own_[index]});
    }
    void leave(thread_role const& before) noexcept { this_thread = before; }
    bool turn(unsigned index, runnable& r, unsigned messages) noexcept {
        auto& c = static_cast<cell&>(r);
        // relaxed: the scheduler has handed the actor over
        worker& w = own_[index];
        w.handles.set(nullptr);  // it has handled nothing of this actor yet
        return c.ops.load(memory_order_relaxed)->run(c, w, messages);
    }
    bool     run_due_timers(unsigned index) noexcept { return core::run_due_timers(own_[index]); }
    duration real_time_until(time_point deadline) const noexcept {
        if (deadline == never) return parker::forever;
        duration const left = deadline - now();
        if (left.count() <= 0) return duration{0};
        // A clock that is moved by hand tells us when it was.
        return clock_jumps<clock_type> ? parker::forever : left;
    }

    // --- for the core. What is rare stays out of its functions: where one system is all there is,
    // a compiler puts these into each place that calls them.
    void ready(worker* from, cell& c, ready_token token) noexcept override {
        engine_.ready(from == nullptr ? -1 : from->index, c, token);
    }
    TROUPE_COLD void timer_armed(time_point deadline) noexcept override {
        engine_.timer_armed(deadline);
    }
    time_point now() const noexcept override { return clock_->now(); }
    worker*    worker_here() noexcept override {
        worker* const w = this_thread.on;
        return w != nullptr && w->door == door_ ? w : nullptr;
    }
    bool             drives_here() const noexcept override { return engine_.drives_here(); }
    bool             run_once() noexcept override { return engine_.run_once(); }
    TROUPE_COLD void wait_for_work(duration patience) noexcept override {
        engine_.wait_for_work(patience);
    }
    void log(log_record const& record) noexcept override { log_->write(record); }
    void tell_count(metric id, std::string_view label, std::uint64_t n) noexcept override {
        metrics_->add(id, label, n);
    }
    void tell_gauge(metric id, std::string_view label, double value) noexcept override {
        metrics_->set(id, label, value);
    }
    void tell_sample(metric id, std::string_view label, double value) noexcept override {
        metrics_->sample(id, label, value);
    }
    void tell_failed([[maybe_unused]] failure const& f) noexcept override {
        if constexpr (metrics_sink_takes_failures<metrics_type>) metrics_->failed(f);
    }
    TROUPE_COLD void root_ended() noexcept override {
        // release: pairs with the acquire in end_tree()
        root_gone_.store(true, memory_order_release);
        root_watch_.unpark();
    }
    void hold() noexcept override {
        // relaxed: who calls stands in a system that is held already
        holders_.fetch_add(1, memory_order_relaxed);
    }
    TROUPE_COLD void release() noexcept override {
        // acq_rel: the last one sees what all others did
        if (holders_.fetch_sub(1, memory_order_acq_rel) != 1) return;
        released();
    }
    void clock_jumped() noexcept override { engine_.clock_jumped(); }

private:
    ~engine_core() = default;
    /// Some turns, between looks at the time; false: there was nothing to run.
    bool run_some() noexcept {
        if constexpr (scheduler::driven) return engine_.run(16) != 0;
        else return engine_.run_once();
    }
    /// Nobody holds the memory any more.
    TROUPE_COLD void released() noexcept {
        if (over_) give_everything_back();
        // Only after a stop that ran out of time somebody may still be inside. Then the memory is
        // kept for good: better lost than pulled away.
        if (over_ || door_ == nullptr || door_->close(duration{0})) delete this;
    }
    TROUPE_COLD void give_everything_back() noexcept;

    clock_type                  own_clock_;
    clock_type*                 clock_;
    std::optional<log_type>     log_{std::in_place};
    std::optional<metrics_type> metrics_{std::in_place};
    [[no_unique_address]] std::conditional_t<is_measured, metrics_collector, nothing> collector_;
    fixed_list<worker>                                                                own_;
    engine_type                                                                       engine_;
    atomic<std::uint32_t>                                                             holders_{1};
    bool         over_ = false;  // by the one that ends it
    atomic<bool> root_gone_{false};
    parker       root_watch_;  // the thread that ends the system
};

template <class Config>
unsigned workers_of(options<Config> const& given) {
    check(given);
    return given.workers == automatic ? Config::scheduler_type::workers_default() : given.workers;
}

template <class Config>
engine_core<Config>::engine_core(options<Config> const& given)
    : core(this->pool, given.actors_max + 1,  // the root of the tree is not counted
           is_measured, static_cast<std::uint64_t>(real_time().nanoseconds),
           log_floor_of<log_type>()),
      clock_(given.clock == nullptr ? &own_clock_ : given.clock),
      own_(workers_of(given)),
      engine_(*this, workers_of(given)) {
    if (door_ == nullptr) {
        refuse("troupe: config: systems: 4194303 were made in this process, which is the limit");
    }
    unsigned const workers = workers_of(given);
    for (unsigned i = 0; i < workers; ++i) {
        worker& w = own_.emplace_back(*this, door_, depot_, static_cast<int>(i));
        w.outside = engine_.outside();
        add_worker(w);
    }
    spawn_errc error{};
    root_ = begin(nullptr, ops_of_root<Config>, error);
    if (root_ != nullptr && supervises<Config> && !furnish(nullptr, *root_, nullptr, 0)) {
        undo(nullptr, *root_, nullptr);
        root_ = nullptr;
    }
    if (root_ == nullptr) {
        all_gates.give(door_, root_token{});
        refuse("troupe: config: pool_type: no memory for the first actor");
    }
    ops_of_root<Config>.try_idle(root_->box);
    door_->open(serial_, this);
    if constexpr (clock_jumps<clock_type>) clock_->attach(*this);
}

/// Ends all actors, the root last. False when the time is over first. From `hurry_at` on no hook
/// waits; nor when this thread has nothing more to run, and nobody but it could move the clock.
template <class Config>
bool engine_core<Config>::end_tree(time_point over, time_point hurry_at, lookout& seen) noexcept {
    wake(nullptr, *root_, root_->control.load(memory_order_relaxed), control::stop, root_token{});
    bool hurried = false;
    bool stuck = false;
    // acquire: pairs with the release in root_ended()
    while (!root_gone_.load(memory_order_acquire)) {
        if (!hurried && (stuck || left_until(hurry_at).count() == 0)) {
            hurry();
            hurried = true;
            stuck = false;
        }
        duration span = left_until(over);
        if (span.count() == 0 || stuck) return false;
        seen.look_if_due();
        if (seen.until_next() < span) span = seen.until_next();
        if (!hurried && left_until(hurry_at) < span) span = left_until(hurry_at);
        if (!engine_.drives_here()) {
            root_watch_.park_for(span);
        } else if (!run_some() && !root_gone_.load(memory_order_acquire)) {
            stuck = clock_jumps<clock_type>;
            if constexpr (scheduler::driven) {
                if (!stuck) engine_.wait_for_work(span);
            }
        }
    }
    return true;
}

template <class Config>
void engine_core<Config>::give_everything_back() noexcept {
    // Where no thread could be started the root has never run.
    if (root_gone_.load(memory_order_relaxed)) give_cell(nullptr, *root_);
    else undo(nullptr, *root_, nullptr);
    free_memory();
    all_gates.give(door_, root_token{});
}

}  // namespace troupe::inline TROUPE_ABI::detail
