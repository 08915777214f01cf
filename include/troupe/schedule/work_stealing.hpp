// SPDX-License-Identifier: BSL-1.0
#pragma once

// The default scheduler; and of its engine, how workers sleep and wake. A worker parks when there
// is nothing for it. While any worker runs one parked worker, the watcher, looks in: after 200 us,
// then more and more seldom, at last every 10 ms, so that nothing waits behind a long handler. When
// all are parked none wakes by itself. More: docs/design/0003-scheduling.md

#include <chrono>
#include <cstdint>
#include <utility>

#include "troupe/os/processors.hpp"
#include "troupe/schedule/work_stealing_engine.hpp"

namespace troupe::inline TROUPE_ABI {
namespace detail {

template <class Host>
runnable* work_stealing_engine<Host>::park(unsigned index) noexcept {
    lane& mine = lanes_[index];
    {
        lock_guard const held{mutex_, root_token{}};
        if (injected_.size != 0 || std::exchange(jumped_, false)) return nullptr;
        parked_.push_back(index);
        // seq_cst: pairs with inject(), which pushes and then looks here
        parked_count_.store(static_cast<std::uint32_t>(parked_.size()), memory_order_seq_cst);
        if (!inbox_.still_empty()) {
            parked_.pop_back();
            parked_count_.store(static_cast<std::uint32_t>(parked_.size()), memory_order_seq_cst);
            return nullptr;
        }
        mine.parked.store(true, memory_order_relaxed);  // relaxed: the owner reads it
        mine.parks.add(1);                              // before somebody hears that all sleep
        // seq_cst: pairs with sleep_as_watcher()
        if (awake_.fetch_sub(1, memory_order_seq_cst) == 1) idle_.tell_all();
    }
    // Each round sleeps once: until woken for work, or as the watcher, who finds work by itself.
    for (;;) {
        // seq_cst: pairs with stop(), which unparks afterwards
        if (stopping_.load(memory_order_seq_cst)) {
            leave_parked(index);
            return nullptr;
        }
        std::uint32_t none = 0;
        // acq_rel: one watcher after the other uses `turns_seen` of the lanes
        bool const watching = watcher_.compare_exchange_strong(
            none, index + 1, memory_order_acq_rel, memory_order_relaxed);
        if (!watching) {
            bool const input = sleep(index, parker::forever);
            if (input) leave_parked(index);  // first, as below
            if (was_woken(index)) {
                mine.delay.pause();
                if (input) take_input(mine);
                return nullptr;
            }
            continue;
        }
        bool const  input = sleep_as_watcher(index);
        lane* const stuck = find_stuck(index);
        bool const  work = was_woken(index) || stuck != nullptr || input || sees_work(index);
        runnable*   rescued = nullptr;
        if (work) {
            leave_parked(index);  // first: who has taken an actor is not asleep
            if (stuck != nullptr) rescued = stuck->slot.steal();
            if (rescued != nullptr) mine.steals.add(1);
        }
        watch_until_.store(never.nanoseconds, memory_order_seq_cst);
        watch_.store(nobody, memory_order_seq_cst);
        watcher_.store(0, memory_order_release);  // release: pairs with the exchange above
        if (!work) continue;
        mine.delay.pause();
        hand_over_watch();
        if (input) take_input(mine);
        return rescued;
    }
}

/// Until woken, or for about `span`: in the reactor, if nobody drives it. True: there is input, and
/// the caller drives until take_input().
template <class Host>
bool work_stealing_engine<Host>::sleep(unsigned index, duration span, bool may_drive) noexcept {
    if (troupe::reactor* const r = reactor_.get(); r != nullptr && may_drive && r->try_drive()) {
        return sleep_there(*r, index, span);
    }
    lanes_[index].park.park_for(span);
    return false;
}

template <class Host>
bool work_stealing_engine<Host>::sleep_there(troupe::reactor& r, unsigned index,
                                             duration span) noexcept {
    parker& park = lanes_[index].park;
    if (park.go_elsewhere()) {
        r.wait(span);
        park.come_back();
    }
    if (r.has_events()) return true;
    r.leave();
    return false;
}

/// What has come makes actors ready here: so the thread that has read a message handles it.
template <class Host>
void work_stealing_engine<Host>::take_input(lane& mine) noexcept {
    troupe::reactor& r = *reactor_.get();
    mine.had_input = true;
    r.dispatch();
    r.leave();
    inputs_.fetch_add(1, memory_order_relaxed);  // relaxed: a hint for the watcher
}

/// A worker that has work of its own: at times, unless somebody else drives the reactor.
template <class Host>
void work_stealing_engine<Host>::look_for_input(lane& mine) noexcept {
    troupe::reactor& r = *reactor_.get();
    if (r.size() == 0 || !mine.input.is_time() || !r.try_drive()) return;
    r.wait(duration{0});
    if (r.dispatch() != 0) mine.had_input = true;
    r.leave();
}

/// There is a first descriptor to wait for: somebody who sleeps does so there.
template <class Host>
void work_stealing_engine<Host>::reactor_opened(void* engine, std::uint64_t) noexcept {
    static_cast<work_stealing_engine*>(engine)->hand_over_watch();
}

/// Wakes a worker wherever it sleeps.
template <class Host>
void work_stealing_engine<Host>::unpark(lane& of) noexcept {
    if (of.park.unpark_here_or_elsewhere()) [[unlikely]]
        reactor_.get()->wake();
}

/// Another of those that are parked becomes the watcher.
template <class Host>
void work_stealing_engine<Host>::hand_over_watch() noexcept {
    unsigned heir = 0;
    {
        lock_guard const held{mutex_, root_token{}};
        if (parked_.empty()) return;
        heir = parked_.back();
    }
    unpark(lanes_[heir]);
}

template <class Host>
bool work_stealing_engine<Host>::sleep_as_watcher(unsigned index) noexcept {
    // Tell what is known, then look again: a timer that is armed, or a worker that wakes, in
    // between either sees what was told (timer_armed(), ready()) or is seen here.
    // seq_cst: on all of these, for that reason
    time_point deadline = host_.next_deadline();
    watch_until_.store(deadline.nanoseconds, memory_order_seq_cst);
    watch_.store(until_told, memory_order_seq_cst);
    bool const others_run = awake_.load(memory_order_seq_cst) != 0;
    // A worker that has just had input, and sleeps, is likely to have more soon: it need not ask
    // for a watcher each time. relaxed: a hint
    std::uint32_t const inputs = inputs_.load(memory_order_relaxed);
    bool const          at_intervals =
        others_run || (std::exchange(inputs_seen_, inputs) != inputs && workers_ > 1);
    if (at_intervals) watch_.store(every_interval, memory_order_seq_cst);
    if (time_point const later_look = host_.next_deadline(); later_look < deadline) {
        deadline = later_look;
    }
    duration span = host_.real_time_until(deadline);
    // The first time another one is likely to be back soon, and to sleep in the reactor: it would
    // cost a wake to change places with it.
    bool const may_drive = !others_run || watch_span_ != ring_delay::patience;
    if (at_intervals) {
        // Soon at first, then more and more seldom: a long turn is found early, and costs little.
        if (span > watch_span_) span = watch_span_;
        watch_span_ = 2 * watch_span_ < watch_interval ? 2 * watch_span_ : watch_interval;
    } else {
        watch_span_ = ring_delay::patience;
    }
    return sleep(index, span, may_drive);
}

template <class Host>
bool work_stealing_engine<Host>::sees_work(unsigned index) noexcept {
    if (host_.next_deadline() <= host_.now()) return true;
    if (!inbox_.empty() || injected_count_.load(memory_order_relaxed) != 0) return true;
    for (unsigned i = 0; i < workers_; ++i) {
        if (i == index) continue;
        if (lanes_[i].overdue.load(memory_order_relaxed) && !lanes_[i].ring.empty()) return true;
        if (lanes_[i].backlog_size.load(memory_order_relaxed) != 0) return true;
    }
    return false;
}

/// The watcher: a worker that has not come back since the last look, with an actor in its private
/// slot; or null. What stands in the ring of such a worker may be taken.
template <class Host>
lane* work_stealing_engine<Host>::find_stuck(unsigned index) noexcept {
    auto const now = std::chrono::steady_clock::now();
    if (now - watched_at_ < ring_delay::patience) return nullptr;
    watched_at_ = now;
    lane* stuck = nullptr;
    for (unsigned i = 0; i < workers_; ++i) {
        lane&               other = lanes_[i];
        std::uint64_t const turns = other.turns.get();
        bool const          same = std::exchange(other.turns_seen, turns) == turns;
        if (i == index || !same) continue;
        other.delay.note_long_turn();
        if (!other.ring.empty()) other.overdue.store(true, memory_order_relaxed);
        if (!other.slot.empty()) stuck = &other;
    }
    return stuck;
}

/// True when wake_one() has taken this worker off the list.
template <class Host>
bool work_stealing_engine<Host>::was_woken(unsigned index) noexcept {
    // acquire: pairs with the release in unparked()
    return !lanes_[index].parked.load(memory_order_acquire);
}

/// The worker goes back to work by itself.
template <class Host>
void work_stealing_engine<Host>::leave_parked(unsigned index) noexcept {
    lock_guard const held{mutex_, root_token{}};
    if (!lanes_[index].parked.load(memory_order_relaxed)) return;  // relaxed: under the lock
    for (unsigned& entry : parked_) {
        if (entry != index) continue;
        entry = parked_.back();
        parked_.pop_back();
        break;
    }
    unparked(index);
}

template <class Host>
void work_stealing_engine<Host>::wake_one(ready_token token) noexcept {
    unsigned index = 0;
    {
        lock_guard const held{mutex_, token};
        if (parked_.empty()) return;
        // The watcher last: somebody would have to follow it. relaxed: a hint
        unsigned&      last = parked_.back();
        unsigned const watcher = watcher_.load(memory_order_relaxed);
        if (last + 1 == watcher && parked_.size() > 1) std::swap(last, *parked_.begin());
        index = parked_.back();
        parked_.pop_back();
        unparked(index);
    }
    unpark(lanes_[index]);
}

/// After `index` was taken off the list.
template <class Host>
void work_stealing_engine<Host>::unparked(unsigned index) noexcept {
    parked_count_.store(static_cast<std::uint32_t>(parked_.size()), memory_order_seq_cst);
    // On behalf of the one that wakes: the system is not idle from here on.
    awake_.fetch_add(1, memory_order_seq_cst);
    // release: pairs with was_woken()
    lanes_[index].parked.store(false, memory_order_release);
}

template <class Host>
void work_stealing_engine<Host>::kick_watcher(ready_token token) noexcept {
    // acquire: pairs with the release in park()
    if (std::uint32_t const watcher = watcher_.load(memory_order_acquire); watcher != 0) {
        unpark(lanes_[watcher - 1]);
    } else {
        wake_one(token);
    }
}

template <class Host>
void work_stealing_engine<Host>::timer_armed(time_point deadline) noexcept {
    // seq_cst: pairs with sleep_as_watcher()
    if (parked_count_.load(memory_order_seq_cst) != 0 &&
        deadline.nanoseconds < watch_until_.load(memory_order_seq_cst)) {
        kick_watcher(root_token{});
    }
}

template <class Host>
void work_stealing_engine<Host>::clock_jumped() noexcept {
    {
        // A worker that has looked at the timers and is about to park looks again.
        lock_guard const held{mutex_, root_token{}};
        jumped_ = true;
    }
    // Not only the watcher: from here on the system is not idle until the due timers have run.
    wake_one(root_token{});
}

template <class Host>
bool work_stealing_engine<Host>::wait_idle(duration patience, idle_waiter& me) noexcept {
    auto const end = std::chrono::steady_clock::now() + bounded(patience);
    // A timer that is due is work, though nobody has woken for it yet: who moves a clock by hand
    // and then waits means what the timers will do.
    bool const due = host_.next_deadline() <= host_.now();
    {
        lock_guard const held{mutex_, root_token{}};
        // relaxed: written under the lock
        if (!due && awake_.load(memory_order_relaxed) == 0 && injected_.size == 0 &&
            inbox_.still_empty()) {
            return true;
        }
        idle_.add(me);
    }
    // Who was woken parks again and tells; if all are awake, the last to park does.
    if (due) wake_one(root_token{});
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

template <class Host>
void work_stealing_engine<Host>::exited() noexcept {
    lock_guard const held{mutex_, root_token{}};
    // The last worker to leave does not park; who waits for idleness is told here.
    if (awake_.fetch_sub(1, memory_order_seq_cst) == 1) idle_.tell_all();
    if (++exited_ == workers_) all_exited_.unpark();
}

}  // namespace detail

/// Workers with threads of their own, which take work from each other. The default.
struct work_stealing_scheduler {
    static constexpr bool     driven = false;  // the user's thread does not run actors
    static constexpr unsigned workers_min = 1;
    static constexpr unsigned workers_max = 256;
    static unsigned           workers_default() noexcept { return detail::available_processors(); }
    template <class Host>
    using engine = detail::work_stealing_engine<Host>;
};

static_assert(scheduler<work_stealing_scheduler>);

}  // namespace troupe::inline TROUPE_ABI
