// SPDX-License-Identifier: BSL-1.0
#pragma once

// The part of an actor that the mailbox protocol needs, for model tests: a cell, a control word,
// and the turn of actor/turn.hpp with core::wake() of actor/memory_of_core.hpp, line for line but
// without handlers and scheduler. Whoever gets the run right runs the actor on the spot. The
// mailbox kernels are the shipped ones.

#include "troupe/mailbox/lock_free_kernel.hpp"
#include "troupe/mailbox/locked_kernel.hpp"

namespace troupe_model {

using namespace troupe::detail;

struct alignas(16) message : node {
    plain<int> from;
    plain<int> number;
    message(int from_, int number_, std::uint64_t target_) : from(from_), number(number_) {
        target = target_;
    }
};

/// What a producer was told of a message, or the owner did with it.
enum fate : int { unknown, handled, refused, dead };

template <class Kernel>
struct small_actor {
    static constexpr int producers = 3;
    static constexpr int messages = 3;

    // control bits
    static constexpr std::uint64_t stop = 1;
    static constexpr std::uint64_t resume = 4;
    static constexpr std::uint64_t transient = stop | resume;

    inbox                 box;
    atomic<std::uint64_t> incarnation{0};
    atomic<std::uint64_t> control{0};
    node*                 head = nullptr;
    std::uint32_t         unfolded = 0;
    plain<int>            state{0};  // the actor object: a race on it is a broken run right

    // The test's own notes; what they say is not part of the protocol.
    int  owners = 0;
    int  attended = 0;
    int  turns = 64;  // messages per turn
    bool ended = false;
    bool idles_at_retire = true;  // else by try_idle() only, as when the actor was muted
    int  last[producers] = {};
    int  told[producers][messages + 1] = {};

    void note(message& m, fate f) {
        int const from = m.from.read();
        int const number = m.number.read();
        RL_ASSERT(told[from][number] == unknown);
        told[from][number] = f;
    }

    void birth(std::uint64_t number, bool idle) {
        Kernel::open(box, idle);
        incarnation.store(number, memory_order_release);
    }

    // --- any thread
    void send(message& m, std::uint32_t capacity = 0xffff'ffff,
              at_capacity rule = at_capacity::admit) {
        if (incarnation.load(memory_order_acquire) != m.target) {
            drop(m, refused);
            return;
        }
        if (rule == at_capacity::admit && Kernel::push_to_idle(box, m)) {
            run_all();
            return;
        }
        push_result const pushed = Kernel::push(box, m, capacity, rule, incarnation);
        switch (pushed.outcome) {
            case push_outcome::started: run_all(); break;
            case push_outcome::queued: break;
            case push_outcome::full:
            case push_outcome::closed: drop(m, refused); break;
        }
        if (pushed.victim != nullptr) drop(static_cast<message&>(*pushed.victim), refused);
    }
    void wake(std::uint64_t bits) {
        std::uint64_t old = control.load(memory_order_relaxed);
        do {
        } while (!control.compare_exchange_weak(old, old | bits, memory_order_seq_cst,
                                                memory_order_relaxed));
        if (Kernel::claim(box)) run_all();
    }
    void drop(message& m, fate f) {
        note(m, f);
        delete &m;
    }

    // --- the owner
    void run_all() {
        while (run()) {}
    }
    bool run() {
        enter();
        bool const again = run_inside();
        if (again) leave();
        return again;
    }
    void enter() {
        RL_ASSERT(++owners == 1);
        state.write(state.read() + 1);
    }
    // Before the run right is given up: afterwards somebody else may be inside.
    void leave() {
        state.write(state.read() + 1);
        --owners;
    }
    bool run_inside() {
        int count = 0;
        for (;;) {
            if (attend()) return false;
            for (;;) {
                node* const n = Kernel::front(box, head);
                if (n == nullptr) {
                    if (go_idle()) return false;
                    break;
                }
                if (count >= turns) return true;
                ++unfolded;
                Kernel::fold(box, unfolded);
                auto& m = static_cast<message&>(*n);
                if (n->target != incarnation.load(memory_order_relaxed)) {
                    Kernel::retire(box, head, unfolded, false);
                    drop(m, dead);
                    continue;
                }
                handle(m);
                ++count;
                if (retire()) return false;
                if ((control.load(memory_order_relaxed) & transient) != 0) break;
            }
        }
    }
    void handle(message& m) {
        state.write(state.read() + 1);
        int const from = m.from.read();
        RL_ASSERT(m.number.read() > last[from]);
        last[from] = m.number.read();
        note(m, handled);
    }
    /// True when the actor has ended.
    bool attend() {
        if ((control.load(memory_order_acquire) & transient) == 0) return false;
        std::uint64_t const bits = control.fetch_and(~transient, memory_order_acq_rel);
        if ((bits & resume) != 0) on_resume();
        if ((bits & stop) == 0) return false;
        incarnation.store(0, memory_order_release);
        node* letters = Kernel::close(box, head);
        while (node* const n = letters) {
            letters = n->next.load(memory_order_relaxed);
            drop(static_cast<message&>(*n), dead);
        }
        unfolded = 0;
        leave();
        ended = true;
        on_end();
        return true;
    }
    bool go_idle() {
        unfolded = 0;
        leave();
        if (!Kernel::try_idle(box)) {
            enter();
            return false;
        }
        return stays_idle();
    }
    bool stays_idle() {
        if ((control.load(memory_order_seq_cst) & transient) == 0 || !Kernel::claim(box)) {
            return true;
        }
        enter();
        return false;
    }
    bool retire() {
        auto* const m = static_cast<message*>(head);
        bool const  may_idle =
            idles_at_retire && (control.load(memory_order_relaxed) & transient) == 0;
        leave();
        bool const idle = Kernel::retire(box, head, unfolded, may_idle);
        delete m;
        if (idle && stays_idle()) return true;
        if (!idle) enter();
        return false;
    }

    virtual void on_resume() { ++attended; }
    virtual void on_end() {}
    virtual ~small_actor() = default;

    // --- after the end
    bool is_idle() {
        return box.word.load(memory_order_relaxed) == idle_word() && head == nullptr &&
               Kernel::depth(box) == 0;
    }
    static std::uint64_t idle_word() {
        if constexpr (std::is_same_v<Kernel, lock_free_kernel>) {
            return inbox_word::open | inbox_word::idle;
        } else {
            return 3;
        }
    }
};

}  // namespace troupe_model
