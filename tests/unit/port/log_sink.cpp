// SPDX-License-Identifier: BSL-1.0
#include "troupe/port/log_sink.hpp"

#include "support/catch.hpp"

namespace test_log_sink {

struct whole {
    void write(troupe::log_record const&) noexcept {}
};
struct throwing {
    void write(troupe::log_record const&) {}
};
struct silent {};
struct needs_argument : whole {
    explicit needs_argument(int) {}
};

TEST_CASE("a log sink writes records without throwing") {
    STATIC_REQUIRE(troupe::log_sink<whole>);
    STATIC_REQUIRE(troupe::explain_log_sink<whole>());
    STATIC_REQUIRE_FALSE(troupe::log_sink<throwing>);
    STATIC_REQUIRE_FALSE(troupe::log_sink<silent>);
    STATIC_REQUIRE_FALSE(troupe::log_sink<needs_argument>);
}

TEST_CASE("a record says nothing of a name and a failure unless it is told") {
    troupe::log_record const r{.event = "event"};
    CHECK(r.path.empty());
    CHECK(r.fields.empty());
    CHECK(r.why == nullptr);
}

TEST_CASE("levels have names and an order") {
    using troupe::log_level;
    CHECK(to_string(log_level::debug) == "debug");
    CHECK(to_string(log_level::info) == "info");
    CHECK(to_string(log_level::warning) == "warning");
    CHECK(to_string(log_level::error) == "error");
    CHECK(to_string(log_level::critical) == "critical");
    CHECK(to_string(static_cast<log_level>(99)) == "?");
    CHECK(log_level::info < log_level::warning);
}

}  // namespace test_log_sink
