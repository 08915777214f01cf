// SPDX-License-Identifier: BSL-1.0

// fork_join by hand: 60 threads, each with a mailbox.

#include <atomic>
#include <cmath>
#include <memory>

#include "../config.hpp"
#include "../mutex_deque.hpp"

namespace {

using namespace troupe_bench;

double fork_join(std::size_t capacity, std::uint64_t messages) {
    std::vector<std::unique_ptr<mailbox<std::uint64_t>>> boxes;
    std::vector<std::thread>                             threads;
    std::atomic<std::uint64_t>                           seen{0};
    std::uint64_t const                                  each = messages / counts::receivers;
    for (std::uint64_t i = 0; i < counts::receivers; ++i) {
        boxes.push_back(std::make_unique<mailbox<std::uint64_t>>(capacity));
        threads.emplace_back([&seen, each, &box = *boxes.back()] {
            for (std::uint64_t k = 0; k < each; ++k) {
                benchmark::DoNotOptimize(std::sin(static_cast<double>(box.pop())));
            }
            seen += each;
        });
    }
    stopwatch const watch;
    for (std::uint64_t k = 0; k < each; ++k) {
        for (auto& b : boxes) b->push(k);
    }
    for (auto& t : threads) t.join();
    double const seconds = watch.seconds();
    require_count("fork_join mutex_deque", seen, messages);
    return seconds;
}

[[maybe_unused]] bool const added = [] {
    // A fiftieth of the usual messages: enough for a rate.
    std::uint64_t const messages = share(counts::fork_join / 50, 100) * counts::receivers;
    measure("fork_join/unbounded/mutex_deque", messages,
            [](std::uint64_t n) { return fork_join(~std::size_t{0}, n); });
    measure("fork_join/bounded/mutex_deque", messages,
            [](std::uint64_t n) { return fork_join(1024, n); });
    return true;
}();

}  // namespace
