// SPDX-License-Identifier: BSL-1.0
// The gate of a system against the next system behind it; actors that wait for room with a message
// in hand (async_send), against the end of either side; and waits that close a cycle. The gate and
// the core are the shipped ones.
//
// A sender here is a cell whose turn is written out below: it does what pending_send and the turn
// do, without a coroutine and without `this_thread`, of which there is only one.
//
// Mutants seen to fail: mutants.txt, lines `waits`. Not found, and why:
//   the incarnation that enlist() compares: the closed mailbox of one that ended has room, so who
//     comes goes on and is told; the next actor in the same cell is not part of a model;
//   the release in let_go(): what it orders is a plain member that is not watched, and the wake
//     behind it orders that as well.

#include "support/explore.hpp"
#include "support/small_system.hpp"

#include <optional>

namespace {

using namespace troupe_model;
using troupe::send_status;

// ---- the gate

/// What a system stands on: alive, or not any more.
struct ground {
    plain<int> alive{0};
    core*      as_core() { return reinterpret_cast<core*>(this); }
};

/// The owner ends a system and begins the next behind the same gate. Visitors of the first and of
/// the second come at any moment.
struct gate_used_again : rl::test_suite<gate_used_again, 3> {
    std::optional<gate> door;
    ground              first;
    ground              second;

    void before() {
        door.emplace();
        first.alive.write(1);
        door->open(7, first.as_core());
    }
    void thread(unsigned index) {
        if (index == 0) {
            RL_ASSERT(door->close(troupe::duration::max()));
            first.alive.write(0);
            second.alive.write(2);
            door->open(8, second.as_core());
        } else {
            std::uint64_t const serial = index == 1 ? 7 : 8;
            ground&             mine = index == 1 ? first : second;
            for (int i = 0; i < 2; ++i) {
                if (!door->enter(serial)) continue;
                RL_ASSERT(door->inside() == mine.as_core());
                RL_ASSERT(mine.alive.read() == static_cast<int>(index));
                door->leave();
            }
        }
    }
    void after() {
        RL_ASSERT(door->close(troupe::duration::max()));
        RL_ASSERT(!door->enter(8));
        door.reset();
    }
};

// ---- async_send

struct number {
    int value;
};

/// Never has more waiting than its bound.
template <class System>
class sink {
public:
    using protocol = troupe::protocol<void(number)>;
    sink(System& system, cell*& me, int& seen) : system_(system), me_(me), seen_(seen) {}
    void on(number) {
        RL_ASSERT(me_->ops.load(memory_order_relaxed)->depth(me_->box) <= 1);
        state_.write(state_.read() + 1);
        ++seen_;
        system_.done();
    }

private:
    System&    system_;
    cell*&     me_;
    int&       seen_;
    plain<int> state_{0};
};
using small_mailbox = troupe::bounded_mailbox<1, troupe::overflow::block>;

/// Sends `left` messages, each when there is room for it.
template <class System>
struct pusher {
    using protocol = troupe::protocol<>;

    System&       system;
    cell&         target;
    std::uint64_t incarnation;
    int&          accepted;
    int&          refused;
    int           left;
    bool          waits = false;
    wait_record   record{};

    pusher(System& s, cell& to, int& a, int& r, int messages)
        : system(s),
          target(to),
          incarnation(to.incarnation.load(memory_order_relaxed)),
          accepted(a),
          refused(r),
          left(messages) {}
    // As pending_send::give_up().
    ~pusher() {
        if (!waits) return;
        system.withdraw(record);
        if (record.state.load(memory_order_acquire) != wait_record::phase::released) {
            system.drop(nullptr, *record.held, troupe::drop_cause::dead);
        }
    }

    void told(send_status s) {
        RL_ASSERT(s == send_status::accepted || s == send_status::no_target);
        (s == send_status::accepted ? accepted : refused) += 1;
        --left;
    }
    // As pending_send::begin().
    void begin(cell& me, worker& w) {
        node& n = *build<number>(system, &w, target, incarnation, number{1});
        system.count_sent(&w);
        record.~wait_record();
        new (&record) wait_record;
        record.target = &target;
        record.incarnation = incarnation;
        record.system = &system;
        record.waiter = &me;
        record.waiter_incarnation = me.incarnation.load(memory_order_relaxed);
        record.held = &n;
        for (;;) {
            submitted const done =
                target.ops.load(memory_order_acquire)->submit(target, n, &w, send_mode::hold);
            if (!done.kept()) {
                told(done.status());
                return;
            }
            if (system.enlist(&me, record) == core::waits::enlisted) {
                waits = true;
                return;
            }
        }
    }
    // As turn_around::attend() and stays_idle().
    static bool run(cell& c, worker& w, unsigned) noexcept {
        for (;;) {
            if ((c.control.load(memory_order_acquire) & (control::transient | control::stopping)) !=
                0) {
                if (w.owner.attend(w, c) != core::attention::go_on) return false;
            }
            auto& me = *static_cast<pusher*>(c.body);
            if (me.waits) {
                if (me.record.state.load(memory_order_acquire) != wait_record::phase::released) {
                    if (w.owner.park(c)) return false;
                    continue;
                }
                me.waits = false;
                w.owner.clear_edge(c);
                me.told(me.record.outcome);
                continue;
            }
            if (me.left > 0) {
                me.begin(c, w);
                continue;
            }
            cell_ops const& ops = *c.ops.load(memory_order_relaxed);
            ops.try_idle(c.box);
            if ((c.control.load(memory_order_seq_cst) & control::transient) == 0 ||
                !ops.claim(c.box)) {
                return false;
            }
        }
    }
    static cell_ops const& ops() {
        static cell_ops const mine = [] {
            cell_ops copy = ops_of<pusher, troupe::unbounded_mailbox>;
            copy.run = &run;
            return copy;
        }();
        return mine;
    }
};

enum class ends : int { nobody, sender, target };

/// Two workers run a target of one place and two senders; a thread outside ends one of them.
template <ends Who, int Messages>
struct async_senders : rl::test_suite<async_senders<Who, Messages>, Who == ends::nobody ? 2 : 3> {
    using system_type = small_system<2>;
    using sender = pusher<system_type>;
    std::optional<system_type> system;
    cell*                      target = nullptr;
    cell*                      senders[2] = {};
    std::uint64_t              to_end = 0;
    int                        seen = 0;
    int                        accepted[2] = {};
    int                        refused[2] = {};

    void before() {
        system.emplace(Who == ends::nobody ? 2 * Messages : 1'000);
        target = &system->template spawn<sink<system_type>, small_mailbox>(*system, target, seen);
        for (int i = 0; i < 2; ++i) {
            troupe::spawn_errc error{};
            senders[i] = system->begin(&system->of(0), sender::ops(), error);
            RL_ASSERT(senders[i] != nullptr);
            new (senders[i]->body) sender{*system, *target, accepted[i], refused[i], Messages};
        }
        to_end = ended_one().incarnation.load(memory_order_relaxed);
        if (Who != ends::nobody) system->end_of_work = 1;
        for (cell* const s : senders) system->make_ready(nullptr, *s, root_token{});
    }
    cell& ended_one() { return Who == ends::sender ? *senders[0] : *target; }
    void  thread(unsigned index) {
        if (index < 2) {
            system->work(index);
            return;
        }
        system->request_stop(nullptr, ended_one(), to_end);
        system->thread_ended();
    }
    void after() {
        system->finish_turns();
        RL_ASSERT(target->waiters == nullptr);
        RL_ASSERT(system->books().balanced());
        RL_ASSERT(system->books().queued == 0);
        for (int i = 0; i < 2; ++i) {
            // Whoever still lives has been told of everything.
            if (Who == ends::sender && i == 0) continue;
            RL_ASSERT(accepted[i] + refused[i] == Messages);
            RL_ASSERT(Who == ends::target || refused[i] == 0);
        }
        RL_ASSERT(Who == ends::target || seen >= accepted[0] + accepted[1]);
        RL_ASSERT(seen <= 2 * Messages);
        for (cell* const c : {target, senders[0], senders[1]}) {
            std::uint64_t const incarnation = c->incarnation.load(memory_order_relaxed);
            if (incarnation != 0) system->request_stop(&system->of(0), *c, incarnation);
        }
        system->finish_turns();
        RL_ASSERT(system->ended == 3);
        RL_ASSERT(system->books().balanced());
        RL_ASSERT(system->books().blocks == 0);
        system.reset();
    }
};

// ---- cycles

/// Actors in a ring ask each other at the same moment: not all of them wait.
template <unsigned Size>
struct asks_in_a_ring : rl::test_suite<asks_in_a_ring<Size>, Size> {
    using system_type = small_system<Size>;
    std::optional<system_type> system;
    cell*                      ring[Size] = {};
    int                        seen = 0;
    bool                       fails[Size] = {};

    void before() {
        system.emplace(0);
        for (cell*& c : ring) {
            c = &system->template spawn<sink<system_type>, small_mailbox>(*system, c, seen);
        }
    }
    void thread(unsigned index) {
        fails[index] =
            system->ask_closes_cycle(system->of(index), *ring[index], *ring[(index + 1) % Size]);
    }
    void after() {
        unsigned failed = 0;
        for (bool const f : fails) failed += f;
        RL_ASSERT(failed == 1);
        // Whose ask fails does not wait; the others do.
        for (unsigned i = 0; i < Size; ++i) {
            RL_ASSERT((ring[i]->wait_edge.load(memory_order_relaxed) == 0) == fails[i]);
            system->clear_edge(*ring[i]);
        }
        for (cell* const c : ring) {
            system->request_stop(&system->of(0), *c, c->incarnation.load(memory_order_relaxed));
        }
        system->finish_turns();
        system.reset();
    }
};

/// One asks; the other, whom it asks, waits for room in its mailbox, with a message in hand or
/// muted. They do not both wait.
template <bool Holds>
struct ask_meets_room : rl::test_suite<ask_meets_room<Holds>, 2> {
    using system_type = small_system<2>;
    std::optional<system_type> system;
    cell*                      asker = nullptr;  // full
    cell*                      other = nullptr;
    wait_record                record{};
    node*                      held = nullptr;
    int                        seen = 0;
    bool                       ask_fails = false;
    core::waits                room = core::waits::room;

    void before() {
        system.emplace(0);
        asker = &system->template spawn<sink<system_type>, small_mailbox>(*system, asker, seen);
        other = &system->template spawn<sink<system_type>, small_mailbox>(*system, other, seen);
        // Held by their owners, the two threads.
        for (cell* const c : {asker, other}) {
            RL_ASSERT(c->ops.load(memory_order_relaxed)->claim(c->box));
        }
        node& n = system->make(nullptr, *asker, number{1});
        system->count_sent(nullptr);
        asker->ops.load(memory_order_relaxed)->submit(*asker, n, nullptr, send_mode::internal);
        record.target = asker;
        record.incarnation = asker->incarnation.load(memory_order_relaxed);
        record.system = &*system;
        record.waiter = other;
        record.waiter_incarnation = other->incarnation.load(memory_order_relaxed);
        if (Holds) {
            held = &system->make(nullptr, *asker, number{2});
            system->count_sent(nullptr);
            record.held = held;
        }
    }
    void thread(unsigned index) {
        if (index == 0) ask_fails = system->ask_closes_cycle(system->of(0), *asker, *other);
        else room = system->enlist(other, record);
    }
    void after() {
        bool const waits = room == core::waits::enlisted &&
                           record.state.load(memory_order_relaxed) == wait_record::phase::enlisted;
        RL_ASSERT(room != core::waits::room);
        RL_ASSERT(ask_fails || !waits);
        RL_ASSERT(Holds || !ask_fails);  // a muted one is let go instead
        system->withdraw(record);
        if (Holds) system->drop(nullptr, *held, troupe::drop_cause::dead);
        for (cell* const c : {asker, other}) {
            system->clear_edge(*c);
            system->request_stop(&system->of(0), *c, c->incarnation.load(memory_order_relaxed));
            system->make_ready(nullptr, *c, root_token{});
        }
        system->finish_turns();
        RL_ASSERT(system->ended == 2);
        RL_ASSERT(system->books().balanced());
        RL_ASSERT(system->books().blocks == 0);
        system.reset();
    }
};

}  // namespace

int main() {
    bound<gate_used_again>("gate: the next system", 2);
    random<gate_used_again>("gate: the next system", 50'000);
    random<async_senders<ends::nobody, 2>>("async_send: room", 20'000);
    random<async_senders<ends::sender, 2>>("async_send: a sender ends", 20'000);
    random<async_senders<ends::target, 2>>("async_send: the target ends", 20'000);
    random<asks_in_a_ring<2>>("cycle: two asks", 20'000);
    random<asks_in_a_ring<3>>("cycle: three asks", 20'000);
    random<ask_meets_room<false>>("cycle: an ask and a muted one", 20'000);
    random<ask_meets_room<true>>("cycle: an ask and an async_send", 20'000);
}
