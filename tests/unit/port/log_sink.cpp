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

struct with_floor : whole {
    static constexpr troupe::log_level floor = troupe::log_level::error;
};
struct with_odd_floor : whole {
    static constexpr int floor = 3;
};
struct with_floor_at_run_time : whole {
    static inline troupe::log_level floor = troupe::log_level::error;
};

TEST_CASE("a log sink may name its floor, as a constant; else it wants everything") {
    using troupe::detail::log_floor_of;
    STATIC_REQUIRE(troupe::explain_log_sink<with_floor>());
    STATIC_REQUIRE_FALSE(troupe::log_sink<with_odd_floor>);
    STATIC_REQUIRE_FALSE(troupe::log_sink<with_floor_at_run_time>);
    STATIC_REQUIRE(log_floor_of<with_floor>() == 3);
    STATIC_REQUIRE(log_floor_of<whole>() == 0);
    STATIC_REQUIRE(log_floor_of<troupe::null_log>() == troupe::detail::log_nothing);
    STATIC_REQUIRE(troupe::log_sink<troupe::null_log>);
}

}  // namespace test_log_sink
