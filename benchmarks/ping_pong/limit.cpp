// SPDX-License-Identifier: BSL-1.0

// The limits of ping_pong: a virtual call behind a ring on one thread; a cache line between two
// spinning threads; a futex between two that sleep.

#include <atomic>
#include <thread>

#include "../config.hpp"

namespace {

using namespace troupe_bench;

struct player {
    virtual ~player() = default;
    virtual void on(std::uint64_t ball) = 0;
};
struct counting_player final : player {
    std::uint64_t seen = 0;
    void          on(std::uint64_t ball) override { seen += ball; }
};

/// A ring, a push, a pop, and an indirect call: twice.
double one_thread(std::uint64_t round_trips) {
    static std::uint64_t ring[1024];
    counting_player      a, b;
    player*              players[] = {&a, &b};
    std::uint64_t        head = 0, tail = 0;
    stopwatch const      watch;
    for (std::uint64_t i = 0; i < 2 * round_trips; ++i) {
        ring[tail++ % 1024] = 1;
        benchmark::ClobberMemory();
        players[i % 2]->on(ring[head++ % 1024]);
    }
    double const seconds = watch.seconds();
    require_count("ping_pong limit", a.seen + b.seen, 2 * round_trips);
    return seconds;
}

struct alignas(128) line {
    std::atomic<std::uint32_t> ball{0};
};

/// `wait` returns when the line shows the ball; `throw_it` lets the other side know.
template <class Wait, class Throw>
double two_threads(std::uint64_t round_trips, Wait wait, Throw throw_it) {
    line              there, back;
    std::uint64_t     seen = 0;
    std::atomic<bool> ready{false};
    std::thread       other{[&] {
        ready = true;
        for (std::uint32_t i = 1; i <= round_trips; ++i) {
            wait(there.ball, i);
            ++seen;
            throw_it(back.ball, i);
        }
    }};
    while (!ready) std::this_thread::yield();
    stopwatch const watch;
    for (std::uint32_t i = 1; i <= round_trips; ++i) {
        throw_it(there.ball, i);
        wait(back.ball, i);
    }
    double const seconds = watch.seconds();
    other.join();
    require_count("ping_pong limit", seen, round_trips);
    return seconds;
}

double spinning(std::uint64_t round_trips) {
    return two_threads(
        round_trips,
        [](std::atomic<std::uint32_t>& ball, std::uint32_t wanted) {
            for (unsigned i = 1; ball.load(std::memory_order_acquire) != wanted; ++i) {
                if (i % 4096 == 0) std::this_thread::yield();  // the other may wait for this core
            }
        },
        [](std::atomic<std::uint32_t>& ball, std::uint32_t i) {
            ball.store(i, std::memory_order_release);
        });
}

double sleeping(std::uint64_t round_trips) {
    return two_threads(
        round_trips,
        [](std::atomic<std::uint32_t>& ball, std::uint32_t wanted) {
            for (std::uint32_t now = ball; now != wanted; now = ball) ball.wait(now);
        },
        [](std::atomic<std::uint32_t>& ball, std::uint32_t i) {
            ball = i;
            ball.notify_one();
        });
}

[[maybe_unused]] bool const added = [] {
    measure("ping_pong/round_trip/limit_one_thread", share(20 * counts::round_trips), &one_thread);
    measure("ping_pong/across_awake/limit_cache_line", share(counts::round_trips), &spinning);
    measure("ping_pong/across/limit_futex", share(counts::round_trips / 20), &sleeping);
    measure("ask/from_outside/limit_futex", share(counts::round_trips / 20), &sleeping);
    return true;
}();

}  // namespace
