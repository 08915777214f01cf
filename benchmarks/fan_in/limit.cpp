// SPDX-License-Identifier: BSL-1.0

// The limit of fan_in: a bare queue with nodes that were made before, between spinning threads.

#include <memory>
#include <thread>
#include <vector>

#include "../config.hpp"
#include "../mpsc.hpp"

namespace {

using namespace troupe_bench;

constexpr std::uint64_t window = 4096;  // nodes of each producer, used again and again

struct alignas(128) returned {
    std::atomic<std::uint64_t> count{0};
};

/// Spins, and now and then lets others run: there may be more threads than cores.
class spin {
public:
    void operator()() {
        if (++turns_ % 256 == 0) std::this_thread::yield();
    }

private:
    unsigned turns_ = 0;
};

template <std::size_t Bytes>
double fan_in(std::size_t producers, std::uint64_t messages) {
    using node = mpsc_node<Bytes>;
    std::uint64_t const                  each = messages / producers;
    auto const                           queue = std::make_unique<mpsc_queue<node>>();
    std::vector<std::unique_ptr<node[]>> nodes;
    std::vector<returned>                done(producers);
    std::atomic<std::size_t>             ready{0};
    std::atomic<bool>                    go{false};
    std::vector<std::thread>             threads;
    for (std::size_t p = 0; p < producers; ++p) {
        nodes.push_back(std::make_unique<node[]>(window));
    }
    for (std::size_t p = 0; p < producers; ++p) {
        threads.emplace_back([&, p] {
            ++ready;
            spin wait;
            while (!go.load(std::memory_order_acquire)) wait();
            std::uint64_t free_until = window;
            for (std::uint64_t i = 0; i < each; ++i) {
                spin full;
                while (i == free_until) {
                    free_until = done[p].count.load(std::memory_order_acquire) + window;
                    if (i == free_until) full();
                }
                node& n = nodes[p][i % window];
                n.value = p;
                queue->push(&n);
            }
        });
    }
    while (ready != producers) std::this_thread::yield();
    stopwatch const watch;
    go.store(true, std::memory_order_release);
    std::vector<std::uint64_t> seen(producers);
    spin                       empty;
    for (std::uint64_t all = 0; all < each * producers;) {
        node* const n = queue->pop();
        if (n == nullptr) {
            empty();
            continue;
        }
        ++all;
        std::uint64_t const p = n->value;
        if (++seen[p] % 64 == 0) done[p].count.store(seen[p], std::memory_order_release);
    }
    double const seconds = watch.seconds();
    for (auto& t : threads) t.join();
    std::uint64_t all = 0;
    for (std::uint64_t const s : seen) all += s;
    require_count("fan_in limit", all, each * producers);
    return seconds;
}

[[maybe_unused]] bool const added = [] {
    std::pair<std::size_t, char const*> const cases[] = {
        {1, "fan_in/1_producer"}, {2, "fan_in/2_producers"}, {8, "fan_in/8_producers"}};
    for (auto const& c : cases) {
        std::size_t const   producers = c.first;
        std::uint64_t const messages = share(2 * counts::fan_in) / 8 * 8;
        measure(std::string{c.second} + "/limit_32_bytes", messages,
                [=](std::uint64_t n) { return fan_in<32>(producers, n); });
        measure(std::string{c.second} + "/limit_48_bytes", messages,
                [=](std::uint64_t n) { return fan_in<48>(producers, n); });
        measure(std::string{c.second} + "/limit_64_bytes", messages,
                [=](std::uint64_t n) { return fan_in<64>(producers, n); });
    }
    return true;
}();

}  // namespace
