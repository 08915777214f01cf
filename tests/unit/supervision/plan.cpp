// SPDX-License-Identifier: BSL-1.0
#include "troupe/supervision/plan.hpp"

#include "support/catch.hpp"

#include <string>
#include <string_view>

namespace test_plan {

using namespace std::chrono_literals;
using troupe::child;
using troupe::counted;
using troupe::mail;
using troupe::plan;

struct ledger {};
struct teller {};
struct bank {
    using children = troupe::children<child<ledger>, child<teller, troupe::transient>>;
    static constexpr auto supervision = troupe::rest_for_one{.max_restarts = 5, .within = 10s};
};

TEST_CASE("a plan is the strategy and the children, in the order of their start") {
    STATIC_REQUIRE(plan<bank> == "test_plan::bank: rest_for_one, 5 in 10 s\n"
                                 "  1 test_plan::ledger, permanent\n"
                                 "  2 test_plan::teller, transient");
}

struct guard {
    troupe::verdict on_failure(troupe::failure const&) { return troupe::verdict::stop; }
};
struct watched {
    using children = troupe::children<child<guard, troupe::temporary>>;
};
struct head_office {
    using children = troupe::children<child<bank>, child<watched>, child<bank, troupe::temporary>>;
    static constexpr auto supervision = troupe::one_for_all{};
};

TEST_CASE("a plan goes down to the last declared child") {
    STATIC_REQUIRE(plan<head_office> == "test_plan::head_office: one_for_all, 3 in 5 s\n"
                                        "  1 test_plan::bank, permanent: rest_for_one, 5 in 10 s\n"
                                        "    1 test_plan::ledger, permanent\n"
                                        "    2 test_plan::teller, transient\n"
                                        "  2 test_plan::watched, permanent: one_for_one, 3 in 5 s\n"
                                        "    1 test_plan::guard, temporary: one_for_one, 3 in 5 s\n"
                                        "  3 test_plan::bank, temporary: rest_for_one, 5 in 10 s\n"
                                        "    1 test_plan::ledger, permanent\n"
                                        "    2 test_plan::teller, transient");
}

TEST_CASE("the plan of an actor that declares nothing is its name") {
    STATIC_REQUIRE(plan<ledger> == "test_plan::ledger");
}

TEST_CASE("a plan is text of the whole program") {
    constexpr std::string_view copy = plan<bank>;
    CHECK(copy.data() == plan<bank>.data());
    CHECK(std::string{copy} == plan<bank>);
}

/// What stands behind the name.
template <class Actor>
constexpr std::string_view strategy_in_plan() {
    return plan<Actor>.substr(troupe::type_name<Actor>().size());
}

struct free_of_budget {
    static constexpr auto supervision = troupe::one_for_one{.max_restarts = troupe::unlimited};
};
struct never_again {
    static constexpr auto supervision = troupe::one_for_one{.max_restarts = 0};
};
struct waits_long {
    static constexpr auto supervision =
        troupe::one_for_one{.backoff = {.first = 100ms, .max = 10s, .jitter = 0.2}};
};
struct waits_evenly {
    static constexpr auto supervision = troupe::one_for_one{.backoff = {.first = 250us}};
};
struct unusual {
    static constexpr auto supervision =
        troupe::one_for_one{.within = 1500ms, .budget = counted::per_group, .mailbox = mail::drop};
};
struct own_group {
    static constexpr auto supervision = troupe::chosen{
        .affects = [](troupe::failure const&, troupe::child_info const&) { return true; },
        .max_restarts = 255,
        .within = 2h,
        .budget = counted::per_child};
};

TEST_CASE("a plan says what is not as usual, and nothing of the rest") {
    STATIC_REQUIRE(strategy_in_plan<free_of_budget>() == ": one_for_one, unlimited");
    STATIC_REQUIRE(strategy_in_plan<never_again>() == ": one_for_one, no restarts");
    STATIC_REQUIRE(strategy_in_plan<waits_long>() ==
                   ": one_for_one, 3 in 5 s, backoff 100 ms to 10 s");
    STATIC_REQUIRE(strategy_in_plan<waits_evenly>() == ": one_for_one, 3 in 5 s, backoff 250 us");
    STATIC_REQUIRE(strategy_in_plan<unusual>() ==
                   ": one_for_one, 3 in 1500 ms, counted per group, drops mail");
    STATIC_REQUIRE(strategy_in_plan<own_group>() == ": chosen, 255 in 2 h, counted per child");
}

constexpr bool writes(troupe::duration span, std::string_view text) {
    char                        to[40] = {};
    troupe::detail::plan_writer out{to};
    out << span;
    return std::string_view{to, out.size()} == text;
}

TEST_CASE("a time is written in the largest unit that needs no fraction") {
    STATIC_REQUIRE(writes(0s, "0 s"));
    STATIC_REQUIRE(writes(1ns, "1 ns"));
    STATIC_REQUIRE(writes(1001ns, "1001 ns"));
    STATIC_REQUIRE(writes(20us, "20 us"));
    STATIC_REQUIRE(writes(90s, "90 s"));
    STATIC_REQUIRE(writes(120s, "2 min"));
    STATIC_REQUIRE(writes(48h, "48 h"));
    STATIC_REQUIRE(writes(troupe::duration::max(), "9223372036854775807 ns"));
}

}  // namespace test_plan
