// SPDX-License-Identifier: BSL-1.0

// Days of connections that come and go, on a clock that the test moves: each is told once, and what
// is there after a day is what is there after the next. And the end: no socket, no thread is left.

#include "troupe/remote/link_life.hpp"

#include <dirent.h>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "support/nodes.hpp"
#include "support/sockets.hpp"
#include "troupe/remote/tcp_transport.hpp"

namespace test_churn {

using namespace troupe_test;
using troupe::link_state;
using troupe::log_event;

/// How often each event was told; one thread.
class counting_log {
public:
    void write(troupe::log_record const& r) noexcept { ++told_[static_cast<std::size_t>(r.id)]; }
    int  told(log_event id) const { return told_[static_cast<std::size_t>(id)]; }

private:
    int told_[troupe::log_event_count + 1] = {};
};
struct config : remote_config {
    using log_type = counting_log;
};
using sides = basic_two_sides<config>;

struct put {
    int value;
};
struct sum {};
class store {
public:
    using protocol = troupe::protocol<void(put), int(sum)>;
    void on(put) {}
    int  on(sum) const { return 7; }
};

TEST_CASE("days of connections that come and go leave nothing, and each is told once") {
    sides      w;
    auto const there = w.there.spawn<store>();
    w.server->expose("store", there);
    std::uint64_t connects = 0;  // of links that have gone, too
    std::uint64_t answered = 0;
    std::uint64_t ended = 0;
    auto const    a_minute = [&](int minute) {
        auto far = w.client->resolve<store>("loopback://server", "store");
        w.pass(10s, 1s);
        REQUIRE(w.status().state == link_state::up);
        if (w.outcome(far.ask(sum{})).has_value()) ++answered;
        std::uint64_t const of_this_link = w.status().connects;
        std::uint64_t       before = of_this_link;
        switch (minute % 5) {
            case 0:  // it breaks, and comes back
                w.network.reset();
                w.settle();
                w.pass(2s, 1s);
                before = w.status().connects;
                CHECK(before == of_this_link + 1);
                break;
            case 1:  // the server goes, and another one comes
                w.server.reset();
                w.settle();
                w.start_server();
                w.server->expose("store", there);
                w.pass(2s, 1s);
                before = w.status().connects;
                CHECK(before == of_this_link + 1);
                break;
            case 2:  // nothing arrives for a while
                w.network.partition();
                w.pass(25s, 1s);
                w.network.heal();
                w.pass(30s, 1s);
                before = w.status().connects;
                CHECK(before == of_this_link + 1);
                break;
            case 3: {  // it is drained: the link ends
                connects += before;
                ++ended;
                before = 0;
                auto const drained = w.outcome(w.client->drain("loopback://server", 5s));
                REQUIRE(drained.has_value());
                CHECK(drained->complete);
                break;
            }
            default:  // nobody needs it any more: it is closed, and goes
                w.here.stop(far);
                w.settle();
                connects += before;
                ++ended;
                before = 0;
                w.pass(150s, 1s);
        }
        // Each that has stood was told once, here and there.
        std::uint64_t const all = connects + before;
        CHECK(w.here.log_sink().told(log_event::link_up) == static_cast<int>(all));
        CHECK(w.there.log_sink().told(log_event::link_up) == static_cast<int>(all));
        w.here.stop(far);
        w.settle();
    };
    int        minute = 0;
    auto const a_day = [&] {
        for (int until = minute + 1440; minute < until; ++minute) a_minute(minute);
    };
    struct left {
        std::uint64_t actors, blocks, timers, queued;
        bool          operator==(left const&) const = default;
    };
    auto const what_is_there = [&] {
        std::vector<left> all;
        for (auto* const s : {&w.here, &w.there}) {
            auto const b = s->books();
            all.push_back({b.actors, b.blocks, b.timers, b.queued});
        }
        return all;
    };
    a_day();
    auto const first = what_is_there();
    a_day();
    CHECK(what_is_there() == first);
    CHECK(connects > 2 * 1440 * 2 / 5);
    CHECK(answered == 2 * 1440);
    CHECK(ended == 2 * 1440 * 2 / 5);
    w.there.stop(there);
    w.settle();
}

int threads() {
    int  count = 0;
    DIR* all = ::opendir("/proc/self/task");
    REQUIRE(all != nullptr);
    while (::readdir(all) != nullptr) ++count;
    ::closedir(all);
    return count;
}

TEST_CASE("a system with nodes that ends leaves no socket and no thread, in whatever order") {
    std::thread{[] {}}.join();  // a sanitizer starts a thread of its own with the first one
    int const sockets_before = open_descriptors();
    int const threads_before = threads();
    for (bool const drains : {true, false}) {
        using node = troupe::node<troupe::tcp_transport>;
        std::optional<troupe::system> there{std::in_place};
        std::optional<troupe::system> here{std::in_place};
        std::optional<node>           server{std::in_place, *there,
                                   troupe::node_options{.listen = "127.0.0.1:0"}};
        std::optional<node>           client{std::in_place, *here};
        server->expose("store", there->spawn<store>());
        std::string const at{server->bound().text()};
        CHECK(server->bound().port() != 0);
        auto const far = client->resolve<store>(at, "store");
        CHECK(far.ask(sum{}).get() == 7);
        CHECK(open_descriptors() > sockets_before);
        CHECK(threads() > threads_before);
        if (drains) CHECK(client->drain(at, 5s).get().complete);
        if (drains) client.reset();
        server.reset();
        there.reset();
        client.reset();
        here.reset();
        CHECK(open_descriptors() == sockets_before);
        await([&] { return threads() == threads_before; });  // the kernel forgets them in a moment
    }
}

}  // namespace test_churn
