// SPDX-License-Identifier: BSL-1.0
#include "troupe/system/defaults.hpp"

#include "support/systems.hpp"

#include <chrono>
#include <concepts>
#include <string>

namespace test_defaults {

using namespace troupe_test;
using namespace std::chrono_literals;

template <class Config>
std::string refusal(troupe::options<Config> const& given) {
    try {
        troupe::basic_system<Config> const system{given};
    } catch (troupe::config_error const& e) { return e.what(); }
    return "accepted";
}

TEST_CASE("an option outside its range is refused with the range in the text") {
    using threaded = one_worker::config;
    using looped = run_loop::config;
    CHECK_THAT(refusal<threaded>({.workers = 0}), contains("workers: 0") && contains("[1, 256]"));
    CHECK_THAT(refusal<threaded>({.workers = 257}), contains("workers: 257"));
    CHECK_THAT(refusal<looped>({.workers = 2}), contains("workers: 2") && contains("[1, 1]"));
    CHECK_THAT(refusal<threaded>({.actors_max = 0}), contains("actors_max: 0") && contains("[1, "));
    CHECK_THAT(refusal<threaded>({.actors_max = std::uint64_t{1} << 33}), contains("4294967296]"));
    CHECK_THAT(refusal<threaded>({.stop_deadline = -1ns}),
               contains("stop_deadline") && contains("-1") && contains("[0, "));
    CHECK(refusal<threaded>({.workers = 1, .actors_max = 1}) == "accepted");
}

TEST_CASE("the ends of each range are inside") {
    using looped = run_loop::config;
    using steps = simulated::config;
    CHECK(refusal<steps>({.workers = 1}) == "accepted");
    CHECK(refusal<steps>({.workers = 256}) == "accepted");
    CHECK(refusal<looped>({.actors_max = 1}) == "accepted");
    CHECK(refusal<looped>({.actors_max = std::uint64_t{1} << 32}) == "accepted");
    CHECK(refusal<looped>({.stop_deadline = 0ns}) == "accepted");
    CHECK(refusal<looped>({.stop_deadline = troupe::duration::max()}) == "accepted");
    CHECK_THAT(refusal<looped>({.actors_max = (std::uint64_t{1} << 32) + 1}),
               contains("actors_max: 4294967297"));
}

struct ping {};
TEST_CASE("the default number of workers is at least one") {
    troupe::system system;
    auto const     a = system.spawn([](ping) { return 5; });
    CHECK(a.ask(ping{}).get() == 5);
}

struct patient : troupe::defaults {
    static constexpr troupe::duration stop_deadline = 7s;
};

TEST_CASE("what a configuration does not redeclare is the default") {
    STATIC_REQUIRE(troupe::options<>{}.stop_deadline == 5s);
    STATIC_REQUIRE(troupe::options<patient>{}.stop_deadline == 7s);
    STATIC_REQUIRE(troupe::options<patient>{}.workers == troupe::automatic);
    STATIC_REQUIRE(troupe::options<patient>{}.clock == nullptr);
    STATIC_REQUIRE(std::same_as<patient::mailbox_type, troupe::bounded_mailbox<1024>>);
    STATIC_REQUIRE(std::same_as<patient::scheduler_type, troupe::work_stealing_scheduler>);
    STATIC_REQUIRE(troupe::detail::explain_config<patient>());
}

// A child is compiled without knowing the system.
struct declares_none {};
TEST_CASE("the default mailbox is the same for actors of a system and for their children") {
    STATIC_REQUIRE(std::same_as<troupe::defaults::mailbox_type,
                                typename troupe::detail::declared_mailbox<declares_none>::type>);
}

TEST_CASE("schedulers are told from what is none, and who drives from who has threads") {
    using troupe::detail::is_scheduler;
    using troupe::detail::scheduler_is_driven;
    STATIC_REQUIRE(is_scheduler<troupe::work_stealing_scheduler>);
    STATIC_REQUIRE(is_scheduler<troupe::run_loop_scheduler>);
    STATIC_REQUIRE(is_scheduler<troupe::simulated_scheduler>);
    STATIC_REQUIRE_FALSE(is_scheduler<int>);
    STATIC_REQUIRE_FALSE(is_scheduler<troupe::slab_pool>);
    STATIC_REQUIRE_FALSE(scheduler_is_driven<troupe::work_stealing_scheduler>);
    STATIC_REQUIRE(scheduler_is_driven<troupe::run_loop_scheduler>);
    STATIC_REQUIRE_FALSE(scheduler_is_driven<int>);
}

}  // namespace test_defaults
