// SPDX-License-Identifier: BSL-1.0

// spawn by hand: a thread and a mailbox for each.

#include <atomic>
#include <memory>

#include "../config.hpp"
#include "../mutex_deque.hpp"

namespace {

using namespace troupe_bench;

/// 64 at a time: so many threads at once as any machine bears.
double lifecycle(std::uint64_t actors) {
    std::atomic<std::uint64_t> seen{0};
    stopwatch const            watch;
    for (std::uint64_t begun = 0; begun < actors;) {
        std::vector<std::unique_ptr<mailbox<bool>>> boxes;
        std::vector<std::thread>                    threads;
        for (; threads.size() < 64 && begun < actors; ++begun) {
            boxes.push_back(std::make_unique<mailbox<bool>>());
            threads.emplace_back([&seen, &box = *boxes.back()] { seen += box.pop() ? 1 : 0; });
            boxes.back()->push(true);
        }
        for (auto& t : threads) t.join();
    }
    double const seconds = watch.seconds();
    require_count("spawn mutex_deque", seen, actors);
    return seconds;
}

[[maybe_unused]] bool const added = [] {
    measure("spawn/lifecycle/mutex_deque", share(counts::actors / 50), &lifecycle);
    return true;
}();

}  // namespace
