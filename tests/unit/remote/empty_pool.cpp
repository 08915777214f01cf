// SPDX-License-Identifier: BSL-1.0

// The pools of two systems are empty now and then, at any moment of what their nodes say to each
// other. Messages may be lost then; nothing may stand still for ever.

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

/// While it is there its system has no block for anybody, but those that lie ready at its worker.
class squeeze {
public:
    explicit squeeze(small_sides::system& of) : core_(troupe::detail::system_access::core_of(of)) {
        // In turns, as memory stays with the size that it was first given for; many small ones, as
        // some of them stay with the threads outside when they are given back.
        for (bool found = true; found;) {
            found = false;
            for (std::size_t i = 0; i < troupe::detail::size_classes; ++i) {
                int const many = troupe::detail::block_sizes[i] <= 1024 ? 32 : 2;
                for (int n = 0; n < many; ++n) {
                    auto const  size_class = static_cast<std::uint8_t>(i);
                    void* const block = core_.take_block(nullptr, size_class);
                    if (block == nullptr) break;
                    taken_.push_back({block, size_class});
                    found = true;
                }
            }
        }
    }
    squeeze(squeeze const&) = delete;
    squeeze& operator=(squeeze const&) = delete;
    ~squeeze() {
        for (auto const& t : taken_) core_.give_block(nullptr, t.block, t.size_class);
    }
    std::size_t taken() const { return taken_.size(); }

private:
    struct one {
        void*        block;
        std::uint8_t size_class;
    };
    troupe::detail::core& core_;
    std::vector<one>      taken_;
};

TEST_CASE("whatever an empty pool has prevented is made good when there is memory again") {
    troupe::link_options o = plain_links();
    o.backoff = {.first = 10ms, .max = 40ms, .factor = 2, .jitter = 0, .reset_after = 1s};
    o.heartbeat = 50ms;
    o.window = 4096;
    std::size_t squeezed = 0;
    int const   seeds = static_cast<int>(scaled(150, 20'000));
    for (int seed = 1; seed <= seeds; ++seed) {
        CAPTURE(seed);
        std::mt19937 chance{static_cast<std::uint32_t>(seed)};
        small_sides  w{o, o};
        auto         who = w.there.spawn<target>();
        w.settle();  // what a node needs to accept it has from the beginning
        w.server->expose("who", who);
        auto far = w.client->resolve<target>("loopback://server", "who");
        using asked = decltype(far.ask(question{1}));
        std::vector<asked> asks;
        std::size_t        taken = 0;
        if (chance() % 2 == 0) w.settle();
        for (int phase = 0; phase < 4; ++phase) {
            std::optional<squeeze> of_here;
            std::optional<squeeze> of_there;
            if (chance() % 2 == 0) of_here.emplace(w.here);
            if (chance() % 2 == 0) of_there.emplace(w.there);
            if (of_here) taken += of_here->taken();
            if (of_there) taken += of_there->taken();
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
        squeezed += taken;
    }
    CHECK(squeezed != 0);
}

}  // namespace test_empty_pool
