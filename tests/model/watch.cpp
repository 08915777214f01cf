// SPDX-License-Identifier: BSL-1.0
// Ends that meet those who want to know of them. Watching, linking and the end are the shipped
// ones.
//
// Mutants seen to fail: mutants.txt, lines `watch`. Not found, and why:
//   unwatch() that leaves the record in the list: the end of the target gives it back;
//   links of two that have linked to each other at once, which are felt twice: a second failure
// makes
//     no difference to an actor that ends by the first.

#include "support/explore.hpp"
#include "support/small_system.hpp"

#include "troupe/actor/linking.hpp"

#include <optional>

namespace {

using namespace troupe_model;

struct begin {};
struct leave {};
struct fall {};

/// Two workers, and actors that know on which of them they run.
struct stage {
    using system_type = small_system<2>;
    std::optional<system_type> system;
    cell*                      actors[2] = {};
    std::uint64_t              numbers[2] = {};
    cell*                      current[2] = {};
    int                        told[2] = {};  // signals, by actor
    bool                       alone = true;  // before and after the threads: worker 0 runs all

    unsigned here() const { return alone ? 0 : rl::thread_index(); }
    worker&  w() { return system->of(here()); }
    cell&    me() { return *current[here()]; }

    template <class Message>
    void tell(int actor, Message m) {
        node& n = system->make(nullptr, *actors[actor], m);
        system->count_sent(nullptr);
        actors[actor]
            ->ops.load(memory_order_relaxed)
            ->submit(*actors[actor], n, nullptr, send_mode::internal);
    }
    /// Memory is taken before: who takes it later would ask `this_thread` for its worker.
    template <class Actor>
    void spawn(int index) {
        actors[index] = &system->spawn<Actor, troupe::unbounded_mailbox>(*this, index);
        numbers[index] = actors[index]->incarnation.load(memory_order_relaxed);
        RL_ASSERT(system->watch(nullptr, *actors[index], nullptr, 0, &stage::hear));
        system->unwatch(*actors[index], 0);
    }
    static void hear(cell& c, troupe::terminated const& t);
    /// What is left of an end is short from here on.
    bool lives_on(int actor) {
        std::uint64_t const now = actors[actor]->control.load(memory_order_relaxed);
        return now >> control::generation_at != 0 && (now & control::stopping) == 0;
    }
    void begin_test() {
        system.emplace(1'000);
        system->running = current;
    }
    void end_of_test() {
        system->finish_turns();
        RL_ASSERT(system->ended == 2);
        RL_ASSERT(system->books().balanced());
        RL_ASSERT(system->books().blocks == 0);
        system.reset();
    }
};

enum class plan { watches, watches_and_unwatches, ends_too, links, links_late, fails_too, leaves };
constexpr bool links(plan p) { return p >= plan::links; }

template <plan Plan>
struct player {
    using protocol = troupe::protocol<void(begin), void(leave), void(fall)>;
    stage& test;
    int    index;
    bool   away = false;
    player(stage& t, int i) : test(t), index(i) {}

    void on(begin) {
        auto&      system = *test.system;
        int const  other = 1 - index;
        cell&      target = *test.actors[other];
        auto const number = test.numbers[other];
        if (links(Plan)) {
            RL_ASSERT(system.link_to(nullptr, test.me(), &target, number));
            return;
        }
        RL_ASSERT(system.watch(nullptr, test.me(), &target, number, &stage::hear));
        if (Plan == plan::watches_and_unwatches) {
            system.unwatch(test.me(), number);
            away = true;
        }
    }
    void on(leave) { test.system->exit(&test.w(), test.me()); }
    void on(fall) {
        test.system->fail(test.w(), test.me(),
                          {.who = test.me(), .where = troupe::failed_in::handler, .words = "torn"},
                          true);
    }
};

void stage::hear(cell& c, troupe::terminated const& t) {
    auto& p = *static_cast<player<plan::watches>*>(c.body);
    RL_ASSERT(!p.away);
    RL_ASSERT(t.who.identity() == p.test.numbers[1 - p.index]);
    ++p.test.told[p.index];
}

/// One actor watches while the other ends, or ends itself: one signal, or none.
template <plan Plan>
struct watch_meets_end : rl::test_suite<watch_meets_end<Plan>, 2>, stage {
    void before() {
        begin_test();
        for (int i = 0; i < 2; ++i) spawn<player<Plan>>(i);
    }
    void thread(unsigned index) {
        alone = false;
        if (index == 0) {
            tell(0, begin{});
            if (Plan == plan::ends_too) tell(0, leave{});
        } else {
            tell(1, leave{});
        }
        system->turns(index);
    }
    void after() {
        alone = true;
        system->finish_turns();
        if (Plan == plan::watches) RL_ASSERT(told[0] == 1);
        if (Plan == plan::watches_and_unwatches) RL_ASSERT(told[0] == 0);
        if (Plan != plan::ends_too) {
            tell(0, leave{});
            system->finish_turns();
        }
        end_of_test();
    }
};

/// Two watch each other, and one ends.
struct mutual_watch : rl::test_suite<mutual_watch, 2>, stage {
    void before() {
        begin_test();
        for (int i = 0; i < 2; ++i) spawn<player<plan::watches>>(i);
    }
    void thread(unsigned index) {
        alone = false;
        tell(static_cast<int>(index), begin{});
        if (index == 1) tell(1, leave{});
        system->turns(index);
    }
    void after() {
        alone = true;
        system->finish_turns();
        RL_ASSERT(told[0] == 1);
        tell(0, leave{});
        end_of_test();
    }
};

/// Both link to each other, and one fails, or both; or one ends well, then the other.
template <plan Plan>
struct link_meets_end : rl::test_suite<link_meets_end<Plan>, 2>, stage {
    void before() {
        begin_test();
        for (int i = 0; i < 2; ++i) spawn<player<Plan>>(i);
    }
    void thread(unsigned index) {
        alone = false;
        tell(static_cast<int>(index), begin{});
        if (Plan == plan::leaves) {
            if (index == 1) tell(1, leave{});
        } else if (index == 1 || Plan == plan::fails_too) {
            tell(static_cast<int>(index), fall{});
        }
        system->turns(index);
    }
    void after() {
        alone = true;
        system->finish_turns();
        // Who has linked to one that was gone has failed by now.
        if (Plan == plan::leaves && system->ended == 1) tell(0, leave{});
        end_of_test();
    }
};

/// A thread takes its wish to hear of an end back while the actor ends: one of the two has it.
struct withdrawal_meets_end : rl::test_suite<withdrawal_meets_end, 2>, stage {
    void before() {
        begin_test();
        for (int i = 0; i < 2; ++i) spawn<player<plan::watches>>(i);
        tell(0, begin{});
        system->turns(0);
        cell& mine = *actors[0];
        RL_ASSERT(mine.ops.load(memory_order_relaxed)->claim(mine.box));  // as in a turn of it
    }
    void thread(unsigned index) {
        alone = false;
        if (index == 0) {
            system->unwatch(*actors[0], numbers[1]);
            system->make_ready(nullptr, *actors[0], root_token{});
            system->turns(0);
        } else {
            tell(1, leave{});
            system->turns(1);
        }
    }
    void after() {
        alone = true;
        system->finish_turns();
        RL_ASSERT(told[0] == 0);
        tell(0, leave{});
        end_of_test();
    }
};

/// An end is awaited, perhaps not for long, while the actor ends, which had no annex until then.
template <bool Withdraws>
struct wait_meets_end : rl::test_suite<wait_meets_end<Withdraws>, 2>, stage {
    reply_slot* slot = nullptr;
    char        memory[sizeof(end_node)];
    end_node*   record = nullptr;
    core::tied  came{};
    bool        taken_back = false;

    void before() {
        begin_test();
        actors[0] = &system->spawn<player<plan::watches>, troupe::unbounded_mailbox>(*this, 0);
        numbers[0] = actors[0]->incarnation.load(memory_order_relaxed);
        spawn<player<plan::watches>>(1);
        tell(1, leave{});
        system->turns(0);
        slot = system->open_slot(nullptr, slot_class(sizeof(troupe::terminated)));
        slot->destroy_value = &destroy_value<troupe::terminated>;
        record = new (memory) end_node{*slot, *actors[0]};
    }
    void thread(unsigned index) {
        alone = false;
        if (index == 0) {
            while (lives_on(0)) rl::yield(1, $);
            came = system->add_watcher(nullptr, *actors[0], numbers[0], *record);
            RL_ASSERT(came == core::tied::done || came == core::tied::gone);
            if (Withdraws && came == core::tied::done) {
                taken_back = system->remove_watcher(*actors[0], *record);
            }
        } else {
            tell(0, leave{});
            system->turns(1);
        }
    }
    void after() {
        alone = true;
        system->finish_turns();
        bool const told = came == core::tied::done && !taken_back;
        RL_ASSERT(slot->was_answered() == told);
        if (!told) system->finish(nullptr, *slot, reply_slot::error(troupe::ask_errc::cancelled));
        system->leave_slot(nullptr, *slot, true);
        record->~end_node();
        end_of_test();
    }
};

}  // namespace

int main() {
    random<watch_meets_end<plan::watches>>("watch: or the end", 20'000);
    random<watch_meets_end<plan::watches_and_unwatches>>("watch: and back, or the end", 20'000);
    random<watch_meets_end<plan::ends_too>>("watch: both end", 20'000);
    random<withdrawal_meets_end>("unwatch: or the end", 20'000);
    random<wait_meets_end<false>>("await: or the end", 20'000);
    random<wait_meets_end<true>>("await: and not, or the end", 20'000);
    random<mutual_watch>("watch: each other", 20'000);
    random<link_meets_end<plan::links>>("link: or a failure", 20'000);
    bound<link_meets_end<plan::links>>("link: or a failure", 1);
    random<link_meets_end<plan::fails_too>>("link: or two failures", 20'000);
    random<link_meets_end<plan::leaves>>("link: or an end", 20'000);
}
