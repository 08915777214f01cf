// SPDX-License-Identifier: BSL-1.0
#include "troupe/observe/prometheus_sink.hpp"

#include "support/catch.hpp"

#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace test_prometheus_sink {

using namespace troupe_test;
using troupe::exposition;
using troupe::metric;
using troupe::metric_errc;

struct shop : troupe::prometheus_defaults {
    static constexpr std::string_view prefix = "shop";
    static constexpr std::size_t      labels_max = 2;
    static constexpr std::size_t      own_max = 4;
    static constexpr double           seconds_buckets[] = {0.1, 1};
    static constexpr double           count_buckets[] = {10};
};
using sink = troupe::basic_prometheus_sink<shop>;

std::string text(sink const& s, exposition format = exposition::prometheus) {
    std::string all;
    s.write(all, format);
    return all;
}
bool has(std::string const& all, std::string const& line) {
    return ("\n" + all).find("\n" + line + "\n") != std::string::npos;
}

TEST_CASE("a Prometheus sink writes what it was told, with its prefix, and nothing else") {
    auto const s = std::make_unique<sink>();
    CHECK(text(*s).empty());
    CHECK(text(*s, exposition::openmetrics) == "# EOF\n");
    s->add(metric::messages_sent, {}, 0);
    s->add(metric::actors_spawned, "acc\"ount", 2);
    s->set(metric::messages_queued, {}, 0.5);
    s->sample(metric::handler_seconds, "account", 0.1);
    s->sample(metric::handler_seconds, "account", 0.2);
    s->sample(metric::mailbox_depth, "account", 11);
    std::string const all = text(*s);
    CHECK(has(all, "# HELP shop_messages_sent_total Messages given to send, try_send, ask and "
                   "timers."));
    CHECK(has(all, "# TYPE shop_messages_sent_total counter"));
    CHECK(has(all, "shop_messages_sent_total 0"));
    CHECK(has(all, "shop_actors_spawned_total{type=\"acc\\\"ount\"} 2"));
    CHECK(has(all, "shop_messages_queued 0.5"));
    CHECK(has(all, "shop_handler_seconds_bucket{type=\"account\",le=\"0.1\"} 1"));
    CHECK(has(all, "shop_handler_seconds_bucket{type=\"account\",le=\"1\"} 2"));
    CHECK(has(all, "shop_handler_seconds_bucket{type=\"account\",le=\"+Inf\"} 2"));
    CHECK(has(all, "shop_handler_seconds_count{type=\"account\"} 2"));
    CHECK(has(all, "shop_mailbox_depth_bucket{type=\"account\",le=\"10\"} 0"));
    CHECK(all.find("link_state") == std::string::npos);
    CHECK(all.find("without_place") == std::string::npos);
}

TEST_CASE("a Prometheus sink writes into a fixed place, or says how large it should be") {
    auto const s = std::make_unique<sink>();
    s->add(metric::messages_sent, {}, 5);
    for (exposition const format : {exposition::prometheus, exposition::openmetrics}) {
        std::string const all = text(*s, format);
        std::string       place(all.size() + 1, '.');
        CHECK(s->write(std::span<char>{place}, format) == all.size());
        CHECK(place == all + ".");
        std::string small(10, '.');
        CHECK(s->write(std::span<char>{small}, format) == all.size());
        CHECK(small == all.substr(0, 10));
    }
}

TEST_CASE("labels without a place are written as other, and counted by metric") {
    auto const s = std::make_unique<sink>();
    for (char const* const t : {"a", "b", "c", "d"}) s->add(metric::actors_spawned, t, 1);
    s->set(metric::actors_alive, "c", 1);
    std::string const all = text(*s);
    CHECK(has(all, "shop_actors_spawned_total{type=\"other\"} 2"));
    CHECK(has(all, "# TYPE shop_metric_labels_without_place_total counter"));
    CHECK(has(all, "shop_metric_labels_without_place_total{metric=\"actors_spawned_total\"} 2"));
    CHECK(has(all, "shop_metric_labels_without_place_total{metric=\"actors_alive\"} 1"));
    CHECK(all.find("shop_actors_alive{") == std::string::npos);
}

TEST_CASE("no two lines have the same name and label, whatever labels are called") {
    auto const s = std::make_unique<sink>();
    for (char const* const t : {"other", "a", "b", "c", "a\n", "a\x01"}) {
        s->add(metric::actors_spawned, t, 1);
        s->set(metric::actors_alive, t, 1);
        s->sample(metric::handler_seconds, t, 0.5);
    }
    for (exposition const format : {exposition::prometheus, exposition::openmetrics}) {
        std::string const     all = text(*s, format);
        std::set<std::string> names;
        for (std::size_t at = 0; at < all.size();) {
            std::size_t const end = all.find('\n', at);
            std::string const line = all.substr(at, end - at);
            if (line[0] != '#') CHECK(names.insert(line.substr(0, line.rfind(' '))).second);
            at = end + 1;
        }
        CHECK(names.count("shop_actors_spawned_total{type=\"other\"}") == 1);
    }
}

TEST_CASE("what the program says of its metrics is text that every reader takes") {
    auto const s = std::make_unique<sink>();
    REQUIRE(s->gauge("level", {"a\0b\xff \"\xc3\xa9\"\\\r\n!", 13}));
    CHECK(has(text(*s), "# HELP shop_level a?b? \"\xc3\xa9\"\\\\?\\n!"));
}

TEST_CASE("the program has metrics of its own beside the catalogue") {
    auto const s = std::make_unique<sink>();
    auto const eu = s->counter("orders_total", "Orders taken.", {"region", "eu"});
    auto const fill = s->gauge("fill_ratio", "How full the store is.");
    auto const us = s->counter("orders_total", "Orders taken.", {"region", "us"});
    REQUIRE(eu);
    REQUIRE(us);
    REQUIRE(fill);
    eu.value()->add(3);
    us.value()->add(4);
    fill.value()->set(0.25);
    // Asked for again, it is the same.
    auto const again = s->counter("orders_total", "Orders taken.", {"region", "eu"});
    REQUIRE(again);
    CHECK(again.value() == eu.value());
    std::string const all = text(*s);
    // A family is in one piece.
    CHECK(all == "# HELP shop_orders_total Orders taken.\n"
                 "# TYPE shop_orders_total counter\n"
                 "shop_orders_total{region=\"eu\"} 3\n"
                 "shop_orders_total{region=\"us\"} 4\n"
                 "# HELP shop_fill_ratio How full the store is.\n"
                 "# TYPE shop_fill_ratio gauge\n"
                 "shop_fill_ratio 0.25\n");
}

TEST_CASE("a metric of the program that cannot be is refused, with words") {
    auto const s = std::make_unique<sink>();
    auto const refused = [&](std::string_view name, metric_errc why, troupe::metric_label l = {},
                             std::string_view help = "Help.") {
        auto const made = s->counter(name, help, l);
        REQUIRE_FALSE(made);
        INFO(made.error().what());
        CHECK(made.error().code() == why);
        CHECK_THAT(made.error().what(), contains(std::string{to_string(why)}));
        CHECK(to_string(why) != "?");
    };
    refused("", metric_errc::name_invalid);
    refused("9_total", metric_errc::name_invalid);
    refused("a-b_total", metric_errc::name_invalid);
    refused("orders", metric_errc::no_total);
    refused("messages_sent_total", metric_errc::name_taken);
    refused("metric_labels_without_place_total", metric_errc::name_taken);
    refused("x_total", metric_errc::no_help, {}, "");
    refused("x_total", metric_errc::label_invalid, {"le", "1"});
    refused("x_total", metric_errc::label_invalid, {"__x", "1"});
    refused("x_total", metric_errc::label_invalid, {"a b", "1"});
    refused(std::string(90, 'x') + "_total", metric_errc::too_long);
    refused("x_total", metric_errc::too_long, {std::string(32, 'k'), "1"});
    refused("x_total", metric_errc::too_long, {}, std::string(160, 'h'));
    CHECK(s->gauge("x_total", "Help.").error().code() == metric_errc::no_total);
    CHECK(s->gauge("handler_seconds_sum", "Help.").error().code() == metric_errc::name_taken);
    CHECK(s->gauge("handler_seconds", "Help.").error().code() == metric_errc::name_taken);
    // In OpenMetrics a counter is a family without its suffix.
    CHECK(s->gauge("messages_sent", "Help.").error().code() == metric_errc::name_taken);
    CHECK(s->gauge("messages_sent_created", "Help.").error().code() == metric_errc::name_taken);
    refused("handler_seconds_total", metric_errc::name_taken);
    refused("x_total", metric_errc::label_invalid, {"", "a value without a key"});
    CHECK(s->gauge("handler_seconds_of_mine", "Help."));
    CHECK(s->counter("y_total", "Help.", {"k", "1"}));
    refused("y_total", metric_errc::other_kind, {"other", "1"});
    refused("y_total", metric_errc::other_kind);
    CHECK(s->gauge("y", "Help.").error().code() == metric_errc::other_kind);
    CHECK(s->gauge("y_created", "Help.").error().code() == metric_errc::other_kind);
    refused("handler_seconds_of_mine_total", metric_errc::other_kind);
    CHECK(s->counter("y_total", "Help.", {"k", "2"}));
    CHECK(s->counter("y_total", "Help.", {"k", "3"}));
    refused("y_total", metric_errc::full, {"k", "4"});
    CHECK(s->counter("y_total", "Help.", {"k", "3"}));
    CHECK(std::string{s->counter("messages_sent_total", "Help.").error().what()} ==
          "troupe: metric messages_sent_total: the library has a metric of this name");
    CHECK(to_string(static_cast<metric_errc>(99)) == "?");
}

TEST_CASE("four threads may ask for metrics, use them, and write everything") {
    auto const               s = std::make_unique<sink>();
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&, i] {
            for (int n = 0; n < 200; ++n) {
                auto const made = s->counter("mine_total", "Mine.", {"k", i % 2 == 0 ? "a" : "b"});
                if (made) made.value()->add();
                s->add(metric::actors_spawned, i % 2 == 0 ? "a" : "b", 1);
                s->sample(metric::ask_seconds, {}, 0.05);
                if (n % 50 == 0) static_cast<void>(text(*s));
            }
        });
    }
    for (std::thread& t : threads) t.join();
    std::string const all = text(*s);
    CHECK(has(all, "shop_mine_total{k=\"a\"} 400"));
    CHECK(has(all, "shop_mine_total{k=\"b\"} 400"));
    CHECK(has(all, "shop_actors_spawned_total{type=\"a\"} 400"));
    CHECK(has(all, "shop_ask_seconds_count 800"));
}

TEST_CASE("the boundaries that come with the sink have what an agreement on latency wants") {
    using defaults = troupe::prometheus_defaults;
    STATIC_REQUIRE(troupe::are_ascending(defaults::seconds_buckets));
    STATIC_REQUIRE(troupe::are_ascending(defaults::count_buckets));
    auto const has_bound = [](double wanted) {
        for (double const b : defaults::seconds_buckets) {
            if (b == wanted) return true;
        }
        return false;
    };
    for (double const wanted : {1e-4, 1e-3, 5e-3, 0.01, 0.1, 60.0}) CHECK(has_bound(wanted));
}

}  // namespace test_prometheus_sink
