// SPDX-License-Identifier: BSL-1.0
#pragma once

// A system for model tests: the shipped core of actor/, with a scheduler of a few lines. Each
// thread of the test that calls work() is a worker. A thread that has nothing to do sleeps in a
// parker, so a wake that is lost is a deadlock, which Relacy reports. Or, with `on_the_spot`, each
// thread runs whom it has made ready, and a wake that is lost is seen when all are done: that has
// far fewer steps, so that all orders of them can be tried.
//
// Relacy's threads are fibers of one: `this_thread` of the library is changed with them.

#include "explore.hpp"

#include "troupe/actor/async_send.hpp"
#include "troupe/actor/termination.hpp"
#include "troupe/actor/turn.hpp"
#include "troupe/mailbox/policies.hpp"
#include "troupe/memory/pools.hpp"

#include <new>

namespace troupe_model {

using namespace troupe::detail;

/// What stands once per process; made anew for each interleaving.
struct process {
    process() {
        new (&all_gates) gate_registry;
        new (&cell_pages) page_arena;
    }
    ~process() {
        while (gate* const g = all_gates.free_gates) {
            all_gates.free_gates = g->next_free;
            delete g;
        }
        while (page* const p = cell_pages.take(root_token{})) {
            bool const used = p->constructed;
            auto*      cells = reinterpret_cast<cell*>(p->memory);
            for (std::size_t i = 0; used && i < page_bytes / sizeof(cell); ++i) cells[i].~cell();
            munmap(p->memory, page_bytes);
            delete p;
            if (!used) break;  // a fresh one: there are no more
        }
        cell_pages.~page_arena();
        all_gates.~gate_registry();
    }
};

struct with_pool {
    pool_source<troupe::slab_pool> source;
};

/// `this_thread`, by thread of the model.
inline thread_role roles[8];
inline void        begin_roles() {
    for (thread_role& r : roles) r = {};
    this_thread = {};
    on_begin = &begin_roles;
    on_switch = [](unsigned from, unsigned to) {
        roles[from] = this_thread;
        this_thread = roles[to];
    };
}
inline bool const roles_are_kept = (begin_roles(), true);

template <unsigned Workers>
class small_system final : process, with_pool, public core {
public:
    explicit small_system(int work) : core(source, 1000, false, 1), left(work) {
        for (unsigned i = 0; i < Workers; ++i) {
            own_[i] = new worker{*this, door_, depot_, static_cast<int>(i)};
            add_worker(*own_[i]);
        }
        root_ = &top_;  // nobody's: it is asked whether the system ends
        door_->open(serial_, this);
    }
    ~small_system() {
        RL_ASSERT(ready_.empty());
        free_memory();
        for (worker* const w : own_) delete w;
        all_gates.give(door_, root_token{});
    }

    worker& of(unsigned index) { return *own_[index]; }

    template <class Actor, class Mailbox, class... Arguments>
    cell& spawn(Arguments&&... arguments) {
        troupe::spawn_errc error{};
        cell* const        c = begin(own_[0], ops_of<Actor, Mailbox>, error);
        RL_ASSERT(c != nullptr);
        RL_ASSERT(strategy_of(*c) == nullptr || furnish(own_[0], *c, nullptr, 0));
        new (c->body) Actor(std::forward<Arguments>(arguments)...);
        ops_of<Actor, Mailbox>.try_idle(c->box);
        return *c;
    }
    template <class Message>
    node& make(worker* w, cell& to, Message const& message) {
        node* const n = troupe::detail::build<Message>(
            *this, w, to, to.incarnation.load(memory_order_relaxed), message);
        RL_ASSERT(n != nullptr);
        return *n;
    }

    /// One thing that was to be done is done; the last one ends all work().
    void done() noexcept {
        if (left.fetch_sub(1, memory_order_acq_rel) == 1) {
            for (parker& p : parked_) p.unpark();
        }
    }
    /// The other way to end all work(): so many threads outside have ended.
    void thread_ended() noexcept {
        if (threads_ended_.fetch_add(1, memory_order_acq_rel) + 1 == end_of_work) {
            left.store(0, memory_order_release);
            for (parker& p : parked_) p.unpark();
        }
    }
    bool over() const noexcept { return left.load(memory_order_acquire) <= 0; }

    /// The calling thread is worker `index` as long as something is ready.
    void turns(unsigned index) {
        while (runnable* const r = on_the_spot ? here_[index].pop() : pop()) {
            auto& c = static_cast<cell&>(*r);
            if (running != nullptr) running[index] = &c;
            if (c.ops.load(memory_order_relaxed)->run(c, *own_[index], turn_messages)) again(*r);
        }
    }
    /// The same until everything is done.
    void work(unsigned index) {
        for (;;) {
            turns(index);
            if (over()) return;
            parked_[index].park();
        }
    }
    /// After everything is done: whatever is still ready.
    void finish_turns() { turns(on_the_spot ? rl::thread_index() : 0); }

    bool               on_the_spot = false;  // who makes an actor ready runs it
    int                end_of_work = 0;
    unsigned           turn_messages = 64;
    cell**             running = nullptr;  // if set: which actor each worker runs
    atomic<int>        left;
    troupe::time_point time{};

    // --- for the core
    void ready(worker*, cell& c, ready_token token) noexcept override {
        if (on_the_spot) {
            here_[rl::thread_index()].push(c);
            return;
        }
        {
            lock_guard const held{ready_mutex_, token};
            ready_.push(c);
        }
        for (parker& p : parked_) p.unpark();
    }
    void               timer_armed(troupe::time_point) noexcept override {}
    troupe::time_point now() const noexcept override { return time; }
    worker*            worker_here() noexcept override { return nullptr; }
    bool               drives_here() const noexcept override { return false; }
    bool               run_once() noexcept override { return false; }
    void               wait_for_work(troupe::duration) noexcept override {}
    void               log(troupe::log_record const&) noexcept override {}
    void tell_count(troupe::metric, std::string_view, std::uint64_t) noexcept override {}
    void tell_gauge(troupe::metric, std::string_view, double) noexcept override {}
    void tell_sample(troupe::metric, std::string_view, double) noexcept override {}
    void tell_failed(troupe::failure const&) noexcept override {}
    void root_ended() noexcept override { ++ended; }
    void hold() noexcept override {}
    void release() noexcept override {}
    void clock_jumped() noexcept override {}

    int ended = 0;  // actors without a parent that have ended

private:
    void again(runnable& r) {
        if (on_the_spot) {
            here_[rl::thread_index()].push(r);
            return;
        }
        lock_guard const held{ready_mutex_, root_token{}};
        ready_.push(r);
    }
    runnable* pop() {
        lock_guard const held{ready_mutex_, root_token{}};
        return ready_.pop();
    }

    cell                          top_;
    atomic<int>                   threads_ended_{0};
    worker*                       own_[Workers] = {};
    parker                        parked_[Workers];
    ranked_mutex<rank::injection> ready_mutex_;
    ready_list                    ready_;
    ready_list                    here_[Workers];  // by thread
};

}  // namespace troupe_model
