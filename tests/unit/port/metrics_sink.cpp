// SPDX-License-Identifier: BSL-1.0
#include "troupe/port/metrics_sink.hpp"

#include "support/catch.hpp"

namespace test_metrics_sink {

struct whole {
    void add(troupe::metric, std::string_view, std::uint64_t) noexcept {}
    void set(troupe::metric, std::string_view, double) noexcept {}
    void sample(troupe::metric, std::string_view, double) noexcept {}
};
struct throws_at_add : whole {
    void add(troupe::metric, std::string_view, std::uint64_t) {}
};
struct throws_at_set : whole {
    void set(troupe::metric, std::string_view, double) {}
};
struct throws_at_sample : whole {
    void sample(troupe::metric, std::string_view, double) {}
};
struct needs_argument : whole {
    explicit needs_argument(int) {}
};

TEST_CASE("a metrics sink takes numbers without throwing") {
    STATIC_REQUIRE(troupe::metrics_sink<whole>);
    STATIC_REQUIRE(troupe::explain_metrics_sink<whole>());
    STATIC_REQUIRE_FALSE(troupe::metrics_sink<throws_at_add>);
    STATIC_REQUIRE_FALSE(troupe::metrics_sink<throws_at_set>);
    STATIC_REQUIRE_FALSE(troupe::metrics_sink<throws_at_sample>);
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

}  // namespace test_metrics_sink
