// SPDX-License-Identifier: BSL-1.0
#include "troupe/schedule/idle_waiters.hpp"

#include "support/catch.hpp"

namespace test_idle_waiters {

using namespace troupe::detail;

ranked_mutex<rank::injection> of_a_scheduler;

// A park that has not been woken would hang here: the watchdog tells.
TEST_CASE("everybody who waits is told, once, and then nobody waits") {
    lock_guard const held{of_a_scheduler, root_token{}};
    idle_waiters     all;
    all.tell_all();
    idle_waiter one;
    idle_waiter two;
    idle_waiter three;
    for (idle_waiter* const w : {&one, &two, &three}) all.add(*w);
    all.tell_all();
    for (idle_waiter* const w : {&one, &two, &three}) {
        CHECK(w->told);
        w->park.park();
        w->told = false;
    }
    all.tell_all();
    CHECK_FALSE((one.told || two.told || three.told));
    all.add(two);
    all.tell_all();
    CHECK(two.told);
    CHECK_FALSE(one.told);
}

TEST_CASE("who has left is not told, wherever it stood, and the others are") {
    lock_guard const held{of_a_scheduler, root_token{}};
    for (int const left : {0, 1, 2}) {
        idle_waiters all;
        idle_waiter  waiters[3];
        for (idle_waiter& w : waiters) all.add(w);
        all.remove(waiters[left]);
        all.remove(waiters[left]);  // once more does nothing
        all.tell_all();
        for (int i = 0; i < 3; ++i) CHECK(waiters[i].told == (i != left));
    }
}

TEST_CASE("who is told to give up is woken, now or later, and stays told") {
    idle_waiter one;
    CHECK_FALSE(one.is_cut());
    one.give_up();
    one.park.park();  // would hang if it had not been woken
    CHECK(one.is_cut());
    one.give_up();
    one.park.park();
    CHECK(one.is_cut());
}

TEST_CASE("leaving after having been told does nothing") {
    lock_guard const held{of_a_scheduler, root_token{}};
    idle_waiters     all;
    idle_waiter      one;
    idle_waiter      two;
    all.add(one);
    all.tell_all();
    all.add(two);
    all.remove(one);
    CHECK(one.told);
    all.tell_all();
    CHECK(two.told);
}

}  // namespace test_idle_waiters
