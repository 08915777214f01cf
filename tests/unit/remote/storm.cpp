// SPDX-License-Identifier: BSL-1.0

// Two hundred clients over sockets of the operating system lose their server for a while, and get
// it back. The time of all links is that of the test, the sockets are real: at each step everything
// that was begun is waited for.

#include "troupe/remote/link_life.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "support/nodes.hpp"
#include "support/sockets.hpp"
#include "troupe/observe/memory_sink.hpp"
#include "troupe/remote/tcp_transport.hpp"

namespace test_storm {

using namespace troupe_test;
using troupe::link_state;
using troupe::metric;

struct config : remote_config {
    using metrics_type = troupe::memory_sink;
};
using system_type = troupe::basic_system<config>;
using tcp_node = troupe::node<troupe::tcp_transport>;

struct sum {};
class store {
public:
    using protocol = troupe::protocol<int(sum)>;
    explicit store(int* answered) : answered_(answered) {}
    int on(sum) {
        ++*answered_;
        return 7;
    }

private:
    int* answered_;
};

constexpr int links = 200;
constexpr int step_ms = 10;
constexpr int down_ms = 20'000;

/// gRPC's figures: 1 s, times 1.6, up to 120 s, each 20 % more or less by chance.
double backoff_ms(int failures) {
    double wait = 1000;
    for (int i = 0; i < failures && wait < 120'000; ++i) wait *= 1.6;
    return std::min(wait, 120'000.0);
}
/// How often one link tries while its server is away, on average.
double attempts_by_the_formula() {
    constexpr int rows = 20'000;
    std::uint64_t chance = 88172645463325252u;
    std::uint64_t all = 0;
    for (int row = 0; row < rows; ++row) {
        double now = 0;
        for (int failures = 0;; ++failures, ++all) {
            chance ^= chance << 13;
            chance ^= chance >> 7;
            chance ^= chance << 17;
            double const by_chance = static_cast<double>(chance >> 11) / 9007199254740992.0;
            now += backoff_ms(failures) * (0.8 + 0.4 * by_chance);
            if (now >= down_ms) break;
        }
    }
    return static_cast<double>(all) / rows;
}

struct client {
    std::unique_ptr<tcp_node>    node;
    troupe::ref<store::protocol> far;
    std::vector<int>             tried;  // ms after the server had gone
    bool                         is_back = false;
};

class world {
public:
    world() : there_({.clock = &clock_}), here_({.clock = &clock_}) {
        who_ = there_.spawn<store>(&answered);
        listen("tcp://127.0.0.1:0");
        for (int i = 0; i < links; ++i) {
            client c;
            c.node = std::make_unique<tcp_node>(here_);
            c.far = c.node->resolve<store>(at_, "store");
            clients.push_back(std::move(c));
        }
        // Nobody beats a heart before all stand: the clock does not move.
        await([&] { return all_are(link_state::up); });
    }
    ~world() {
        clients.clear();
        server.reset();
        for (system_type* const s : {&here_, &there_}) {
            troupe::stop_report const report = s->stop(watchdog);
            CHECK(report.complete);
            CHECK(report.books.balanced());
            CHECK(report.books.actors == 0);
            CHECK(report.books.timers == 0);
            CHECK(report.books.blocks == 0);
        }
    }
    void listen(std::string const& at) {
        server.emplace(there_, troupe::node_options{.listen = at});
        server->expose("store", who_);
        at_ = server->bound().text();
    }
    void listen_again() { listen(at_); }
    void run() {
        here_.run_until_idle();
        there_.run_until_idle();
    }
    /// Moves the clock, and waits for each attempt that begins.
    void step() {
        clock_.advance(std::chrono::milliseconds{step_ms});
        run();
    }
    template <class Condition>
    void await(Condition condition) {
        troupe_test::await([&] {
            run();
            return condition();
        });
    }
    double reconnects() { return here_.metrics().value(metric::link_reconnects); }
    double failures() { return here_.metrics().value(metric::link_connect_failures); }
    std::vector<troupe::link_status> statuses() {
        std::vector<decltype(clients[0].node->status(at_))> all;
        for (client& c : clients) {
            all.push_back(c.node->status(at_));
            all.back().start();
        }
        here_.run_until_idle();
        std::vector<troupe::link_status> found;
        for (auto& r : all) found.push_back(r.result().value());
        return found;
    }
    bool all_are(link_state s) {
        auto const all = statuses();
        return std::all_of(all.begin(), all.end(), [s](auto const& l) { return l.state == s; });
    }

private:
    troupe::manual_clock clock_;
    system_type          there_;
    system_type          here_;
    troupe::ref<store>   who_;
    std::string          at_;

public:
    int                     answered = 0;
    std::optional<tcp_node> server;
    std::vector<client>     clients;
};

TEST_CASE("two hundred clients whose server is gone for twenty seconds do not storm it") {
    int const before = open_descriptors();
    {
        world     w;
        int const connected = open_descriptors();
        w.server.reset();
        w.await([&] { return w.all_are(link_state::backing_off); });
        CHECK(w.reconnects() == 0);
        CHECK(w.failures() == 0);  // who was up has not failed to connect
        CHECK(open_descriptors() <= connected - 2 * links);

        for (int now = step_ms; now < down_ms; now += step_ms) {
            double const tries = w.reconnects();
            w.step();
            if (w.reconnects() == tries) continue;
            w.await([&] { return w.failures() == w.reconnects(); });
            auto const all = w.statuses();
            for (std::size_t i = 0; i < all.size(); ++i) {
                client& c = w.clients[i];
                if (all[i].attempts > c.tried.size()) c.tried.push_back(now);
                REQUIRE(all[i].attempts == c.tried.size());
            }
        }
        auto const attempts = static_cast<int>(w.reconnects());

        w.listen_again();
        int back = 0;
        int last = down_ms;
        for (int now = down_ms; back < links && now < 2 * down_ms; now += step_ms) {
            double const tries = w.reconnects();
            w.step();
            if (w.reconnects() == tries) continue;
            w.await([&] {
                auto const all = w.statuses();
                return std::none_of(all.begin(), all.end(), [](auto const& l) {
                    return l.state == link_state::connecting;
                });
            });
            auto const all = w.statuses();
            for (std::size_t i = 0; i < all.size(); ++i) {
                client& c = w.clients[i];
                if (c.is_back || all[i].state != link_state::up) continue;
                CHECK(all[i].connects == 2);
                c.is_back = true;
                c.tried.push_back(now);
                last = now;
                ++back;
            }
        }
        CHECK(back == links);
        CHECK(w.failures() == attempts);  // the first attempt of each that could succeed did

        // Each has waited as the formula says, and no longer.
        std::vector<std::vector<int>> retries;
        for (client const& c : w.clients) {
            int from = 0;
            for (std::size_t k = 0; k < c.tried.size(); ++k) {
                double const wait = backoff_ms(static_cast<int>(k));
                int const    waited = c.tried[k] - from;
                CHECK(waited >= 0.8 * wait - step_ms);
                CHECK(waited <= 1.2 * wait + step_ms);
                from = c.tried[k];
                if (retries.size() <= k) retries.emplace_back();
                retries[k].push_back(c.tried[k]);
            }
            CHECK(c.tried.back() <=
                  down_ms + 1.2 * backoff_ms(static_cast<int>(c.tried.size()) - 1));
        }
        CHECK(attempts <= 1.05 * links * attempts_by_the_formula());

        // The part of all links that tries within the busiest tenth of a second.
        auto const busiest = [&](std::size_t retry) {
            auto& t = retries[retry - 1];
            REQUIRE(t.size() == links);
            std::sort(t.begin(), t.end());
            std::size_t most = 0;
            for (std::size_t a = 0, b = 0; b < t.size(); ++b) {
                while (t[b] - t[a] >= 100) ++a;
                most = std::max(most, b - a + 1);
            }
            return static_cast<int>(most * 100 / links);
        };
        CHECK(busiest(1) <= 38);
        CHECK(busiest(5) <= 12);

        w.await([&] { return w.all_are(link_state::up); });
        CHECK(open_descriptors() == connected);
        INFO("the last was back after " << last << " ms");
        auto asked = w.clients[0].far.ask(sum{});
        asked.start();
        w.await([&] { return w.statuses()[0].asks == 0 && w.answered == 1; });
        CHECK(asked.result().value() == 7);
    }
    CHECK(open_descriptors() == before);
}

}  // namespace test_storm
