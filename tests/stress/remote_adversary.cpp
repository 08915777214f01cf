// SPDX-License-Identifier: BSL-1.0

// A node is destroyed while threads send, ask and reach through the references that it has given,
// and while its own actors do: every ask ends once, and nothing of it stays.

#include <atomic>
#include <chrono>
#include <optional>
#include <thread>
#include <vector>

#include <troupe/troupe.hpp>
#include <troupe/remote/loopback_transport.hpp>
#include <troupe/remote/node.hpp>
#include <troupe/remote/tcp_transport.hpp>

#include "support/catch.hpp"
#include "support/soak.hpp"
#include "support/systems.hpp"

namespace test_remote_adversary_threads {

using namespace std::chrono_literals;

struct quiet : troupe::defaults {
    using log_type = troupe::null_log;
};
using node = troupe::node<troupe::loopback_transport>;

struct item {
    int number;
};
struct question {
    int number;
};
class target {
public:
    using protocol = troupe::protocol<void(item), int(question)>;
    void on(item) {}
    int  on(question q) { return q.number + 1; }
};

troupe::link_options fast() {
    troupe::link_options o;
    o.backoff = {.first = 1ms, .max = 4ms, .factor = 2, .jitter = 0.5, .reset_after = 1s};
    return o;
}

/// Destroys a node in a handler of its own system.
struct end_it {};
class undertaker {
public:
    using protocol = troupe::protocol<bool(end_it)>;
    explicit undertaker(std::optional<node>* n) : node_(n) {}
    bool on(end_it) {
        node_->reset();
        return true;
    }

private:
    std::optional<node>* node_;
};

TEST_CASE("a node that is destroyed while it is used ends each ask once, and leaves nothing") {
    auto const                  rounds = static_cast<int>(troupe_test::scaled(20));
    troupe::loopback_network    network;
    troupe::basic_system<quiet> here{{.workers = 2}};
    troupe::basic_system<quiet> there{{.workers = 2}};
    {
        node server{there, {.listen = "loopback://used", .link = fast()}, network.transport()};
        server.expose("who", there.spawn<target>());
        for (int round = 0; round < rounds; ++round) {
            std::optional<node> client;
            client.emplace(here, troupe::node_options{.listen = {}, .link = fast()},
                           network.transport());
            auto                     far = client->resolve<target>("loopback://used", "who");
            std::atomic<bool>        done{false};
            std::atomic<int>         answered{0};
            std::atomic<int>         strange{0};
            std::vector<std::thread> threads;
            for (int t = 0; t < 3; ++t) {
                threads.emplace_back([&] {
                    for (int i = 0; !done.load(); ++i) {
                        static_cast<void>(far.try_send(item{i}));
                        auto const r = far.ask(question{i}).within(10s).result();
                        if (r.has_value()) {
                            if (*r != i + 1) strange.fetch_add(1);
                            answered.fetch_add(1);
                            continue;
                        }
                        auto const why = r.error().code();
                        if (why != troupe::ask_errc::link_lost &&
                            why != troupe::ask_errc::target_gone) {
                            strange.fetch_add(1);
                        }
                    }
                });
            }
            troupe_test::await([&] { return answered.load() >= 10; });
            if (round % 2 == 0) client.reset();
            else CHECK(here.spawn<undertaker>(&client).ask(end_it{}).get());
            done.store(true);
            for (std::thread& t : threads) t.join();
            CHECK(strange.load() == 0);
            CHECK_FALSE(client.has_value());
            auto const after = far.ask(question{1}).within(troupe_test::watchdog).result();
            CHECK_FALSE(after.has_value());
        }
    }
    for (auto* system : {&here, &there}) {
        troupe::stop_report const report = system->stop(troupe_test::watchdog);
        CHECK(report.complete);
        CHECK(report.books.balanced());
        CHECK(report.books.blocks == 0);
        CHECK(report.books.actors == 0);
    }
}

TEST_CASE("a system that is destroyed before its node, in use, is the end of all that it has") {
    auto const               rounds = static_cast<int>(troupe_test::scaled(20));
    troupe::loopback_network network;
    for (int round = 0; round < rounds; ++round) {
        bool const                                 serves = round % 2 == 0;
        std::optional<troupe::basic_system<quiet>> here, there;
        here.emplace(troupe::options<quiet>{.workers = 2});
        there.emplace(troupe::options<quiet>{.workers = 2});
        node server{*there, {.listen = "loopback://early", .link = fast()}, network.transport()};
        node client{*here, {.listen = {}, .link = fast()}, network.transport()};
        server.expose("who", there->spawn<target>());
        auto                     far = client.resolve<target>("loopback://early", "who");
        std::atomic<bool>        done{false};
        std::atomic<int>         answered{0};
        std::atomic<int>         strange{0};
        std::vector<std::thread> threads;
        for (int t = 0; t < 2; ++t) {
            threads.emplace_back([&] {
                for (int i = 0; !done.load(); ++i) {
                    static_cast<void>(far.try_send(item{i}));
                    auto const r = far.ask(question{i}).within(10s).result();
                    if (r.has_value()) answered.fetch_add(1);
                    else if (r.error().code() == troupe::ask_errc::expired) strange.fetch_add(1);
                }
            });
        }
        troupe_test::await([&] { return answered.load() >= 10; });
        if (serves) there.reset();
        else here.reset();
        done.store(true);
        for (std::thread& t : threads) t.join();
        CHECK(strange.load() == 0);
        CHECK_FALSE(far.ask(question{1}).within(10s).result().has_value());
        if (!serves) {
            CHECK_FALSE(client.try_resolve<target>("loopback://early", "other").has_value());
        }
        static_cast<void>(server.hide("who"));
        static_cast<void>(client.exposed());
    }
}

TEST_CASE(
    "a system that is destroyed before its node, over sockets, is the end of all that it has") {
    auto const rounds = static_cast<int>(troupe_test::scaled(20));
    for (int round = 0; round < rounds; ++round) {
        std::optional<troupe::basic_system<quiet>> here, there;
        here.emplace(troupe::options<quiet>{.workers = 2});
        there.emplace(troupe::options<quiet>{.workers = 2});
        troupe::node<troupe::tcp_transport> server{*there, {.listen = "127.0.0.1:0"}};
        troupe::node<troupe::tcp_transport> client{*here};
        server.expose("who", there->spawn<target>());
        auto far = client.resolve<target>(server.bound().text(), "who");
        CHECK(far.ask(question{1}).get() == 2);
        if (round % 2 == 0) here.reset();
        if (round % 3 != 0) there.reset();
        bool const both = here.has_value() && there.has_value();
        CHECK(far.ask(question{1}).within(10s).result().has_value() == both);
    }
}

}  // namespace test_remote_adversary_threads
