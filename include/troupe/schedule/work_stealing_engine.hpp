// SPDX-License-Identifier: BSL-1.0
#pragma once

// The scheduler with threads of its own: what a worker runs next. In this order: the actor it has
// just woken (at most three times in a row), its ring, its backlog, what came from outside, the
// oldest of another worker. How workers sleep and wake stands in work_stealing.hpp.
// More: docs/design/0003-scheduling.md

#include <cstdint>
#include <utility>

#include "troupe/base/fixed_list.hpp"
#include "troupe/base/time.hpp"
#include "troupe/config/hints.hpp"
#include "troupe/os/brief_wait.hpp"
#include "troupe/os/thread.hpp"
#include "troupe/schedule/idle_waiters.hpp"
#include "troupe/schedule/lane.hpp"
#include "troupe/schedule/ready_inbox.hpp"
#include "troupe/sync/lock_rank.hpp"

namespace troupe::inline TROUPE_ABI {
namespace detail {

/// `Host` is the core of a system: it owns the workers' state and knows how to run an actor.
template <class Host>
class work_stealing_engine {
public:
    TROUPE_COLD work_stealing_engine(Host& host, unsigned workers)
        : host_(host), lanes_(workers), workers_(workers), threads_(workers), parked_(workers) {
        bool const asymmetric = register_heavy_barrier();
        for (unsigned i = 0; i < workers; ++i) {
            lane& l = lanes_.emplace_back();
            l.slot.prepare(asymmetric);
            l.dice = i + 1;
            threads_.emplace_back(this, i);
        }
    }

    /// Starts the threads. False when one could not be started: those that were are ended again.
    TROUPE_COLD bool start() noexcept;

    /// Ends the threads when their turns are over. False when one has not come back in time: it is
    /// left alone, and keeps the host alive. Real time, whatever clock the system has.
    TROUPE_COLD bool stop(duration patience) noexcept;

    /// The actor has become ready. `worker` is the calling worker, or -1 outside.
    TROUPE_HOT void ready(int worker, runnable& r, ready_token token) noexcept;

    /// A timer was armed for `deadline`.
    void timer_armed(time_point deadline) noexcept;

    /// The clock was moved.
    TROUPE_COLD void clock_jumped() noexcept;

    /// Waits until nothing is ready and no worker runs; false when the time (real time) is over.
    TROUPE_COLD bool wait_idle(duration patience) noexcept {
        idle_waiter me;
        return wait_idle(patience, me);
    }
    /// The same; another thread may cut it.
    TROUPE_COLD bool wait_idle(duration patience, idle_waiter& me) noexcept;

    /// Whether the calling thread runs the actors by itself while it waits. Never here.
    bool drives_here() const noexcept { return false; }
    bool run_once() noexcept { return false; }
    void wait_for_work(duration) noexcept {}

    /// For the turns, which may end early when something waits there.
    ready_inbox const* outside() const noexcept { return &inbox_; }

    /// Any thread: what tells of input. Made the first time; may throw bad_alloc.
    TROUPE_COLD troupe::reactor& reactor() { return reactor_.make({&reactor_opened, this, 0}); }
    /// Before the start: one that belongs to somebody else.
    void use(troupe::reactor& other) noexcept { reactor_.use(other); }

    static constexpr unsigned turn_messages = 64;

private:
    static constexpr unsigned slot_streak_max = 3;
    static constexpr unsigned look_interval = 16;
    static_assert(backlog_interval % look_interval == 0);
    static constexpr duration watch_interval = std::chrono::milliseconds{10};
    enum watch : std::uint32_t { nobody, until_told, every_interval };

    /// A thread, and what it is told.
    struct launch {
        work_stealing_engine* engine;
        unsigned              index;
        os_thread             thread{};
    };
    static void run_loop(void* told) noexcept {
        auto const& l = *static_cast<launch*>(told);
        l.engine->loop(l.index);
    }
    void                    loop(unsigned index) noexcept;
    static bool             is_too_much(lane& mine) noexcept;
    bool                    has_more(lane& mine) const noexcept;
    void                    leave_some(ready_token token) noexcept;
    TROUPE_HOT runnable*    next(lane& mine, unsigned index) noexcept;
    runnable*               none_at_hand(unsigned index) noexcept;
    TROUPE_COLD runnable*   look_around(unsigned index) noexcept;
    void                    keep(lane& mine, runnable& r, ready_token token) noexcept;
    TROUPE_COLD void        set_aside(lane& mine, runnable& r, ready_token token) noexcept;
    void                    note_backlog(lane& of) noexcept TROUPE_REQUIRES(rank::injection::lock);
    runnable*               accept(lane& mine, ready_batch batch) noexcept;
    runnable*               take_newest(lane& mine) noexcept;
    runnable*               take_oldest(lane& mine, lane& from, std::size_t most) noexcept;
    runnable*               take_injected(lane& mine) noexcept;
    runnable*               search(unsigned index) noexcept;
    runnable*               steal(unsigned index) noexcept;
    runnable*               park(unsigned index) noexcept TROUPE_EXCLUDES(mutex_);
    bool                    sleep(unsigned index, duration span, bool may_drive = true) noexcept;
    TROUPE_COLD bool        sleep_there(troupe::reactor& r, unsigned index, duration span) noexcept;
    TROUPE_COLD bool        sleep_as_watcher(unsigned index) noexcept;
    TROUPE_COLD void        take_input(lane& mine) noexcept;
    TROUPE_COLD void        look_for_input(lane& mine) noexcept;
    TROUPE_COLD static void reactor_opened(void* engine, std::uint64_t) noexcept;
    void                    unpark(lane& of) noexcept;
    bool                    sees_work(unsigned index) noexcept;
    TROUPE_COLD lane*       find_stuck(unsigned index) noexcept;
    TROUPE_COLD void        hand_over_watch() noexcept TROUPE_EXCLUDES(mutex_);
    bool                    was_woken(unsigned index) noexcept;
    TROUPE_COLD void        leave_parked(unsigned index) noexcept TROUPE_EXCLUDES(mutex_);
    void                    unparked(unsigned index) noexcept TROUPE_REQUIRES(mutex_);
    void                    wake_one(ready_token token) noexcept TROUPE_EXCLUDES(mutex_);
    TROUPE_COLD void        kick_watcher(ready_token token) noexcept;
    TROUPE_COLD void        inject(runnable& r, ready_token token) noexcept;
    TROUPE_COLD void        exited() noexcept TROUPE_EXCLUDES(mutex_);

    Host&              host_;
    fixed_list<lane>   lanes_;
    unsigned const     workers_;
    fixed_list<launch> threads_;  // start() and stop()

    ranked_mutex<rank::injection> mutex_;
    ready_batch                   injected_ TROUPE_GUARDED_BY(mutex_);  // what found no room
    fixed_list<unsigned>          parked_ TROUPE_GUARDED_BY(mutex_);
    idle_waiters                  idle_ TROUPE_GUARDED_BY(mutex_);
    unsigned                      exited_ TROUPE_GUARDED_BY(mutex_) = 0;
    bool                          jumped_ TROUPE_GUARDED_BY(mutex_) = false;
    parker                        all_exited_;  // stop() sleeps here

    ready_inbox           inbox_;              // pushed outside, emptied by any worker
    atomic<std::uint32_t> injected_count_{0};  // written under mutex_, read as a hint
    atomic<std::uint32_t> parked_count_{0};    // written under mutex_, read as a hint
    atomic<std::uint32_t> awake_{0};           // written under mutex_; workers that are not parked
    atomic<std::uint32_t> searching_{0};       // workers that look for something to steal
    atomic<std::uint32_t> watcher_{0};         // index + 1 of the parked worker that keeps watch
    atomic<std::uint32_t> watch_{nobody};      // how it sleeps
    atomic<std::int64_t>  watch_until_{0};     // the timer deadline it knows of
    duration              watch_span_ = ring_delay::patience;  // the watcher: until it looks
    std::chrono::steady_clock::time_point watched_at_{};       // the watcher: its last look
    reactor_place                         reactor_;
    atomic<std::uint32_t>                 inputs_{0};        // how often something came; any worker
    std::uint32_t                         inputs_seen_ = 0;  // the watcher: when it last looked
    atomic<bool>                          stopping_{false};  // set once by stop()
};

template <class Host>
bool work_stealing_engine<Host>::start() noexcept {
    several_processors();  // reads files the first time: not later, under somebody's lock
    awake_.store(workers_, memory_order_relaxed);  // relaxed: the threads start later
    for (unsigned i = 0; i < workers_; ++i) {
        host_.hold();
        if (threads_[i].thread.start(&run_loop, &threads_[i])) continue;
        host_.release();
        {
            lock_guard const held{mutex_, root_token{}};
            exited_ += workers_ - i;  // those that never were
            awake_.fetch_sub(workers_ - i, memory_order_relaxed);
        }
        stop(std::chrono::hours{1});
        return false;
    }
    return true;
}

template <class Host>
bool work_stealing_engine<Host>::stop(duration patience) noexcept {
    auto const end = std::chrono::steady_clock::now() + bounded(patience);
    // seq_cst: read by workers before they park
    stopping_.store(true, memory_order_seq_cst);
    for (unsigned i = 0; i < workers_; ++i) unpark(lanes_[i]);
    bool all = false;
    for (;;) {
        {
            lock_guard const held{mutex_, root_token{}};
            all = exited_ == workers_;
        }
        auto const left = end - std::chrono::steady_clock::now();
        if (all || left.count() <= 0) break;
        all_exited_.park_for(std::chrono::duration_cast<duration>(left));
    }
    for (launch& l : threads_) {
        if (!l.thread.running()) continue;
        if (all) l.thread.join();
        else l.thread.let_go();
    }
    return all;
}

template <class Host>
void work_stealing_engine<Host>::loop(unsigned index) noexcept {
    auto const before = host_.enter(index);
    lane&      mine = lanes_[index];
    for (;;) {
        runnable* r = next(mine, index);
        if (r == nullptr && (r = none_at_hand(index)) == nullptr) break;
        // This turn may be long: somebody must look in. seq_cst: pairs with sleep_as_watcher()
        if (parked_count_.load(memory_order_relaxed) != 0 &&
            watch_.load(memory_order_seq_cst) != every_interval && has_more(mine)) [[unlikely]] {
            kick_watcher(root_token{});
        }
        if (host_.turn(index, *r, turn_messages)) {
            keep(mine, *r, root_token{});
            mine.long_turn = true;
        }
        // relaxed: hints
        if ((parked_count_.load(memory_order_relaxed) != 0 || mine.delay.long_turns()) &&
            !mine.ring.empty() && searching_.load(memory_order_relaxed) == 0) {
            bool const share = is_too_much(mine);
            if (mine.overdue.load(memory_order_relaxed) != share) {
                mine.overdue.store(share, memory_order_relaxed);
            }
            if (share) wake_one(root_token{});
        }
    }
    host_.leave(before);
    exited();
    host_.release();
}

/// What waits long, and many that wait, are worth another worker. A few that soon have their turn
/// are not: they most likely talk to each other, and find their messages in this one's cache.
template <class Host>
bool work_stealing_engine<Host>::is_too_much(lane& mine) noexcept {
    return mine.ring.size() >= lane::many || mine.delay.look(mine.ring.head(), mine.ring.tail());
}

/// Whether something waits for the end of a turn of this worker, or of others.
template <class Host>
bool work_stealing_engine<Host>::has_more(lane& mine) const noexcept {
    if (!mine.ring.empty() || !mine.slot.empty() || !inbox_.empty() ||
        mine.backlog_size.load(memory_order_relaxed) != 0 ||
        injected_count_.load(memory_order_relaxed) != 0) {
        return true;
    }
    // Input may come meanwhile, and this one does not see it before its turn is over.
    troupe::reactor const* const r = reactor_.get();
    return r != nullptr && r->size() != 0;
}

/// A worker goes to work, and leaves something from outside to others: one is woken if none looks.
template <class Host>
void work_stealing_engine<Host>::leave_some(ready_token token) noexcept {
    // seq_cst: as in inject()
    if ((!inbox_.still_empty() || injected_count_.load(memory_order_relaxed) != 0) &&
        parked_count_.load(memory_order_seq_cst) != 0 &&
        searching_.load(memory_order_seq_cst) == 0) {
        wake_one(token);
    }
}

/// What is at hand; null when there is nothing, or the threads end.
template <class Host>
TROUPE_HOT runnable* work_stealing_engine<Host>::next(lane& mine, unsigned index) noexcept {
    mine.turns.add(1);
    // relaxed: hints; park() looks again
    if ((mine.turns.get() & mine.input.mask()) == 0 || mine.long_turn || !inbox_.empty() ||
        stopping_.load(memory_order_relaxed)) [[unlikely]] {
        if (stopping_.load(memory_order_relaxed)) return nullptr;
        if (runnable* const r = look_around(index)) return r;
    }
    if (!mine.slot.empty() && mine.slot_streak < slot_streak_max) {
        ++mine.slot_streak;
        if (runnable* const r = mine.slot.exchange(nullptr)) return r;
    }
    mine.slot_streak = 0;
    if (runnable* const r = mine.ring.pop()) return r;
    return mine.slot.empty() ? nullptr : mine.slot.exchange(nullptr);
}

/// What comes after that, waiting for it if need be; null when the threads end.
template <class Host>
runnable* work_stealing_engine<Host>::none_at_hand(unsigned index) noexcept {
    lane& mine = lanes_[index];
    for (;;) {
        // relaxed: park() looks again
        if (stopping_.load(memory_order_relaxed)) return nullptr;
        if (runnable* const r = take_newest(mine)) return r;
        if (runnable* const r = take_injected(mine)) {
            leave_some(root_token{});
            return r;
        }
        // Due timers make actors ready here.
        if (!host_.run_due_timers(index)) {
            if (runnable* const r = search(index)) return r;
            if (runnable* const r = park(index)) return r;
        }
        if (runnable* const r = next(mine, index)) return r;
    }
}

/// What a worker does from time to time, and at once when somebody outside has work for it, though
/// it has work of its own.
template <class Host>
runnable* work_stealing_engine<Host>::look_around(unsigned index) noexcept {
    lane&               mine = lanes_[index];
    std::uint64_t const turn = mine.turns.get();
    if (reactor_.get() != nullptr) look_for_input(mine);
    if (turn % look_interval == 0 || mine.long_turn) host_.run_due_timers(index);
    if (turn % backlog_interval == 0) {
        if (runnable* const r = take_oldest(mine, mine, 1)) return r;
    }
    // Every other turn is for the worker's own actors, however much comes from outside.
    if (turn - mine.outside_turn > 1) {
        if (runnable* const r = take_injected(mine)) {
            mine.outside_turn = turn;
            leave_some(root_token{});
            return r;
        }
    }
    return std::exchange(mine.long_turn, false) ? take_oldest(mine, mine, 1) : nullptr;
}

template <class Host>
TROUPE_HOT void work_stealing_engine<Host>::ready(int worker, runnable& r,
                                                  ready_token token) noexcept {
    if (worker < 0) {
        inject(r, token);
        return;
    }
    lane& mine = lanes_[static_cast<unsigned>(worker)];
    if (runnable* const displaced = mine.slot.exchange(&r)) keep(mine, *displaced, token);
    // This turn may be long, and what was just made ready waits for its end: somebody must look in.
    // seq_cst: pairs with sleep_as_watcher()
    if (watch_.load(memory_order_seq_cst) != every_interval &&
        parked_count_.load(memory_order_relaxed) != 0) [[unlikely]] {
        kick_watcher(token);
    }
}

template <class Host>
TROUPE_HOT void work_stealing_engine<Host>::keep(lane& mine, runnable& r,
                                                 ready_token token) noexcept {
    if (!mine.ring.push(r)) [[unlikely]]
        set_aside(mine, r, token);
}

/// The ring is full: the older half of it goes to the backlog.
template <class Host>
void work_stealing_engine<Host>::set_aside(lane& mine, runnable& r, ready_token token) noexcept {
    ready_batch older;
    for (std::uint32_t i = 0; i < lane::ring_capacity / 2; ++i) {
        runnable* const oldest = mine.ring.pop();
        if (oldest == nullptr) break;
        older.add(*oldest);
    }
    mine.ring.push(r);
    if (older.size == 0) return;  // thieves have made room
    lock_guard const held{mutex_, token};
    mine.backlog.add(older);
    note_backlog(mine);
}

template <class Host>
void work_stealing_engine<Host>::note_backlog(lane& of) noexcept {
    // relaxed: a hint
    of.backlog_size.store(static_cast<std::uint32_t>(of.backlog.size()), memory_order_relaxed);
}

/// The ring of `mine` has room for `batch`, but for the first, which is returned; null when there
/// is nothing in it.
template <class Host>
runnable* work_stealing_engine<Host>::accept(lane& mine, ready_batch batch) noexcept {
    if (batch.size == 0) return nullptr;
    runnable& r = batch.take();
    while (batch.size != 0) mine.ring.push(batch.take());
    return &r;
}

template <class Host>
runnable* work_stealing_engine<Host>::take_newest(lane& mine) noexcept {
    // relaxed: only the owner adds
    if (mine.backlog_size.load(memory_order_relaxed) == 0) return nullptr;
    ready_batch batch;
    {
        lock_guard const held{mutex_, root_token{}};
        batch = mine.backlog.take_newest(lane::ring_capacity / 2);
        note_backlog(mine);
    }
    return accept(mine, batch);
}

/// Up to `most` of what has waited longest behind the ring of `from`.
template <class Host>
runnable* work_stealing_engine<Host>::take_oldest(lane& mine, lane& from,
                                                  std::size_t most) noexcept {
    // relaxed: a hint
    if (from.backlog_size.load(memory_order_relaxed) == 0) return nullptr;
    ready_batch batch;
    {
        lock_guard const held{mutex_, root_token{}};
        batch = from.backlog.take_oldest(most);
        note_backlog(from);
    }
    return accept(mine, batch);
}

template <class Host>
void work_stealing_engine<Host>::inject(runnable& r, ready_token token) noexcept {
    inbox_.push(r);
    // A worker that searches, or is about to park, looks into the inbox after it has said so.
    // seq_cst: pairs with search() and park()
    auto const nobody_looks = [this] {
        return parked_count_.load(memory_order_seq_cst) != 0 &&
               searching_.load(memory_order_seq_cst) == 0;
    };
    if (!nobody_looks()) return;
    // A worker that runs may be back in less time than it takes to wake another. relaxed: a hint
    if (awake_.load(memory_order_relaxed) != 0) {
        for (brief_wait wait; wait.spin();) {
            if (inbox_.empty() || !nobody_looks()) return;
        }
    }
    wake_one(token);
}

/// The first of those that came from outside; more of them go into the ring: all that there is room
/// for, or, where turns take long, a fair share, and the rest is left to the other workers.
template <class Host>
runnable* work_stealing_engine<Host>::take_injected(lane& mine) noexcept {
    std::size_t const room = lane::ring_capacity - mine.ring.size() + 1;
    std::size_t const most = room < lane::ring_capacity / 2 ? room : lane::ring_capacity / 2;
    std::size_t const sharers = mine.delay.long_turns() ? workers_ : 1;
    auto const        share_of = [most, sharers](std::size_t all) {
        std::size_t const share = (all + sharers - 1) / sharers;
        return share < most ? share : most;
    };
    ready_batch batch;
    if (!inbox_.empty()) {
        batch = inbox_.take();
        mine.had_input = false;
    }
    // relaxed: a hint; park() looks again under the lock
    if (batch.size > share_of(batch.size) || injected_count_.load(memory_order_relaxed) != 0) {
        // Behind those that were left before.
        lock_guard const held{mutex_, root_token{}};
        injected_.append(batch);
        batch = injected_.take(share_of(injected_.size));
        injected_count_.store(static_cast<std::uint32_t>(injected_.size), memory_order_relaxed);
    }
    return accept(mine, batch);
}

template <class Host>
runnable* work_stealing_engine<Host>::search(unsigned index) noexcept {
    // seq_cst: a worker that sees a searcher does not wake another one; the searcher looks after it
    // has announced itself
    bool const first = searching_.fetch_add(1, memory_order_seq_cst) == 0;
    runnable*  found = steal(index);
    if (found == nullptr && first) {
        // An answer to what was just sent outside comes soon, and costs no wake. One waits for all.
        // What comes through the reactor comes from the kernel, and not as soon.
        for (brief_wait wait;
             !lanes_[index].had_input && inbox_.empty() && !stopping_.load(memory_order_relaxed);) {
            if (!wait.pause()) break;
        }
        found = take_injected(lanes_[index]);
        if (found == nullptr) found = steal(index);
    }
    searching_.fetch_sub(1, memory_order_seq_cst);
    if (found != nullptr) {
        // relaxed: a hint
        if (lanes_[index].overdue.load(memory_order_relaxed)) wake_one(root_token{});
        else leave_some(root_token{});
    }
    return found;
}

template <class Host>
runnable* work_stealing_engine<Host>::steal(unsigned index) noexcept {
    if (workers_ == 1) return nullptr;
    lane& mine = lanes_[index];
    // xorshift32 (G. Marsaglia, 2003): where to begin
    mine.dice ^= mine.dice << 13;
    mine.dice ^= mine.dice >> 17;
    mine.dice ^= mine.dice << 5;
    runnable* found = nullptr;
    for (unsigned i = 0; i < workers_ && found == nullptr; ++i) {
        unsigned const other = (mine.dice + i) % workers_;
        if (other == index) continue;
        found = take_oldest(mine, lanes_[other], lane::ring_capacity / 2);
        // relaxed: a hint, as the flag is
        if (found != nullptr || !lanes_[other].overdue.load(memory_order_relaxed)) continue;
        found = lanes_[other].ring.steal(mine.ring);
        if (lanes_[other].ring.empty()) lanes_[other].overdue.store(false, memory_order_relaxed);
        // What has waited too long there does so here, if it is more than one.
        if (!mine.ring.empty()) mine.overdue.store(true, memory_order_relaxed);
    }
    return found;
}

}  // namespace detail
}  // namespace troupe::inline TROUPE_ABI
