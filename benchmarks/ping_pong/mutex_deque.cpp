// SPDX-License-Identifier: BSL-1.0

// ping_pong by hand: two threads, each with a mailbox.

#include "../config.hpp"
#include "../mutex_deque.hpp"

namespace {

using namespace troupe_bench;

double ping_pong(std::uint64_t round_trips) {
    mailbox<std::uint64_t> to_b, to_a;
    std::uint64_t          seen_by_b = 0, seen_by_a = 0;
    std::thread            b{[&] {
        for (std::uint64_t i = 0; i < round_trips; ++i) {
            std::uint64_t const ball = to_b.pop();
            ++seen_by_b;
            to_a.push(ball);
        }
    }};
    stopwatch const        watch;
    for (std::uint64_t i = 0; i < round_trips; ++i) {
        to_b.push(i);
        seen_by_a += to_a.pop() == i ? 1 : 0;
    }
    double const seconds = watch.seconds();
    b.join();
    require_count("ping_pong mutex_deque", seen_by_a, round_trips);
    require_count("ping_pong mutex_deque", seen_by_b, round_trips);
    return seconds;
}

[[maybe_unused]] bool const added = [] {
    // Its two threads are on two cores if there are two.
    for (char const* name : {"ping_pong/round_trip/mutex_deque", "ping_pong/across/mutex_deque"}) {
        measure(name, share(counts::round_trips_across, 100), &ping_pong);
    }
    return true;
}();

}  // namespace
