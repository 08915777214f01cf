// SPDX-License-Identifier: BSL-1.0
#include "troupe/port/log_event.hpp"

#include "support/catch.hpp"

#include <set>
#include <string_view>

namespace test_log_event {

using troupe::log_event;
using troupe::log_event_row;
using troupe::log_level;
using troupe::log_topic;

TEST_CASE("levels have names and an order") {
    CHECK(to_string(log_level::debug) == "debug");
    CHECK(to_string(log_level::info) == "info");
    CHECK(to_string(log_level::warning) == "warning");
    CHECK(to_string(log_level::error) == "error");
    CHECK(to_string(log_level::critical) == "critical");
    CHECK(to_string(static_cast<log_level>(99)) == "?");
    CHECK(log_level::info < log_level::warning);
}

TEST_CASE("every event of the library has words of its own, a level and a reason") {
    std::set<std::string_view> texts;
    for (log_event_row const& row : troupe::log_events) {
        CHECK(texts.insert(row.text).second);
        CHECK(row.when.ends_with('.'));
        CHECK(level_of(row.id) == row.level);
        CHECK(to_string(row.id) == row.text);
        CHECK(is_security(row.id) == (row.topic == log_topic::security));
        CHECK(to_string(row.topic) != "?");
        if (row.topic == log_topic::security) CHECK(row.level >= log_level::warning);
    }
    CHECK(to_string(static_cast<log_topic>(99)) == "?");
    CHECK(to_string(log_event::said).empty());
    CHECK_FALSE(is_security(log_event::said));
}

TEST_CASE("events have the levels that were asked for") {
    CHECK(level_of(log_event::system_started) == log_level::info);
    CHECK(level_of(log_event::actor_started) == log_level::debug);
    CHECK(level_of(log_event::actor_exposed) == log_level::info);
    CHECK(level_of(log_event::call_begun) == log_level::debug);
    CHECK(level_of(log_event::call_completed) == log_level::info);
    CHECK(level_of(log_event::unknown_actor) == log_level::warning);
    CHECK(level_of(log_event::actor_failed) == log_level::error);
    CHECK(level_of(log_event::escalated) == log_level::critical);
}

}  // namespace test_log_event
