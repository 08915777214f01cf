// SPDX-License-Identifier: BSL-1.0
#include "troupe/testing/manual_clock.hpp"

#include "support/catch.hpp"

#include <memory>
#include <thread>
#include <vector>

namespace test_manual_clock {

using namespace std::chrono_literals;
using troupe::manual_clock;
using troupe::time_point;

// Writes down what the clock says when it calls.
struct recorder final : troupe::clock_listener {
    explicit recorder(manual_clock& c) : clock(c) {}
    void clock_jumped() noexcept override {
        ++calls;
        seen = clock.now();
        if (leaves) clock.detach(*this);
    }
    manual_clock& clock;
    time_point    seen{};
    int           calls = 0;
    bool          leaves = false;
};

TEST_CASE("a manual clock stands still until it is moved") {
    manual_clock clock;
    CHECK(clock.now() == time_point{0});
    CHECK(clock.now() == time_point{0});
    clock.advance(3s);
    CHECK(clock.now() == time_point{3'000'000'000});
    clock.set(time_point{4'000'000'000});
    CHECK(clock.now() == time_point{4'000'000'000});
    CHECK(manual_clock{time_point{-5}}.now() == time_point{-5});
}

TEST_CASE("a manual clock jumps as far as time goes") {
    manual_clock clock{time_point{INT64_MIN}};
    clock.advance(std::chrono::hours{24 * 365 * 200});
    clock.advance(troupe::duration::max());
    CHECK(clock.now() == troupe::detail::never);
}

TEST_CASE("a listener is told once for each move, after the time has moved") {
    manual_clock clock;
    recorder     listener{clock};
    clock.attach(listener);
    clock.advance(1ms);
    CHECK(listener.calls == 1);
    CHECK(listener.seen == time_point{1'000'000});
    clock.set(time_point{2'000'000});
    CHECK(listener.calls == 2);
    CHECK(listener.seen == time_point{2'000'000});
    clock.detach(listener);
    clock.advance(1ms);
    CHECK(listener.calls == 2);
}

TEST_CASE("a move by nothing tells nobody") {
    manual_clock clock;
    recorder     listener{clock};
    clock.attach(listener);
    clock.advance(0ns);
    clock.set(clock.now());
    CHECK(listener.calls == 0);
    clock.detach(listener);
}

TEST_CASE("all listeners are told, and one that has left is not") {
    manual_clock                           clock;
    std::vector<std::unique_ptr<recorder>> all;
    for (std::size_t i = 0; i < manual_clock::listeners_max; ++i) {
        all.push_back(std::make_unique<recorder>(clock));
        clock.attach(*all.back());
    }
    clock.detach(*all[3]);
    clock.advance(1s);
    for (std::size_t i = 0; i < all.size(); ++i) CHECK(all[i]->calls == (i == 3 ? 0 : 1));
    clock.attach(*all[3]);  // there is room again
    clock.advance(1s);
    CHECK(all[3]->calls == 1);
    for (auto& listener : all) clock.detach(*listener);
    clock.advance(1s);
    CHECK(all[0]->calls == 2);
}

TEST_CASE("a listener may leave from inside the call") {
    manual_clock clock;
    recorder     first{clock};
    recorder     second{clock};
    first.leaves = true;
    clock.attach(first);
    clock.attach(second);
    clock.advance(1s);
    clock.advance(1s);
    CHECK(first.calls == 1);
    CHECK(second.calls == 2);
    clock.detach(second);
}

TEST_CASE("any thread may read while one moves the clock, and none sees it go back") {
    constexpr int            moves = 5'000;
    manual_clock             clock;
    std::vector<std::thread> readers;
    std::vector<int>         wrong(3, 0);
    for (std::size_t i = 0; i < wrong.size(); ++i) {
        readers.emplace_back([&, i] {
            time_point last{};
            while (last < time_point{moves}) {
                time_point const now = clock.now();
                if (now < last) ++wrong[i];
                last = now;
            }
        });
    }
    for (int i = 0; i < moves; ++i) clock.advance(1ns);
    for (auto& reader : readers) reader.join();
    for (int const n : wrong) CHECK(n == 0);
}

// Is inside a call while another thread takes it from the clock.
struct slow final : troupe::clock_listener {
    void clock_jumped() noexcept override {
        // release: pairs with the acquire of the thread that waits for it
        inside.store(1, troupe::detail::memory_order_release);
        // acquire: pairs with the release of that thread
        while (go.load(troupe::detail::memory_order_acquire) == 0) std::this_thread::yield();
        left = true;
    }
    troupe::detail::atomic<int> inside{0};
    troupe::detail::atomic<int> go{0};
    bool                        left = false;  // plain: ordered by detach()
};

TEST_CASE("after detach the listener may be destroyed, even when it was being called") {
    for (int i = 0; i < 200; ++i) {
        manual_clock clock;
        auto         listener = std::make_unique<slow>();
        clock.attach(*listener);
        std::thread mover{[&] { clock.advance(1s); }};
        // acquire, release: pair with those of clock_jumped()
        while (listener->inside.load(troupe::detail::memory_order_acquire) == 0) {
            std::this_thread::yield();
        }
        listener->go.store(1, troupe::detail::memory_order_release);
        clock.detach(*listener);
        bool const left = listener->left;
        listener.reset();
        mover.join();
        REQUIRE(left);
    }
}

TEST_CASE("listeners come and go while the clock moves") {
    manual_clock                clock;
    troupe::detail::atomic<int> stop{0};
    std::thread                 mover{[&] {
        // relaxed: only a sign to end
        while (stop.load(troupe::detail::memory_order_relaxed) == 0) clock.advance(1ns);
    }};
    for (int i = 0; i < 2'000; ++i) {
        recorder listener{clock};
        clock.attach(listener);
        clock.detach(listener);
        if (listener.calls != 0) CHECK(listener.seen > time_point{0});
    }
    stop.store(1, troupe::detail::memory_order_relaxed);
    mover.join();
    STATIC_REQUIRE(troupe::clock<manual_clock>);
    STATIC_REQUIRE(troupe::clock_jumps<manual_clock>);
}

}  // namespace test_manual_clock
