// SPDX-License-Identifier: BSL-1.0
#include "troupe/port/metrics_sink.hpp"

#include "support/catch.hpp"

namespace test_metrics_sink {

struct whole {
    void count(troupe::metric, std::uint64_t) noexcept {}
};
struct throwing {
    void count(troupe::metric, std::uint64_t) {}
};
struct needs_argument : whole {
    explicit needs_argument(int) {}
};

TEST_CASE("a metrics sink counts without throwing") {
    STATIC_REQUIRE(troupe::metrics_sink<whole>);
    STATIC_REQUIRE(troupe::explain_metrics_sink<whole>());
    STATIC_REQUIRE_FALSE(troupe::metrics_sink<throwing>);
    STATIC_REQUIRE_FALSE(troupe::metrics_sink<needs_argument>);
    STATIC_REQUIRE_FALSE(troupe::metrics_sink<int>);
}

TEST_CASE("every metric has a name") {
    CHECK(to_string(troupe::metric::messages_handled) == "messages_handled");
    CHECK(to_string(troupe::metric::actors_spawned) == "actors_spawned");
    CHECK(to_string(troupe::metric::actors_stopped) == "actors_stopped");
    CHECK(to_string(static_cast<troupe::metric>(99)) == "?");
}

}  // namespace test_metrics_sink
