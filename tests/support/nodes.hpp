// SPDX-License-Identifier: BSL-1.0
#pragma once

// Two systems that are joined by a network in memory, on one clock that the test moves. Nothing
// runs but what the test lets run: `settle()` runs both until nothing moves.

#include <chrono>
#include <optional>
#include <string>

#include <troupe/testing.hpp>
#include <troupe/troupe.hpp>

#include "support/catch.hpp"
#include "support/systems.hpp"

namespace troupe_test {

using namespace std::chrono_literals;

struct remote_config : troupe::defaults {
    using scheduler_type = troupe::run_loop_scheduler;
    using clock_type = troupe::manual_clock;
    using log_type = troupe::null_log;
};
using memory_node = troupe::node<troupe::loopback_transport>;

/// Links without figures that depend on chance.
inline troupe::link_options plain_links() {
    troupe::link_options o;
    o.backoff = {.first = 1s, .max = 8s, .factor = 2, .jitter = 0, .reset_after = 10s};
    return o;
}

template <class Config>
class basic_two_sides {
public:
    using system = troupe::basic_system<Config>;
    explicit basic_two_sides(troupe::link_options const& of_server = plain_links(),
                             troupe::link_options const& of_client = plain_links())
        : network(clock),
          here({.clock = &clock}),
          there({.clock = &clock}),
          links_(of_client),
          server_links_(of_server) {
        start_server();
        client.emplace(here, troupe::node_options{.listen = {}, .link = links_},
                       network.transport());
    }
    ~basic_two_sides() {
        client.reset();
        server.reset();
        check_end(here);
        check_end(there);
    }

    void start_server() {
        server.emplace(there,
                       troupe::node_options{.listen = "loopback://server", .link = server_links_},
                       network.transport());
    }

    /// Runs both until nothing moves.
    void settle() {
        while (here.run_until_idle() + there.run_until_idle() != 0) {}
    }
    void advance(troupe::duration by) {
        clock.advance(by);
        settle();
    }
    /// In steps, so that what one side sends meanwhile reaches the other in time.
    void pass(troupe::duration by, troupe::duration step = 100ms) {
        for (; by.count() > 0; by -= step) advance(by < step ? by : step);
    }
    /// The outcome of a request that was started, which has come by now.
    template <class Request>
    auto outcome(Request request) {
        request.start();
        settle();
        return request.result();
    }
    troupe::link_status status() {
        auto r = outcome(client->status("loopback://server"));
        REQUIRE(r.has_value());
        return *r;
    }
    troupe::connect_result connect() {
        auto r = outcome(client->connect("loopback://server"));
        REQUIRE(r.has_value());
        return *r;
    }

    troupe::manual_clock       clock;
    troupe::loopback_network   network;
    system                     here;
    system                     there;
    std::optional<memory_node> server;
    std::optional<memory_node> client;

private:
    static void check_end(system& ending) {
        troupe::stop_report const report = ending.stop(watchdog);
        CHECK(report.complete);
        CHECK(report.books.balanced());
        CHECK(report.books.queued == 0);
        CHECK(report.books.actors == 0);
        CHECK(report.books.timers == 0);
        CHECK(report.books.blocks == 0);
    }

    troupe::link_options links_;
    troupe::link_options server_links_;
};
using two_sides = basic_two_sides<remote_config>;
using remote_system = two_sides::system;

}  // namespace troupe_test
