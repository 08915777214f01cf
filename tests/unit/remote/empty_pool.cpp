// SPDX-License-Identifier: BSL-1.0

// The pools of two systems are empty now and then, at any moment of what their nodes say to each
// other. Messages may be lost then; nothing may stand still for ever.

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "support/sponge.hpp"

namespace test_empty_pool {

using namespace troupe_test;
using troupe::ask_errc;

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

// Links that come back fast, and look often at what stands still.
troupe::link_options quick_links() {
    troupe::link_options o = plain_links();
    o.backoff = {.first = 10ms, .max = 40ms, .factor = 2, .jitter = 0, .reset_after = 1s};
    o.heartbeat = 50ms;
    o.window = 4096;
    return o;
}

TEST_CASE("whatever an empty pool has prevented is made good when there is memory again") {
    troupe::link_options const o = quick_links();
    std::size_t                squeezed = 0;
    int const                  seeds = static_cast<int>(scaled(40, 20'000));
    for (int seed = 1; seed <= seeds; ++seed) {
        CAPTURE(seed);
        std::mt19937 chance{static_cast<std::uint32_t>(seed)};
        sponge::held held_here;
        sponge::held held_there;
        small_sides  w{o, o};
        auto         dry_here = w.here.spawn<sponge>(&held_here);
        auto         dry_there = w.there.spawn<sponge>(&held_there);
        auto         who = w.there.spawn<target>();
        w.settle();  // what a node needs to accept it has from the beginning
        w.server->expose("who", who);
        auto far = w.client->resolve<target>("loopback://server", "who");
        using asked = decltype(far.ask(question{1}));
        std::vector<asked> asks;
        if (chance() % 2 == 0) w.settle();
        for (int phase = 0; phase < 6; ++phase) {
            auto const leaves = [&] { return static_cast<int>(chance() % 40); };
            if (chance() % 2 == 0) static_cast<void>(dry_here.try_send(soak{leaves()}));
            if (chance() % 2 == 0) static_cast<void>(dry_there.try_send(soak{leaves()}));
            for (int step = 0; step < 12; ++step) {
                switch (chance() % 8) {
                    case 0:
                    case 1: static_cast<void>(far.try_send(item{step})); break;
                    case 2: static_cast<void>(far.try_send(text{std::string(900, 'x')})); break;
                    case 3:
                    case 4:
                        asks.push_back(far.ask(question{step}));
                        static_cast<void>(asks.back().within(1h));
                        asks.back().start();
                        break;
                    case 5: w.network.reset(); break;
                    case 6: w.advance(std::chrono::milliseconds{chance() % 80}); break;
                    case 7: w.settle(); break;
                }
            }
            w.settle();
            held_here.give(0);
            held_there.give(0);
        }
        w.pass(2s, 10ms);
        // Who wants something wakes a link that had no memory for its alarm.
        bool answered = false;
        for (int i = 0; i < 3 && !answered; ++i) {
            auto one = far.ask(question{1});
            static_cast<void>(one.within(1s));
            one.start();
            w.pass(1s, 10ms);
            answered = one.result().has_value();
        }
        CHECK(answered);
        CHECK(w.status().asks == 0);
        // Who had been forgotten would wait for its deadline.
        w.advance(2h);
        for (asked& a : asks) {
            auto const ended = a.result();
            CHECK((ended.has_value() || ended.error().code() != ask_errc::expired));
        }
        squeezed += held_here.most;
    }
    CHECK(squeezed != 0);
}

TEST_CASE("inlets end with their channels where there is no memory to tell them so") {
    constexpr int channels = 10;
    for (int leaves = 0; leaves < 30; ++leaves) {
        CAPTURE(leaves);
        sponge::held held;
        small_sides  w{quick_links(), quick_links()};
        auto         dry = w.there.spawn<sponge>(&held);
        w.server->expose("who", w.there.spawn<target>());
        auto const reach = [&] { return w.client->resolve<target>("loopback://server", "who"); };
        auto const stays = reach();
        REQUIRE(w.outcome(stays.ask(question{1})).has_value());
        auto const                     before = w.there.books().actors;
        std::vector<decltype(reach())> others;
        for (int i = 0; i < channels; ++i) others.push_back(reach());
        w.settle();
        REQUIRE(w.there.books().actors == before + channels);
        dry.send(soak{leaves});
        w.settle();
        for (auto const& far : others) w.here.stop(far);
        w.pass(200ms, 10ms);
        held.give(0);
        w.pass(200ms, 10ms);
        CHECK(w.there.books().actors == before);
    }
}

TEST_CASE("a full window is granted again where there was no memory to say what was handed on") {
    for (int leaves = 0; leaves < 100; ++leaves) {
        CAPTURE(leaves);
        sponge::held held;
        small_sides  w{quick_links(), quick_links()};
        auto         dry = w.there.spawn<sponge>(&held);
        w.server->expose("who", w.there.spawn<target>());
        auto far = w.client->resolve<target>("loopback://server", "who");
        REQUIRE(w.outcome(far.ask(question{1})).has_value());
        dry.send(soak{leaves});
        w.settle();
        for (int i = 0; i < 40; ++i) static_cast<void>(far.try_send(text{std::string(900, 'x')}));
        w.settle();
        held.give(0);
        w.pass(2s, 10ms);
        auto last = far.ask(question{1}).within(1s);
        last.start();
        w.pass(1s, 10ms);
        CHECK(last.result().has_value());
    }
}

}  // namespace test_empty_pool
