// SPDX-License-Identifier: BSL-1.0
#include "troupe/system/engine_core.hpp"

#include "support/systems.hpp"

#include <chrono>
#include <cstdint>

namespace test_engine_core {

using namespace troupe_test;
using namespace troupe::detail;
using namespace std::chrono_literals;

/// A core without a system around it, ended in the order in which a system does it.
template <class Config>
struct bare_core {
    engine_core<Config>* home;

    explicit bare_core(troupe::options<Config> const& given = {})
        : home(new engine_core<Config>(given)) {
        REQUIRE(home->start());
    }
    ~bare_core() {
        CHECK(home->end_tree(watchdog));
        CHECK(home->door()->close(watchdog));
        CHECK(home->engine().stop(watchdog));
        home->end();
        home->release();
    }
};

TEST_CASE("a core that stands lets in who names it, and tells who its threads are") {
    bare_core<run_loop::config> b;
    gate* const                 door = b.home->door();
    std::uint64_t const         serial = b.home->serial();
    CHECK_FALSE(door->enter(serial + 1));
    REQUIRE(door->enter(serial));
    CHECK(door->inside() == b.home);
    door->leave();
    // The thread that made it drives it, but is no worker while it does not.
    CHECK(b.home->drives_here());
    CHECK(b.home->worker_here() == nullptr);
    thread_role const before = b.home->enter(0);
    CHECK(before.on == nullptr);
    REQUIRE(b.home->worker_here() != nullptr);
    CHECK(b.home->worker_here()->index == 0);
    CHECK(&b.home->worker_here()->owner == b.home);
    b.home->leave(before);
    CHECK(b.home->worker_here() == nullptr);
}

TEST_CASE("a worker of one system is nobody in another") {
    bare_core<run_loop::config>  one;
    bare_core<simulated::config> two;
    thread_role const            before = one.home->enter(0);
    CHECK(one.home->worker_here() != nullptr);
    CHECK(two.home->worker_here() == nullptr);
    one.home->leave(before);
}

TEST_CASE("the actor at the top is not in the books, and no straggler") {
    bare_core<run_loop::config> b;
    CHECK(b.home->books().actors == 0);
    CHECK(b.home->books().queued == 0);
    CHECK(b.home->books().balanced());
    CHECK(census{*b.home}.tree().empty());
    CHECK_FALSE(b.home->draining());
    b.home->begin_draining();
    CHECK(b.home->draining());
}

TEST_CASE("a tree does not end in no time, and goes on to end when it is given more") {
    bare_core<run_loop::config> b;
    CHECK_FALSE(b.home->end_tree(0ns));
    CHECK(b.home->end_tree(watchdog));
    CHECK(b.home->end_tree(0ns));  // it has ended
}

TEST_CASE("real time until a deadline: none when it is over, all of it, or for ever") {
    bare_core<run_loop::config> b;
    CHECK(b.home->real_time_until(never) == parker::forever);
    CHECK(b.home->real_time_until(b.home->now()) == 0ns);
    CHECK(b.home->real_time_until(troupe::time_point{}) == 0ns);
    troupe::duration const left = b.home->real_time_until(b.home->now() + 1h);
    CHECK(left > 0ns);
    CHECK(left <= 1h);
}

TEST_CASE("a clock that a test moves says itself when it was moved: nobody waits for it") {
    troupe::manual_clock                      clock;
    troupe::options<run_loop_by_hand::config> given;
    given.clock = &clock;
    bare_core<run_loop_by_hand::config> b{given};
    CHECK(b.home->real_time_until(b.home->now() + 1h) == parker::forever);
    clock.advance(2h);
    CHECK(b.home->now() == troupe::time_point{} + 2h);
    CHECK(b.home->real_time_until(troupe::time_point{} + 1h) == 0ns);
}

TEST_CASE("systems that come and go use the same gates, under serials that grow") {
    std::uint64_t last = 0;
    gate*         first_door = nullptr;
    for (int i = 0; i < 5; ++i) {
        bare_core<run_loop::config> b;
        CHECK(b.home->serial() > last);
        last = b.home->serial();
        if (first_door == nullptr) first_door = b.home->door();
        CHECK(b.home->door() == first_door);
    }
}

}  // namespace test_engine_core
