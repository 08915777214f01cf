// SPDX-License-Identifier: BSL-1.0
#include "troupe/actor/terminated.hpp"

#include "support/catch.hpp"

#include <type_traits>

namespace test_terminated {

using troupe::ended_by;
using troupe::watch_status;

TEST_CASE("the ways to end have words") {
    CHECK(to_string(ended_by::stop) == "stop");
    CHECK(to_string(ended_by::exit) == "exit");
    CHECK(to_string(ended_by::failure) == "failure");
    CHECK(to_string(ended_by::shutdown) == "shutdown");
    CHECK(to_string(ended_by::unknown) == "unknown");
    CHECK(to_string(watch_status::watching) == "watching");
    CHECK(to_string(watch_status::pool_exhausted) == "pool exhausted");
}

TEST_CASE("what is told of an end is a plain value") {
    STATIC_REQUIRE(std::is_aggregate_v<troupe::terminated>);
    STATIC_REQUIRE(std::is_nothrow_copy_constructible_v<troupe::terminated>);
    STATIC_REQUIRE(std::is_nothrow_move_constructible_v<troupe::terminated>);
    troupe::terminated const t{};
    CHECK(t.how == ended_by::unknown);
    CHECK_FALSE(t.who);
    CHECK_FALSE(t.why);
    CHECK(t.actor.empty());
}

}  // namespace test_terminated
