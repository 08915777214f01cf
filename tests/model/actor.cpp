// SPDX-License-Identifier: BSL-1.0
// What actors wait for: room in a mailbox, and the outcome of an ask. The turn, the core and the
// reply slot are the shipped ones.
//
// Mutants seen to fail: mutants.txt, lines `actor`. Not found, and why:
//   the orders of the exchanges by which the last one leaves a reply slot: what they order is the
//     next use of the block, and pool memory is not watched;
//   control::waiters among the reasons not to go idle, and the order of its load in fold(): a fold
//     comes after each announcement, because mailboxes are folded more often than they drain to the
//     low-water mark, and each of the two looks makes up for the other.

#include "support/explore.hpp"
#include "support/small_system.hpp"

#include <optional>

namespace {

using namespace troupe_model;
namespace overflow = troupe::overflow;

struct number {
    int value;
};

/// Counts what it is sent.
template <class System>
class sink {
public:
    using protocol = troupe::protocol<void(number)>;
    sink(System& system, int& seen) : system_(system), seen_(seen) {}
    void on(number n) {
        state_.write(state_.read() + n.value);
        ++seen_;
        system_.done();
    }

private:
    System&    system_;
    int&       seen_;
    plain<int> state_{0};
};

/// Threads outside send to a full mailbox of one: each waits until its message is taken.
template <unsigned Capacity, int Messages>
struct room_for_threads : rl::test_suite<room_for_threads<Capacity, Messages>, 3> {
    using system_type = small_system<1>;
    using mailbox = troupe::bounded_mailbox<Capacity, overflow::block>;
    std::optional<system_type> system;
    cell*                      target = nullptr;
    int                        seen = 0;

    void before() {
        system.emplace(2 * Messages);
        target = &system->template spawn<sink<system_type>, mailbox>(*system, seen);
    }
    void thread(unsigned index) {
        if (index == 0) {
            system->work(0);
            return;
        }
        for (int i = 0; i < Messages; ++i) {
            node& n = system->make(nullptr, *target, number{1});
            system->count_sent(nullptr);
            submitted const done = target->ops.load(memory_order_relaxed)
                                       ->submit(*target, n, nullptr, send_mode::hold);
            if (done.status() != troupe::send_status::full) continue;
            RL_ASSERT(system->wait_for_room(*target, n, never) == troupe::send_status::accepted);
        }
    }
    void after() {
        system->finish_turns();
        RL_ASSERT(seen == 2 * Messages);
        RL_ASSERT(system->books().balanced());
        system->request_stop(&system->of(0), *target,
                             target->incarnation.load(memory_order_relaxed));
        system->finish_turns();
        RL_ASSERT(system->ended == 1);
        RL_ASSERT(system->books().blocks == 0);
        system.reset();
    }
};

/// A thread that waits for room with a deadline, while one worker makes room and another lets the
/// deadline pass.
struct room_or_deadline : rl::test_suite<room_or_deadline, 3> {
    using system_type = small_system<2>;
    using mailbox = troupe::bounded_mailbox<1, overflow::block>;
    std::optional<system_type> system;
    cell*                      target = nullptr;
    int                        seen = 0;
    bool                       late = false;
    atomic<bool>               past{false};

    void before() {
        system.emplace(2);
        target = &system->spawn<sink<system_type>, mailbox>(*system, seen);
        send();
    }
    troupe::send_status send() {
        node& n = system->make(nullptr, *target, number{1});
        system->count_sent(nullptr);
        submitted const done =
            target->ops.load(memory_order_relaxed)->submit(*target, n, nullptr, send_mode::hold);
        if (done.status() != troupe::send_status::full) return done.status();
        return system->wait_for_room(*target, n, troupe::time_point{1});
    }
    void thread(unsigned index) {
        // The others begin when the thread stands in the queue: before, there is nothing to find.
        while (index != 1 && !past.load(memory_order_relaxed) &&
               (target->control.load(memory_order_relaxed) & control::waiters) == 0) {
            rl::yield(1, $);
        }
        if (index == 0) {
            system->work(0);
        } else if (index == 1) {
            late = send() == troupe::send_status::timed_out;
            past.store(true, memory_order_relaxed);
            if (late) system->done();
        } else {
            system->time = {1'000'000'000};
            system->run_due_timers(system->of(1));
        }
    }
    void after() {
        system->finish_turns();
        RL_ASSERT(seen == (late ? 1 : 2));
        RL_ASSERT(system->books().balanced());
        system->request_stop(&system->of(0), *target,
                             target->incarnation.load(memory_order_relaxed));
        system->finish_turns();
        RL_ASSERT(system->books().blocks == 0);
        system.reset();
    }
};

/// The target is stopped while threads outside wait for room in it: nobody stays behind, and every
/// message is handled or a dead letter.
struct target_ends : rl::test_suite<target_ends, 4> {
    using system_type = small_system<1>;
    using mailbox = troupe::bounded_mailbox<1, overflow::block>;
    std::optional<system_type> system;
    cell*                      target = nullptr;
    std::uint64_t              incarnation = 0;
    int                        seen = 0;
    int                        told[2] = {};  // messages that were taken, by sender

    void before() {
        system.emplace(1'000);
        target = &system->spawn<sink<system_type>, mailbox>(*system, seen);
        incarnation = target->incarnation.load(memory_order_relaxed);
        system->end_of_work = 3;
    }
    void thread(unsigned index) {
        if (index == 0) {
            system->work(0);
            return;
        }
        if (index == 3) {
            system->request_stop(nullptr, *target, incarnation);
        } else {
            for (int i = 0; i < 2; ++i) {
                node& n = *build<number>(*system, nullptr, *target, incarnation, number{1});
                system->count_sent(nullptr);
                submitted const done = target->ops.load(memory_order_relaxed)
                                           ->submit(*target, n, nullptr, send_mode::hold);
                troupe::send_status const status =
                    done.kept() ? system->wait_for_room(*target, n, never) : done.status();
                RL_ASSERT(status == troupe::send_status::accepted ||
                          status == troupe::send_status::no_target);
                told[index - 1] += status == troupe::send_status::accepted;
            }
        }
        system->thread_ended();
    }
    void after() {
        system->finish_turns();
        RL_ASSERT(system->ended == 1);
        RL_ASSERT(target->waiters == nullptr);
        RL_ASSERT(seen <= told[0] + told[1]);
        RL_ASSERT(system->books().balanced());
        RL_ASSERT(system->books().sent == 4);
        RL_ASSERT(system->books().blocks == 0);
        system.reset();
    }
};

/// A request to stop meets an actor that goes idle.
struct stop_meets_idle : rl::test_suite<stop_meets_idle, 2> {
    using system_type = small_system<1>;
    using mailbox = troupe::bounded_mailbox<4, overflow::block>;
    std::optional<system_type> system;
    cell*                      target = nullptr;
    int                        seen = 0;

    void before() {
        system.emplace(1);
        target = &system->spawn<sink<system_type>, mailbox>(*system, seen);
        node& n = system->make(nullptr, *target, number{1});
        system->count_sent(nullptr);
        target->ops.load(memory_order_relaxed)->submit(*target, n, nullptr, send_mode::hold);
    }
    void thread(unsigned index) {
        if (index == 0) {
            system->turns(0);
        } else {
            system->request_stop(nullptr, *target, target->incarnation.load(memory_order_relaxed));
        }
    }
    void after() {
        system->finish_turns();
        RL_ASSERT(system->ended == 1);
        RL_ASSERT(system->books().balanced());
        RL_ASSERT(system->books().blocks == 0);
        system.reset();
    }
};

/// Actors that send over the bound of another one are muted, and let go when it has drained.
struct muted_senders : rl::test_suite<muted_senders, 2> {
    using system_type = small_system<2>;
    using mailbox = troupe::bounded_mailbox<1, overflow::block>;

    struct kick {};
    struct sender {
        using protocol = troupe::protocol<void(kick)>;
        muted_senders& test;
        explicit sender(muted_senders& t) : test(t) {}
        void on(kick) {
            system_type& system = *test.system;
            worker&      w = system.of(rl::thread_index());
            cell&        me = *test.current[rl::thread_index()];
            node&        n = system.make(&w, *test.target, number{1});
            system.count_sent(&w);
            submitted const done = test.target->ops.load(memory_order_relaxed)
                                       ->submit(*test.target, n, &w, send_mode::normal);
            RL_ASSERT(done.status() == troupe::send_status::accepted);
            if (done.over()) system.note_overcommit(&w, &w, me, *test.target, n_target());
        }
        std::uint64_t n_target() { return test.target->incarnation.load(memory_order_relaxed); }
    };

    std::optional<system_type> system;
    cell*                      target = nullptr;
    cell*                      senders[2] = {};
    cell*                      current[2] = {};
    int                        seen = 0;

    void before() {
        system.emplace(4);
        target = &system->spawn<sink<system_type>, mailbox>(*system, seen);
        for (int i = 0; i < 2; ++i) {
            senders[i] = &system->spawn<sender, troupe::unbounded_mailbox>(*this);
        }
        for (int i = 0; i < 2; ++i) {
            for (cell* const s : senders) {
                node& n = system->make(nullptr, *s, kick{});
                system->count_sent(nullptr);
                s->ops.load(memory_order_relaxed)->submit(*s, n, nullptr, send_mode::internal);
            }
        }
    }
    void thread(unsigned index) {
        system->running = current;
        system->work(index);
    }
    void after() {
        system->finish_turns();
        RL_ASSERT(seen == 4);
        RL_ASSERT(target->waiters == nullptr);
        for (cell* const s : senders) RL_ASSERT(s->muted == nullptr);
        RL_ASSERT(system->books().balanced());
        for (cell* const c : {target, senders[0], senders[1]}) {
            system->request_stop(&system->of(0), *c, c->incarnation.load(memory_order_relaxed));
        }
        system->finish_turns();
        RL_ASSERT(system->ended == 3);
        RL_ASSERT(system->books().blocks == 0);
        system.reset();
    }
};

/// A reply that knows how many of it are alive.
struct answer_value {
    int*       alive;
    plain<int> value;
    answer_value(int& counter, int v) : alive(&counter), value(v) { ++*alive; }
    answer_value(answer_value const&) = delete;
    ~answer_value() {
        value.write(0);
        --*alive;
    }
};

enum class asker { waits, leaves };

/// The one that answers, the asker, and (with `Expires`) the deadline: one outcome, freed once.
template <asker How, bool Expires>
struct one_ask : rl::test_suite<one_ask<How, Expires>, Expires ? 3 : 2> {
    std::optional<small_system<2>> system;
    reply_slot*                    slot = nullptr;
    int                            alive = 0;
    int                            outcomes = 0;

    void before() {
        system.emplace(0);
        slot = system->open_slot(nullptr, slot_class(sizeof(answer_value)));
        slot->destroy_value = [](void* v) noexcept {
            static_cast<answer_value*>(v)->~answer_value();
        };
        if (Expires) {
            slot->timed = true;
            system->arm(slot->expiry, troupe::time_point{1});
        }
    }
    void thread(unsigned index) {
        if (index == 0) {
            new (slot->value()) answer_value{alive, 7};
            system->finish(&system->of(0), *slot, reply_slot::answered);
        } else if (index == 1) {
            if (How == asker::waits) wait();
            system->leave_slot(nullptr, *slot, outcomes == 0);
        } else {
            system->time = {1'000'000'000};
            system->run_due_timers(system->of(1));
        }
    }
    // As asked::wait() and request::outcome().
    void wait() {
        parker mine;
        slot->thread = &mine;
        if (reply_slot::outcome(slot->state.fetch_or(
                reply_slot::asker_waits, memory_order_acq_rel)) == reply_slot::pending) {
            mine.park();
        }
        slot->thread = nullptr;
        std::uint32_t const outcome = reply_slot::outcome(slot->state.load(memory_order_acquire));
        RL_ASSERT(outcome != reply_slot::pending);
        ++outcomes;
        if (outcome != reply_slot::answered) {
            RL_ASSERT(Expires);
            return;
        }
        auto* const value = static_cast<answer_value*>(slot->value());
        RL_ASSERT(value->value.read() == 7);
        value->~answer_value();
    }
    void after() {
        RL_ASSERT(alive == 0);
        RL_ASSERT(How == asker::leaves || outcomes == 1);
        RL_ASSERT(system->books().blocks == 0);
        RL_ASSERT(system->books().timers == 0);
        system.reset();
    }
};

}  // namespace

int main() {
    random<one_ask<asker::waits, false>>("ask: answered", 20'000);
    random<one_ask<asker::leaves, false>>("ask: the asker leaves", 20'000);
    random<one_ask<asker::waits, true>>("ask: answered or expired", 20'000);
    random<one_ask<asker::leaves, true>>("ask: all three at once", 20'000);
    random<room_for_threads<1, 2>>("room: threads, bound of one", 20'000);
    random<room_for_threads<2, 2>>("room: threads, bound of two", 20'000);
    random<room_or_deadline>("room: or the deadline", 50'000);
    bound<stop_meets_idle>("stop: or going idle", 2);
    random<target_ends>("room: the target ends", 30'000);
    random<muted_senders>("room: muted actors", 20'000);
}
