// SPDX-License-Identifier: BSL-1.0
#include "troupe/observe/null_sink.hpp"

#include "support/catch.hpp"

#include <type_traits>

namespace test_null_sink {

TEST_CASE("the null sink takes no space and fulfils the concept") {
    STATIC_REQUIRE(std::is_empty_v<troupe::null_sink>);
    STATIC_REQUIRE(troupe::metrics_sink<troupe::null_sink>);
    troupe::null_sink sink;
    sink.add(troupe::metric::messages_handled, {}, 1);
    sink.set(troupe::metric::messages_queued, {}, 1);
    sink.sample(troupe::metric::ask_seconds, {}, 0.1);
}

}  // namespace test_null_sink
