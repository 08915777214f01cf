// SPDX-License-Identifier: BSL-1.0
#include "troupe/actor/timer.hpp"

#include "support/systems.hpp"

#include <chrono>
#include <type_traits>

namespace test_timer {

using namespace troupe_test;
using namespace std::chrono_literals;

struct tick {};
struct arm {};
struct disarm {
    bool by_copy;
};
struct disarm_nothing {};
struct seen {};

class owner {
public:
    using protocol =
        troupe::protocol<void(tick), void(arm), bool(disarm), bool(disarm_nothing), int(seen)>;
    void on(tick) { ++ticks_; }
    void on(arm, troupe::context<owner>& self) {
        copy_ = timer_;
        timer_ = self.after(10ms, tick{});
        if (!armed_once_) copy_ = timer_;
        armed_once_ = true;
    }
    bool on(disarm d, troupe::context<owner>& self) {
        return self.cancel(d.by_copy ? copy_ : timer_);
    }
    bool on(disarm_nothing, troupe::context<owner>& self) { return self.cancel(troupe::timer{}); }
    int  on(seen) const { return ticks_; }

private:
    troupe::timer timer_;
    troupe::timer copy_;  // of the first, later of the one before
    bool          armed_once_ = false;
    int           ticks_ = 0;
};

TEST_CASE("a timer is a name: small, copied freely, and empty when it names nothing") {
    STATIC_REQUIRE(std::is_trivially_copyable_v<troupe::timer>);
    STATIC_REQUIRE(std::is_nothrow_default_constructible_v<troupe::timer>);
    STATIC_REQUIRE(sizeof(troupe::timer) <= 16);
}

TEMPLATE_TEST_CASE("what names no timer cancels none", "", TROUPE_TEST_BY_HAND) {
    fixture<TestType> f;
    auto const        a = f.system.template spawn<owner>();
    CHECK_FALSE(a.ask(disarm_nothing{}).get());
    CHECK_FALSE(a.ask(disarm{false}).get());
}

TEMPLATE_TEST_CASE("copies name the same timer, which is cancelled once", "", TROUPE_TEST_BY_HAND) {
    fixture<TestType> f;
    auto const        a = f.system.template spawn<owner>();
    a.send(arm{});
    CHECK(a.ask(disarm{true}).get());
    CHECK_FALSE(a.ask(disarm{false}).get());
    f.clock.advance(1s);
    f.settle();
    CHECK(a.ask(seen{}).get() == 0);
}

// The memory of a timer is used again for the next one.
TEMPLATE_TEST_CASE("the name of a timer that has fired does not name the next one", "",
                   TROUPE_TEST_BY_HAND) {
    fixture<TestType> f;
    auto const        a = f.system.template spawn<owner>();
    for (int round = 1; round <= 5; ++round) {
        a.send(arm{});
        f.settle();
        f.clock.advance(10ms);
        f.settle();
        CHECK(a.ask(seen{}).get() == round);
        CHECK_FALSE(a.ask(disarm{false}).get());
    }
    a.send(arm{});  // now the copy names the last that has fired
    CHECK_FALSE(a.ask(disarm{true}).get());
    CHECK(f.settle().timers == 1);
    f.clock.advance(10ms);
    f.settle();
    CHECK(a.ask(seen{}).get() == 6);
    a.send(arm{});
    CHECK(a.ask(disarm{false}).get());
    CHECK(f.settle().timers == 0);
}

}  // namespace test_timer
