// SPDX-License-Identifier: BSL-1.0
#include "troupe/port/scheduler.hpp"

#include "support/catch.hpp"

namespace test_port_scheduler {

using troupe::ready_order;
using troupe::runnable;
using troupe::scheduler;

struct whole {
    static constexpr bool     driven = true;
    static constexpr unsigned workers_min = 1;
    static constexpr unsigned workers_max = 4;
    static unsigned           workers_default() { return 1; }
    template <class Host>
    struct engine {};
};
struct engine_that_is_a_type : whole {
    struct engine {};
};
struct nobody_drives {
    static constexpr unsigned workers_min = 1;
    static constexpr unsigned workers_max = 4;
    static unsigned           workers_default() { return 1; }
    template <class Host>
    struct engine {};
};
struct workers_that_are_no_number : whole {
    static whole workers_default() { return {}; }
};

TEST_CASE("a scheduler says who drives, bounds its workers and has an engine") {
    STATIC_REQUIRE(scheduler<whole>);
    STATIC_REQUIRE(troupe::explain_scheduler<whole>());
    STATIC_REQUIRE_FALSE(scheduler<int>);
    STATIC_REQUIRE_FALSE(scheduler<engine_that_is_a_type>);
    STATIC_REQUIRE_FALSE(scheduler<nobody_drives>);
    STATIC_REQUIRE_FALSE(scheduler<workers_that_are_no_number>);
}

struct order {
    static constexpr unsigned turn_messages = 1;
    explicit order(unsigned) {}
    void      push(int, runnable&) noexcept {}
    runnable* pop(unsigned&) noexcept { return nullptr; }
};
struct order_without_workers {
    static constexpr unsigned turn_messages = 1;
    void                      push(int, runnable&) noexcept {}
    runnable*                 pop(unsigned&) noexcept { return nullptr; }
};
struct order_that_throws : order {
    using order::order;
    void push(int, runnable&) {}
};
struct order_that_gives_references : order {
    using order::order;
    runnable& pop(unsigned&) noexcept;
};
struct order_of_no_turns : order {
    using order::order;
    static constexpr unsigned turn_messages = 0;
};

TEST_CASE("a ready order knows the workers, takes, gives, and bounds a turn") {
    STATIC_REQUIRE(ready_order<order>);
    STATIC_REQUIRE(troupe::explain_ready_order<order>());
    STATIC_REQUIRE_FALSE(ready_order<order_without_workers>);
    STATIC_REQUIRE_FALSE(ready_order<order_that_throws>);
    STATIC_REQUIRE_FALSE(ready_order<order_that_gives_references>);
    STATIC_REQUIRE_FALSE(ready_order<order_of_no_turns>);
}

}  // namespace test_port_scheduler
