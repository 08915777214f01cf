// SPDX-License-Identifier: BSL-1.0
#pragma once

// The schedulers without threads: whoever calls run_*, poll_one, or waits for something, runs the
// actors. One thread drives at a time; any thread may send.

#include <cstdint>

#include "troupe/base/time.hpp"
#include "troupe/config/hints.hpp"
#include "troupe/observe/snapshot.hpp"
#include "troupe/os/parker.hpp"
#include "troupe/os/thread.hpp"
#include "troupe/schedule/idle_waiters.hpp"
#include "troupe/schedule/reactor_place.hpp"
#include "troupe/schedule/ready_inbox.hpp"
#include "troupe/schedule/runnable.hpp"
#include "troupe/sync/counter.hpp"
#include "troupe/sync/lock_rank.hpp"

namespace troupe::inline TROUPE_ABI {
namespace detail {

/// `Order` keeps the ready actors and chooses the next one and its worker; one thread at a time.
template <class Host, class Order>
class driven_engine {
public:
    driven_engine(Host& host, unsigned workers)
        : host_(host), order_(workers), workers_(workers), driver_(this_thread_number()) {}

    bool start() noexcept { return true; }
    bool stop(duration) noexcept { return true; }

    void ready(int worker, runnable& r, ready_token token) noexcept {
        if (worker >= 0) {
            order_.push(worker, r);
            return;
        }
        {
            lock_guard const held{mutex_, token};
            injected_.push(r);
            // release: pairs with the acquire in take_injected()
            injected_count_.store(injected_.size(), memory_order_release);
        }
        wake_driver();
    }
    void timer_armed(time_point) noexcept { wake_driver(); }
    void clock_jumped() noexcept {
        // relaxed: who moves a clock and then runs the actors sees its own mark
        jumped_.store(true, memory_order_relaxed);
        wake_driver();
    }

    /// True when the calling thread is the one that drives: the last that called run_* or poll_one,
    /// at first the one that made the system; and no actor runs on it right now.
    bool drives_here() const noexcept {
        // relaxed: only the thread itself can see its own id here
        return driver_.load(memory_order_relaxed) == this_thread_number();
    }

    /// Makes the calling thread the driver. False when another thread is inside, or the call comes
    /// from a handler.
    bool drive_here() noexcept {
        // acquire: pairs with the release in leave()
        if (inside_.exchange(true, memory_order_acquire)) return false;
        driver_.store(this_thread_number(), memory_order_relaxed);  // relaxed: see drives_here
        leave();
        return true;
    }

    /// Runs up to `turns` turns; how many that were, where timers that were due count as one. Zero:
    /// there was nothing, or another thread is inside, or the call comes from a handler.
    std::size_t run(std::size_t turns) noexcept {
        // acquire: pairs with the release in leave(): takes over the state of the actors
        if (inside_.exchange(true, memory_order_acquire)) return 0;
        auto const before = host_.enter(0);
        entered_ = 0;
        std::size_t ran = 0;
        while (ran < turns && run_inside()) ++ran;
        host_.leave(before);
        leave();
        return ran;
    }
    bool run_once() noexcept { return run(1) != 0; }

    /// Sleeps until something may have become ready, or the next timer is due.
    void wait_for_work(duration patience = parker::forever) noexcept {
        duration const left = host_.real_time_until(host_.next_deadline());
        duration const span = left < patience ? left : patience;
        parks_.fetch_add(1, memory_order_relaxed);  // relaxed: a number
        if (troupe::reactor* const r = reactor_.get(); r != nullptr && r->try_drive()) {
            if (park_.go_elsewhere()) {
                r->wait(span);
                park_.come_back();
            }
            r->leave();  // what has come is taken by the next turn
            return;
        }
        park_.park_for(span);
    }

    bool wait_idle(duration patience) noexcept {
        idle_waiter me;
        return wait_idle(patience, me);
    }
    /// The same; another thread may cut it.
    bool wait_idle(duration patience, idle_waiter& me) noexcept;

    /// What has happened so far. Any thread.
    TROUPE_COLD void add_to(scheduler_counts& sum) noexcept {
        sum.workers = workers_;
        sum.turns += turns_.get();
        sum.parks += parks_.load(memory_order_relaxed);  // relaxed: a number
    }

    /// For the turns, which may end early when something waits there.
    ready_inbox const* outside() const noexcept { return nullptr; }

    /// Any thread: what tells of input. Made the first time; may throw bad_alloc.
    TROUPE_COLD troupe::reactor& reactor() { return reactor_.make({&reactor_opened, this, 0}); }

    static constexpr unsigned turn_messages = Order::turn_messages;

private:
    static constexpr unsigned    timer_interval = 16;
    static constexpr std::size_t idle_check_interval = 256;  // turns between looks at the time

    TROUPE_HOT bool run_inside() noexcept {
        take_injected();
        // What a clock that was moved has made due comes before everything else.
        bool const jumped =
            jumped_.load(memory_order_relaxed) && jumped_.exchange(false, memory_order_relaxed);
        turns_.add(1);
        if (turns_.get() % timer_interval == 0 || jumped || std::exchange(long_turn_, false)) {
            // Who waits for something else than a message is woken as from outside.
            if (host_.run_due_timers(0)) take_injected();
            if (troupe::reactor const* const r = reactor_.get();
                r != nullptr && r->size() != 0 && input_.is_time()) {
                take_input();
            }
        }
        unsigned  worker = 0;
        runnable* r = order_.pop(worker);
        if (r == nullptr) {
            if (host_.run_due_timers(0)) return true;
            if (reactor_.get() != nullptr && take_input()) return true;
            tell_idle();
            return false;
        }
        if (worker != entered_) host_.enter(entered_ = worker);
        if (host_.turn(worker, *r, turn_messages)) {
            order_.push(static_cast<int>(worker), *r);
            long_turn_ = true;
        }
        return true;
    }
    /// What has come makes actors ready. False: nothing has, or another thread waits for it.
    TROUPE_COLD bool take_input() noexcept {
        troupe::reactor& r = *reactor_.get();
        if (!r.try_drive()) return false;
        r.wait(duration{0});
        std::size_t const count = r.dispatch();
        r.leave();
        return count != 0;
    }
    /// There is a first descriptor to wait for: who sleeps does so there.
    TROUPE_COLD static void reactor_opened(void* engine, std::uint64_t) noexcept {
        static_cast<driven_engine*>(engine)->wake_driver();
    }
    void wake_driver() noexcept {
        if (park_.unpark_here_or_elsewhere()) reactor_.get()->wake();
    }
    // release: pairs with the acquire of the next driver
    void leave() noexcept { inside_.store(false, memory_order_release); }
    void take_injected() noexcept {
        // acquire: pairs with the release in ready()
        if (injected_count_.load(memory_order_acquire) != 0) [[unlikely]]
            take_all_injected();
    }
    TROUPE_COLD void take_all_injected() noexcept {
        lock_guard const held{mutex_, root_token{}};
        while (runnable* const r = injected_.pop()) order_.push(-1, *r);
        injected_count_.store(0, memory_order_relaxed);  // relaxed: under the lock
    }
    TROUPE_COLD void tell_idle() noexcept {
        lock_guard const held{mutex_, root_token{}};
        if (injected_.empty()) idle_.tell_all();
    }

    Host&                         host_;
    Order                         order_;  // the thread that is inside
    unsigned const                workers_;
    owned_counter                 turns_;              // the thread that is inside
    unsigned                      entered_ = 0;        // the thread that is inside: as which worker
    bool                          long_turn_ = false;  // the last turn ended at its limit
    atomic<bool>                  jumped_{false};      // the clock was moved
    atomic<std::uint64_t>         parks_{0};           // any thread
    atomic<bool>                  inside_{false};
    atomic<std::uintptr_t>        driver_;
    parker                        park_;  // the driver sleeps here
    ranked_mutex<rank::injection> mutex_;
    ready_list                    injected_ TROUPE_GUARDED_BY(mutex_);
    idle_waiters                  idle_ TROUPE_GUARDED_BY(mutex_);
    atomic<std::size_t>           injected_count_{0};  // written under mutex_, read as a hint
    reactor_place                 reactor_;
    input_watch                   input_;  // the thread that is inside
};

template <class Host, class Order>
bool driven_engine<Host, Order>::wait_idle(duration patience, idle_waiter& me) noexcept {
    auto const end = std::chrono::steady_clock::now() + bounded(patience);
    if (drives_here()) {
        while (run(idle_check_interval) != 0) {
            if (me.is_cut() || std::chrono::steady_clock::now() >= end) return false;
        }
        return true;
    }
    {
        lock_guard const held{mutex_, root_token{}};
        idle_.add(me);
    }
    wake_driver();  // a driver that sleeps is idle: let it say so
    for (;;) {
        auto const left = end - std::chrono::steady_clock::now();
        me.park.park_for(patience == parker::forever ? patience
                                                     : std::chrono::duration_cast<duration>(left));
        lock_guard const held{mutex_, root_token{}};
        if (me.told) return true;
        if (me.is_cut() ||
            (patience != parker::forever && std::chrono::steady_clock::now() >= end)) {
            idle_.remove(me);
            return false;
        }
    }
}

/// One worker. First ready, first served, while not more than a ring full of actors are ready; of
/// more than that the newest go first, and the others are taken in between.
class loop_order {
public:
    static constexpr unsigned turn_messages = 64;

    explicit loop_order(unsigned) noexcept {}
    void push(int, runnable& r) noexcept {
        if (tail_ - head_ == ring_capacity) [[unlikely]]
            set_aside();
        ring_[tail_++ % ring_capacity] = &r;
    }
    runnable* pop(unsigned& worker) noexcept {
        worker = 0;
        if (backlog_.size() != 0) [[unlikely]] {
            if (runnable* const r = pop_backlog()) return r;
        }
        return head_ == tail_ ? nullptr : ring_[head_++ % ring_capacity];
    }

private:
    static constexpr std::uint32_t ring_capacity = 256;

    /// The older half of the ring goes to the backlog.
    TROUPE_COLD void set_aside() noexcept {
        ready_batch older;
        for (std::uint32_t i = 0; i < ring_capacity / 2; ++i) {
            older.add(*ring_[head_++ % ring_capacity]);
        }
        backlog_.add(older);
    }
    /// Null when it is not the turn of the backlog.
    TROUPE_COLD runnable* pop_backlog() noexcept {
        ready_batch batch;
        if (++pops_ % backlog_interval == 0) batch = backlog_.take_oldest(1);
        else if (head_ == tail_) batch = backlog_.take_newest(ring_capacity / 2);
        if (batch.size == 0) return nullptr;
        runnable& r = batch.take();
        while (batch.size != 0) ring_[tail_++ % ring_capacity] = &batch.take();
        return &r;
    }

    runnable*         ring_[ring_capacity];
    std::uint32_t     head_ = 0;
    std::uint32_t     tail_ = 0;
    std::uint32_t     pops_ = 0;  // while there is a backlog
    ready_backlog<64> backlog_;
};

}  // namespace detail

/// A scheduler without threads whose turns come in an order of yours; `WorkersMax` workers that
/// exist in name only, and take their turns on the thread that drives.
template <class Order, unsigned WorkersDefault = 1, unsigned WorkersMax = WorkersDefault>
struct driven_scheduler {
    static_assert(explain_ready_order<Order>());
    static constexpr bool     driven = true;
    static constexpr unsigned workers_min = 1;
    static constexpr unsigned workers_max = WorkersMax;
    static unsigned           workers_default() noexcept { return WorkersDefault; }
    template <class Host>
    using engine = detail::driven_engine<Host, Order>;
};

/// The host's own loop runs the actors: poll_one, run_for, run_until_idle.
struct run_loop_scheduler : driven_scheduler<detail::loop_order> {};

static_assert(scheduler<run_loop_scheduler>);

}  // namespace troupe::inline TROUPE_ABI
