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

struct told_of_failures : whole {
    void failed(troupe::failure const&) noexcept {}
};
struct throws_at_failures : whole {
    void failed(troupe::failure const&) {}
};
/// Has the name for something else.
struct counts_failures : whole {
    int failed() const { return 1; }
};

TEST_CASE("a metrics sink may be told of failures, if it does not throw then either") {
    STATIC_REQUIRE(troupe::metrics_sink_takes_failures<told_of_failures>);
    STATIC_REQUIRE(troupe::metrics_sink<told_of_failures>);
    STATIC_REQUIRE(troupe::explain_metrics_sink<told_of_failures>());
    STATIC_REQUIRE_FALSE(troupe::metrics_sink_takes_failures<whole>);
    STATIC_REQUIRE_FALSE(troupe::metrics_sink_takes_failures<counts_failures>);
    STATIC_REQUIRE(troupe::metrics_sink<counts_failures>);
    STATIC_REQUIRE_FALSE(troupe::metrics_sink<throws_at_failures>);
}

TEST_CASE("every metric has a name") {
    CHECK(to_string(troupe::metric::messages_handled) == "messages_handled");
    CHECK(to_string(troupe::metric::actors_spawned) == "actors_spawned");
    CHECK(to_string(troupe::metric::actors_stopped) == "actors_stopped");
    CHECK(to_string(static_cast<troupe::metric>(99)) == "?");
}

}  // namespace test_metrics_sink
