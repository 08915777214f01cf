// SPDX-License-Identifier: BSL-1.0
#include "troupe/observe/memory_sink.hpp"

#include "support/catch.hpp"

#include <memory>
#include <set>
#include <string>

namespace test_memory_sink {

using troupe::metric;
using sink = troupe::basic_memory_sink<4>;

TEST_CASE("a memory sink gives back what it was told, by metric and label") {
    auto const s = std::make_unique<sink>();
    CHECK_FALSE(s->has(metric::actors_spawned));
    CHECK(s->value(metric::actors_spawned) == 0);
    s->add(metric::actors_spawned, "account", 2);
    s->add(metric::actors_spawned, "teller", 3);
    s->add(metric::actors_spawned, "account", 1);
    CHECK(s->has(metric::actors_spawned));
    CHECK_FALSE(s->has(metric::actors_stopped));
    CHECK(s->value(metric::actors_spawned, "account") == 3);
    CHECK(s->value(metric::actors_spawned, "teller") == 3);
    CHECK(s->value(metric::actors_spawned, "bank") == 0);
    CHECK(s->value(metric::actors_spawned) == 6);
    CHECK(s->value(metric::actors_stopped, "account") == 0);

    s->set(metric::link_state, "a", 1);
    s->set(metric::link_state, "b", 1);
    s->set(metric::link_state, "a", 0);
    CHECK(s->value(metric::link_state, "a") == 0);
    CHECK(s->value(metric::link_state) == 1);

    s->add(metric::messages_sent, {}, 5);
    CHECK(s->value(metric::messages_sent) == 5);
    CHECK(s->value(metric::messages_sent, {}) == 5);
    CHECK(s->value(metric::messages_sent, "no such label") == 0);

    std::set<std::string> labels;
    s->labels(metric::actors_spawned, [&](std::string_view l) { labels.insert(std::string{l}); });
    CHECK(labels == std::set<std::string>{"account", "teller"});
    s->labels(metric::messages_sent, [&](std::string_view l) { CHECK(l.empty()); });
}

TEST_CASE("a memory sink gives quantiles of one label, and of all together") {
    auto const s = std::make_unique<sink>();
    for (int i = 1; i <= 1000; ++i) {
        s->sample(metric::handler_seconds, i <= 900 ? "quick" : "slow", i * 1e-3);
    }
    auto const about = [](double v) { return troupe_test::Approx(v).epsilon(1.0 / 32); };
    CHECK(s->value(metric::handler_seconds) == 1000);
    CHECK(s->value(metric::handler_seconds, "slow") == 100);
    CHECK(s->quantile(metric::handler_seconds, 0.5) == about(0.5));
    CHECK(s->quantile(metric::handler_seconds, "quick", 0.99) == about(0.891));
    CHECK(s->quantile(metric::handler_seconds, "slow", 0.5) == about(0.95));
    CHECK(s->quantile(metric::handler_seconds, "neither", 0.5) == 0);
    s->sample(metric::ask_seconds, {}, 0.25);
    CHECK(s->quantile(metric::ask_seconds, 0.5) == about(0.25));
}

TEST_CASE("label values that find no place count as other, and that is counted") {
    auto const s = std::make_unique<sink>();
    for (int i = 0; i < 6; ++i) s->add(metric::actors_spawned, "t" + std::to_string(i), 1);
    CHECK(s->value(metric::actors_spawned) == 6);
    CHECK(s->value(metric::actors_spawned, "other") == 2);
    CHECK(s->without_place() == 2);
    // Gauges of several things are not one.
    s->set(metric::actors_alive, "t9", 7);
    CHECK_FALSE(s->has(metric::actors_alive));
    CHECK(s->without_place() == 3);
    // Another key has places of its own.
    s->add(metric::messages_dropped, "dead", 1);
    CHECK(s->value(metric::messages_dropped, "dead") == 1);
}

TEST_CASE("a label value that is called other stands with those that find no place") {
    auto const s = std::make_unique<sink>();
    s->add(metric::actors_spawned, "other", 1);
    for (int i = 0; i < 6; ++i) s->add(metric::actors_spawned, "t" + std::to_string(i), 1);
    CHECK(s->value(metric::actors_spawned, "other") == 3);
    CHECK(s->without_place() == 2);
    int times = 0;
    s->labels(metric::actors_spawned, [&](std::string_view label) { times += label == "other"; });
    CHECK(times == 1);
    // It is one gauge: of the others none is kept.
    s->set(metric::actors_alive, "other", 7);
    s->set(metric::actors_alive, "t5", 9);
    CHECK(s->value(metric::actors_alive, "other") == 7);
}

}  // namespace test_memory_sink
