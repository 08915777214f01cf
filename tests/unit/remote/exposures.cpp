// SPDX-License-Identifier: BSL-1.0
#include "troupe/remote/exposures.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "support/nodes.hpp"

namespace test_exposures {

using namespace troupe_test;
using troupe::detail::exposure;
using troupe::detail::exposures;

struct nothing {};
struct idler {
    using protocol = troupe::protocol<void(nothing)>;
    void on(nothing) {}
};
exposure of(std::string key, troupe::any_ref who) {
    return {std::move(key), who, 0, {}, nullptr, 0};
}

TEST_CASE("a key is taken as long as its actor lives") {
    troupe::manual_clock clock;
    remote_system        s{{.clock = &clock}};
    auto const           one = s.spawn<idler>();
    auto const           other = s.spawn<idler>();
    exposures            e;
    CHECK(e.add(of("a", one)));
    CHECK_FALSE(e.add(of("a", other)));
    REQUIRE(e.find("a") != nullptr);
    CHECK(e.find("a")->target == troupe::any_ref{one});
    CHECK(e.find("b") == nullptr);
    s.stop(one);
    s.run_until_idle();
    CHECK(e.find("a") == nullptr);
    CHECK(e.keys("").empty());
    CHECK(e.add(of("a", other)));
    CHECK(e.find("a")->target == troupe::any_ref{other});
    CHECK(e.remove("a"));
    CHECK_FALSE(e.remove("a"));
    CHECK(e.find("a") == nullptr);
}

TEST_CASE("keys are found by how they begin") {
    troupe::manual_clock clock;
    remote_system        s{{.clock = &clock}};
    auto const           one = s.spawn<idler>();
    exposures            e;
    for (char const* key : {"a/1", "a/2", "b/1", "a"}) CHECK(e.add(of(key, one)));
    auto found = e.keys("a/");
    std::sort(found.begin(), found.end());
    CHECK(found == std::vector<std::string>{"a/1", "a/2"});
    CHECK(e.keys("").size() == 4);
    CHECK(e.keys("a/1/").empty());
}

TEST_CASE("those that have ended make room by and by") {
    troupe::manual_clock clock;
    remote_system        s{{.clock = &clock}};
    exposures            e;
    for (int i = 0; i < 5'000; ++i) {
        auto const one = s.spawn<idler>();
        CHECK(e.add(of("actor-" + std::to_string(i), one)));
        s.stop(one);
        s.run_until_idle();
    }
    CHECK(e.size() <= 100);
}

}  // namespace test_exposures
