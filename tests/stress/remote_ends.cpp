// SPDX-License-Identifier: BSL-1.0

// Nodes and whole systems end while the other side sends, asks and connects: nobody waits for ever,
// nobody is told by somebody who has gone, and the books are balanced.

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <unistd.h>

#include <troupe/troupe.hpp>
#include <troupe/remote/loopback_transport.hpp>
#include <troupe/remote/node.hpp>
#include <troupe/remote/unix_transport.hpp>

#include "support/catch.hpp"
#include "support/soak.hpp"
#include "support/systems.hpp"

namespace test_remote_ends {

using namespace std::chrono_literals;

struct quiet : troupe::defaults {
    using log_type = troupe::null_log;
};
struct small_pool : quiet {
    using pool_type = troupe::fixed_pool<384 * 1024>;
};
using node = troupe::node<troupe::loopback_transport>;

struct item {
    int number;
};
struct question {
    int number;
};
struct text {
    std::string words;
};
class target {
public:
    using protocol = troupe::protocol<void(item), int(question), std::string(text)>;
    void        on(item) {}
    int         on(question q) { return q.number + 1; }
    std::string on(text const& t) { return t.words; }
};

troupe::link_options fast() {
    troupe::link_options o;
    o.backoff = {.first = 1ms, .max = 4ms, .factor = 2, .jitter = 0.5, .reset_after = 1s};
    o.heartbeat = 50ms;
    return o;
}
template <class System>
void ends_well(System& system, troupe::stop_mode mode = troupe::stop_mode::drain) {
    troupe::stop_report const report = system.stop(troupe_test::watchdog, mode);
    CHECK(report.complete);
    CHECK(report.books.balanced());
    CHECK(report.books.actors == 0);
    CHECK(report.books.blocks == 0);
}

TEST_CASE("a system that ends in the middle of everything is nobody's end but its own") {
    auto const                  rounds = static_cast<int>(troupe_test::scaled(12));
    troupe::loopback_network    network;
    troupe::basic_system<quiet> here{{.workers = 2}};
    {
        node                     client{here, {.listen = {}, .link = fast()}, network.transport()};
        auto                     far = client.resolve<target>("loopback://ends", "who");
        std::atomic<bool>        done{false};
        std::atomic<int>         answered{0};
        std::vector<std::thread> threads;
        threads.emplace_back([&] {
            for (int i = 0; !done.load(); ++i) far.send(item{i});
        });
        threads.emplace_back([&] {
            for (int i = 0; !done.load(); ++i) {
                auto const r = far.ask(question{i}).within(2s).result();
                if (r.has_value()) answered.fetch_add(1);
            }
        });
        for (int i = 0; i < rounds; ++i) {
            troupe::basic_system<quiet> there{{.workers = 2}};
            {
                auto                who = there.spawn<target>();
                std::optional<node> server;
                server.emplace(there,
                               troupe::node_options{.listen = "loopback://ends", .link = fast()},
                               network.transport());
                server->expose("who", who);
                int const before = answered.load();
                while (answered.load() == before) std::this_thread::yield();
                if (i % 3 == 0) server.reset();
                else if (i % 3 == 1) ends_well(there, troupe::stop_mode::now);
                else ends_well(there);
            }
            ends_well(there);
        }
        done.store(true);
        for (std::thread& t : threads) t.join();
    }
    ends_well(here);
}

TEST_CASE("two threads that reach for one place at once get one connection") {
    auto const                  rounds = static_cast<int>(troupe_test::scaled(10));
    troupe::loopback_network    network;
    troupe::basic_system<quiet> here{{.workers = 2}};
    troupe::basic_system<quiet> there{{.workers = 2}};
    {
        auto who = there.spawn<target>();
        node server{there, {.listen = "loopback://one", .link = fast()}, network.transport()};
        server.expose("who", who);
        for (int i = 0; i < rounds; ++i) {
            node             client{here, {.listen = {}, .link = fast()}, network.transport()};
            std::atomic<int> ready{0};
            std::atomic<int> wrong{0};
            std::vector<std::thread> threads;
            for (int t = 0; t < 4; ++t) {
                threads.emplace_back([&] {
                    ready.fetch_add(1);
                    while (ready.load() != 4) std::this_thread::yield();
                    auto       far = client.resolve<target>("loopback://one", "who");
                    auto const r = far.ask(question{1}).within(troupe_test::watchdog).result();
                    if (!r.has_value() || *r != 2) wrong.fetch_add(1);
                    server.hide("other");
                    static_cast<void>(server.try_expose("other", who));
                });
            }
            for (std::thread& t : threads) t.join();
            CHECK(wrong.load() == 0);
            auto const s = client.status("loopback://one").result();
            REQUIRE(s.has_value());
            CHECK(s->connects == 1);
            CHECK(s->channels == 4);
        }
    }
    ends_well(here);
    ends_well(there);
}

TEST_CASE(
    "a small pool that is empty all the time loses messages, and works again when it is not") {
    auto const                       count = static_cast<int>(troupe_test::scaled(6'000));
    troupe::loopback_network         network;
    troupe::basic_system<small_pool> here{{.workers = 1}};
    troupe::basic_system<small_pool> there{{.workers = 1}};
    {
        auto who = there.spawn<target>();
        node server{there, {.listen = "loopback://small", .link = fast()}, network.transport()};
        node client{here, {.listen = {}, .link = fast()}, network.transport()};
        server.expose("who", who);
        auto far = client.resolve<target>("loopback://small", "who");
        // The memory of this pool stays with the size that it was first given for: here it is given
        // for all that is needed.
        for (int i = 0; i < 100; ++i) {
            auto const r = far.ask(question{i}).within(troupe_test::watchdog).result();
            REQUIRE(r.has_value());
        }
        std::atomic<bool>                      done{false};
        std::thread                            sender{[&] {
            std::string const words(3'000, 'x');
            for (int i = 0; i < count; ++i) {
                static_cast<void>(far.try_send(text{words}));
                static_cast<void>(far.try_send(item{i}));
            }
            done.store(true);
        }};
        std::vector<decltype(far.ask(text{}))> asks;
        for (int i = 0; i < 200; ++i) {
            asks.push_back(far.ask(text{std::string(5'000, 'y')}).within(200ms));
            asks.back().start();
        }
        for (auto& a : asks) static_cast<void>(a.result());
        asks.clear();
        sender.join();
        // It comes to itself: an ask is answered in the end.
        bool       answered = false;
        auto const until = std::chrono::steady_clock::now() + 10s;
        while (!answered && std::chrono::steady_clock::now() < until) {
            answered = far.ask(question{1}).within(500ms).result().has_value();
        }
        CHECK(answered);
    }
    ends_well(here);
    ends_well(there);
}

struct counted {
    using protocol = troupe::protocol<void(item)>;
    explicit counted(std::atomic<int>* n) : handled(n) {}
    void              on(item) { handled->fetch_add(1); }
    std::atomic<int>* handled;
};

TEST_CASE("what was sent before a drain arrives, though the other side speaks until the end") {
    auto const                  rounds = static_cast<int>(troupe_test::scaled(40));
    constexpr int               sent = 2'000;
    troupe::basic_system<quiet> here{{.workers = 1}};
    troupe::basic_system<quiet> there{{.workers = 1}};
    troupe::link_options        talks = fast();
    talks.heartbeat = 1ms;
    talks.heartbeats_missed_max = 100;
    talks.window = 1u << 17;  // so much may be unread when the drain is over
    std::string const place = "unix://@troupe-ends-" + std::to_string(::getpid());
    for (int i = 0; i < rounds; ++i) {
        std::atomic<int>                     handled{0};
        auto                                 who = there.spawn<counted>(&handled);
        troupe::node<troupe::unix_transport> server{there, {.listen = place, .link = talks}};
        troupe::node<troupe::unix_transport> client{here, {.listen = {}, .link = talks}};
        std::string const                    at{server.bound().text()};
        server.expose("who", who);
        auto far = client.resolve<counted>(at, "who");
        for (int n = 0; n < sent; ++n) far.send(item{n});
        // Behind them in the mailbox of the reference, so that all of them are on their way.
        static_cast<void>(client.resolution_of(far).get());
        auto const report = client.drain(at, troupe_test::watchdog).get();
        CHECK(report.complete);
        while (handled.load() + static_cast<int>(report.refused) < sent) std::this_thread::yield();
        CHECK(report.refused == 0);
        there.stop(who);
    }
    ends_well(here);
    ends_well(there);
}

}  // namespace test_remote_ends
