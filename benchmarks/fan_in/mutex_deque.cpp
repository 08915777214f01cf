// SPDX-License-Identifier: BSL-1.0

// fan_in by hand: a thread per producer, one mailbox.

#include "../config.hpp"
#include "../mutex_deque.hpp"

namespace {

using namespace troupe_bench;

double fan_in(std::uint64_t producers, std::size_t capacity, std::uint64_t messages) {
    mailbox<std::uint64_t>   box{capacity};
    std::uint64_t            seen = 0;
    std::vector<std::thread> threads;
    stopwatch const          watch;
    for (std::uint64_t i = 0; i < producers; ++i) {
        threads.emplace_back([&box, share = messages / producers] {
            for (std::uint64_t k = 0; k < share; ++k) box.push(1);
        });
    }
    for (std::uint64_t i = 0; i < messages; ++i) seen += box.pop();
    double const seconds = watch.seconds();
    for (auto& t : threads) t.join();
    require_count("fan_in mutex_deque", seen, messages);
    return seconds;
}

[[maybe_unused]] bool const added = [] {
    std::pair<std::uint64_t, char const*> const cases[] = {
        {1, "fan_in/1_producer"}, {2, "fan_in/2_producers"}, {8, "fan_in/8_producers"}};
    for (auto const& c : cases) {
        std::uint64_t const producers = c.first;
        std::uint64_t const messages = share(counts::fan_in / 4) / 8 * 8;  // enough for a rate
        measure(std::string{c.second} + "/mutex_deque", messages,
                [=](std::uint64_t n) { return fan_in(producers, ~std::size_t{0}, n); });
        measure(std::string{c.second} + "_bounded/mutex_deque", messages,
                [=](std::uint64_t n) { return fan_in(producers, 1024, n); });
    }
    return true;
}();

}  // namespace
