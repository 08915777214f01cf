// SPDX-License-Identifier: BSL-1.0

// The pools of two systems are empty now and then, at any moment of what their nodes say to each
// other. Messages may be lost then; nothing may stand still for ever.

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "support/nodes.hpp"

namespace test_empty_pool {

using namespace troupe_test;
using troupe::ask_errc;

struct small_pool : remote_config {
    using pool_type = troupe::fixed_pool<4 * 1024 * 1024>;
};
using small_sides = basic_two_sides<small_pool>;

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

/// Takes every block that its system has, those that lie ready at its worker too, but for some.
struct soak {
    int leaves;
};
class sponge {
public:
    using protocol = troupe::protocol<void(soak)>;
    /// What it holds: the test gives it back.
    struct held {
        troupe::detail::core*   of = nullptr;
        troupe::detail::worker* at = nullptr;
        struct block {
            void*        memory;
            std::uint8_t size_class;
        };
        std::vector<block> blocks{};
        std::size_t        most = 0;

        void give(std::size_t down_to) {
            for (; blocks.size() > down_to; blocks.pop_back()) {
                of->give_block(at, blocks.back().memory, blocks.back().size_class);
            }
        }
    };
    explicit sponge(held* h) : h_(h) {}
    void on(soak s) {
        h_->at = troupe::detail::this_thread.on;
        h_->of = &h_->at->owner;
        // In turns, as memory stays with the size that it was first given for; many small ones, as
        // some of them stay at the worker when they are given back.
        for (bool found = true; found;) {
            found = false;
            for (std::size_t i = 0; i < troupe::detail::size_classes; ++i) {
                auto const size_class = static_cast<std::uint8_t>(i);
                for (int n = troupe::detail::block_sizes[i] <= 1024 ? 64 : 1; n != 0; --n) {
                    void* const memory = h_->of->take_block(h_->at, size_class);
                    if (memory == nullptr) break;
                    h_->blocks.push_back({memory, size_class});
                    found = true;
                }
            }
        }
        h_->most = std::max(h_->most, h_->blocks.size());
        std::mt19937 chance{static_cast<std::uint32_t>(s.leaves)};
        std::shuffle(h_->blocks.begin(), h_->blocks.end(), chance);
        auto const leaves = static_cast<std::size_t>(s.leaves);
        h_->give(h_->blocks.size() > leaves ? h_->blocks.size() - leaves : 0);
    }

private:
    held* h_;
};

TEST_CASE("whatever an empty pool has prevented is made good when there is memory again") {
    troupe::link_options o = plain_links();
    o.backoff = {.first = 10ms, .max = 40ms, .factor = 2, .jitter = 0, .reset_after = 1s};
    o.heartbeat = 50ms;
    o.window = 4096;
    std::size_t squeezed = 0;
    int const   seeds = static_cast<int>(scaled(40, 20'000));
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

}  // namespace test_empty_pool
