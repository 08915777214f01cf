// SPDX-License-Identifier: BSL-1.0
#include "troupe/actor/core.hpp"

#include "support/systems.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace test_core {

using namespace troupe_test;
using namespace troupe::detail;

struct ping {};
class plain {
public:
    using protocol = troupe::protocol<void(ping)>;
    void on(ping) {}
};

/// One idle actor, and what the library sees of it.
struct stage {
    fixture<run_loop>  f;
    troupe::ref<plain> a = f.system.spawn<plain>();
    cell&              c = *ref_access::cell_of(a);
    core&              home = *c.door.load()->inside();

    stage() { f.settle(); }
    bool is_ready() { return f.system.run_until_idle() != 0; }
};

TEST_CASE("a request makes an idle actor run, once however many there are") {
    stage s;
    CHECK_FALSE(s.is_ready());
    CHECK(s.home.wake(nullptr, s.c, s.c.generation(), control::notice, root_token{}));
    CHECK(s.home.wake(nullptr, s.c, s.c.generation(), control::resume, root_token{}));
    CHECK(s.f.system.run_until_idle() == 1);
    CHECK((s.c.control.load() & control::transient) == 0);
    CHECK_FALSE(s.is_ready());
}

TEST_CASE("a request for another generation does nothing, whatever it asks") {
    stage               s;
    std::uint64_t const before = s.c.control.load();
    for (std::uint64_t const other :
         {s.c.generation() + (std::uint64_t{1} << 32), s.c.generation() - (std::uint64_t{1} << 32),
          std::uint64_t{0}}) {
        CHECK_FALSE(s.home.wake(nullptr, s.c, other, control::stop, root_token{}));
    }
    CHECK(s.c.control.load() == before);
    CHECK_FALSE(s.is_ready());
    s.home.request_stop(nullptr, s.c, s.a.identity() + 1);
    CHECK(s.f.settle().actors == 1);
    s.home.request_stop(nullptr, s.c, s.a.identity());
    CHECK(s.f.settle().actors == 0);
}

TEST_CASE("who owns an actor can park it, and the next request, only one, runs it again") {
    stage s;
    REQUIRE(s.c.ops.load()->claim(s.c.box));  // from here on the test is its owner
    CHECK_FALSE(s.c.ops.load()->claim(s.c.box));
    CHECK(s.home.park(s.c));
    CHECK((s.c.control.load() & control::parked) != 0);
    CHECK_FALSE(s.is_ready());
    s.a.send(ping{});  // a message does not run who is parked
    CHECK_FALSE(s.is_ready());
    CHECK(s.home.wake(nullptr, s.c, s.c.generation(), control::resume, root_token{}));
    CHECK((s.c.control.load() & control::parked) == 0);
    CHECK(s.home.wake(nullptr, s.c, s.c.generation(), control::resume, root_token{}));
    CHECK(s.f.system.run_until_idle() == 1);
    CHECK(s.f.settle().handled == 1);
}

TEST_CASE("an actor with a request is not parked: it has something to attend to") {
    stage s;
    REQUIRE(s.c.ops.load()->claim(s.c.box));
    // It runs: the request only leaves its bit.
    CHECK(s.home.wake(nullptr, s.c, s.c.generation(), control::resume, root_token{}));
    CHECK_FALSE(s.is_ready());
    CHECK_FALSE(s.home.park(s.c));
    CHECK((s.c.control.load() & control::parked) == 0);
    s.home.make_ready(nullptr, s.c, root_token{});
    CHECK(s.f.system.run_until_idle() == 1);
}

TEST_CASE("a stop that meets a parked actor ends it") {
    stage s;
    REQUIRE(s.c.ops.load()->claim(s.c.box));
    REQUIRE(s.home.park(s.c));
    s.f.system.stop(s.a);
    CHECK(s.f.settle().actors == 0);
}

// ---- numbers for whoever measures

struct measured : troupe::defaults {
    using scheduler_type = troupe::run_loop_scheduler;
    using log_type = troupe::null_log;
    struct metrics_type : troupe::null_sink {
        std::uint64_t of[troupe::metric_count] = {};
        void          add(troupe::metric id, std::string_view, std::uint64_t n) noexcept {
            of[static_cast<std::size_t>(id)] += n;
        }
        std::uint64_t operator[](troupe::metric id) const {
            return of[static_cast<std::size_t>(id)];
        }
    };
};

TEST_CASE("a metrics sink is told of every start and end") {
    troupe::basic_system<measured>  system;
    std::vector<troupe::ref<plain>> all;
    for (int i = 0; i < 3; ++i) all.push_back(system.spawn<plain>());
    for (int i = 0; i < 5; ++i) all[0].send(ping{});
    system.stop(all[1]);
    system.wait_idle();
    CHECK(system.metrics()[troupe::metric::actors_spawned] == 3);
    CHECK(system.metrics()[troupe::metric::actors_stopped] == 1);
    // The hidden root of the tree is nobody's actor: what was spawned and what has stopped agree.
    CHECK(system.stop(watchdog).complete);
    CHECK(system.metrics()[troupe::metric::actors_stopped] == 3);
}

}  // namespace test_core
