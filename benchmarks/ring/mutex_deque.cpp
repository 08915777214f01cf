// SPDX-License-Identifier: BSL-1.0

// ring by hand: 503 threads, each with a mailbox.

#include <memory>

#include "../config.hpp"
#include "../mutex_deque.hpp"

namespace {

using namespace troupe_bench;

struct link_of_ring {
    mailbox<std::int64_t> box;
    std::uint64_t         seen = 0;
};

/// A token is the number of hops that are left; -1 ends a thread.
double ring(std::uint64_t tokens, std::uint64_t hops) {
    std::vector<std::unique_ptr<link_of_ring>> links;
    for (std::uint64_t i = 0; i < counts::ring; ++i) {
        links.push_back(std::make_unique<link_of_ring>());
    }
    mailbox<bool>            arrived;
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < links.size(); ++i) {
        threads.emplace_back([&arrived, &mine = *links[i], &next = *links[(i + 1) % links.size()]] {
            for (std::int64_t left = mine.box.pop(); left >= 0; left = mine.box.pop()) {
                ++mine.seen;
                if (left == 0) arrived.push(true);
                else next.box.push(left - 1);
            }
        });
    }
    std::uint64_t const each = hops / tokens;
    stopwatch const     watch;
    for (std::uint64_t i = 0; i < tokens; ++i) {
        links[i * 5 % links.size()]->box.push(static_cast<std::int64_t>(each) - 1);
    }
    for (std::uint64_t i = 0; i < tokens; ++i) arrived.pop();
    double const seconds = watch.seconds();
    for (auto& l : links) l->box.push(-1);
    for (auto& t : threads) t.join();
    std::uint64_t seen = 0;
    for (auto& l : links) seen += l->seen;
    require_count("ring mutex_deque", seen, each * tokens);
    return seconds;
}

[[maybe_unused]] bool const added = [] {
    // A tenth of the usual hops: each takes microseconds.
    measure("ring/1_token/mutex_deque", share(counts::hops / 10),
            [](std::uint64_t hops) { return ring(1, hops); });
    measure("ring/100_tokens/mutex_deque", share(counts::hops) / 100 * 100,
            [](std::uint64_t hops) { return ring(100, hops); });
    return true;
}();

}  // namespace
