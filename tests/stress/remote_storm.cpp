// SPDX-License-Identifier: BSL-1.0

// Two systems with threads of their own, joined by a network that breaks all the time. Every ask
// ends once; what arrives was sent, once, and in order; afterwards nothing is left.

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include <troupe/troupe.hpp>
#include <troupe/remote/node.hpp>
#include <troupe/remote/loopback_transport.hpp>

#include "support/catch.hpp"
#include "support/soak.hpp"
#include "support/systems.hpp"

namespace test_remote_storm {

using namespace std::chrono_literals;

struct quiet : troupe::defaults {
    using log_type = troupe::null_log;
};

struct item {
    int number;
};
struct question {
    int number;
};

class target {
public:
    using protocol = troupe::protocol<void(item), int(question)>;
    target(std::atomic<int>* seen, std::atomic<int>* wrong) : seen_(seen), wrong_(wrong) {}
    void on(item i) {
        if (i.number <= last_) wrong_->fetch_add(1);
        last_ = i.number;
        seen_->fetch_add(1);
    }
    int on(question q) { return q.number + 1; }

private:
    int               last_ = -1;
    std::atomic<int>* seen_;
    std::atomic<int>* wrong_;
};

TEST_CASE("a connection that breaks all the time loses messages, and nothing else") {
    auto const                  rounds = static_cast<int>(troupe_test::scaled(40));
    troupe::loopback_network    network;
    std::atomic<int>            seen{0};
    std::atomic<int>            wrong{0};
    troupe::basic_system<quiet> here{{.workers = 2}};
    troupe::basic_system<quiet> there{{.workers = 2}};
    {
        auto                 who = there.spawn<target>(&seen, &wrong);
        troupe::link_options fast;
        fast.backoff = {.first = 1ms, .max = 4ms, .factor = 2, .jitter = 0.5, .reset_after = 1s};
        using node = troupe::node<troupe::loopback_transport>;
        node server{there, {.listen = "loopback://storm", .link = fast}, network.transport()};
        node client{here, {.listen = {}, .link = fast}, network.transport()};
        server.expose("who", who);
        auto                     far = client.resolve<target>("loopback://storm", "who");
        std::atomic<int>         asked{0};
        std::atomic<int>         answered{0};
        std::atomic<int>         lost{0};
        std::atomic<int>         other{0};
        std::atomic<bool>        done{false};
        std::thread              sender{[&] {
            for (int i = 0; !done.load(); ++i) far.send(item{i});
        }};
        std::vector<std::thread> askers;
        for (int t = 0; t < 3; ++t) {
            askers.emplace_back([&] {
                for (int i = 0; !done.load(); ++i) {
                    asked.fetch_add(1);
                    auto const r = far.ask(question{i}).within(2s).result();
                    if (r.has_value()) (*r == i + 1 ? answered : other).fetch_add(1);
                    else if (r.error().code() == troupe::ask_errc::link_lost) lost.fetch_add(1);
                    else other.fetch_add(1);
                }
            });
        }
        for (int i = 0; i < rounds; ++i) {
            int const before = answered.load();
            // Until it stands again: an answer has come.
            while (answered.load() == before) std::this_thread::yield();
            network.reset();
        }
        done.store(true);
        sender.join();
        for (std::thread& t : askers) t.join();
        CHECK(asked.load() == answered.load() + lost.load() + other.load());
        CHECK(other.load() == 0);
        CHECK(wrong.load() == 0);
        CHECK(seen.load() > 0);
    }
    for (auto* system : {&here, &there}) {
        troupe::stop_report const report = system->stop(troupe_test::watchdog);
        CHECK(report.complete);
        CHECK(report.books.balanced());
        CHECK(report.books.blocks == 0);
        CHECK(report.books.actors == 0);
    }
}

}  // namespace test_remote_storm
