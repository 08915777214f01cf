// SPDX-License-Identifier: BSL-1.0

// How many messages a second can one actor take from P others? See ../README.md.

#include <vector>

#include "../config.hpp"

namespace {

using namespace troupe_bench;

struct number {
    std::uint64_t value;
};
struct start {};
struct how_many {};

template <class Mailbox>
class consumer {
public:
    using protocol = troupe::protocol<void(number), std::uint64_t(how_many)>;
    using mailbox_type = Mailbox;
    void          on(number n) { seen_ += n.value; }
    std::uint64_t on(how_many) const { return seen_; }

private:
    std::uint64_t seen_ = 0;
};

template <class Mailbox>
class producer {
public:
    using protocol = troupe::protocol<void(start)>;
    producer(troupe::ref<consumer<Mailbox>> to, std::uint64_t share) : to_(to), left_(share) {}
    void on(start, troupe::context<producer>& self) {
        for (int i = 0; i < 256 && left_ > 0; ++i, --left_) to_.send(number{1});
        if (left_ > 0) self.ref().send(start{});
    }

private:
    troupe::ref<consumer<Mailbox>> to_;
    std::uint64_t                  left_;
};

template <class Config, class Mailbox>
void fan_in(benchmark::State& state) {
    constexpr std::uint64_t messages = 1'000'000;
    auto const              producers = static_cast<std::uint64_t>(state.range(1));
    for (auto _ : state) {
        state.PauseTiming();
        {
            troupe::basic_system<Config> system{with_workers<Config>(state.range(0))};
            auto                         to = system.template spawn<consumer<Mailbox>>();
            std::vector<troupe::ref<producer<Mailbox>>> all;
            for (std::uint64_t i = 0; i < producers; ++i) {
                all.push_back(system.template spawn<producer<Mailbox>>(to, messages / producers));
            }
            state.ResumeTiming();
            for (auto& p : all) p.send(start{});
            system.wait_idle();
            state.PauseTiming();
            require_count("fan_in", to.ask(how_many{}).get(), messages / producers * producers);
        }
        state.ResumeTiming();
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(messages));
}

using unbounded = troupe::unbounded_mailbox;
using bounded = troupe::bounded_mailbox<1024, troupe::overflow::block>;

BENCHMARK(fan_in<stealing, unbounded>)->ArgsProduct({{1, 2}, {1, 2, 8}})->UseRealTime();
BENCHMARK(fan_in<stealing, bounded>)->ArgsProduct({{1, 2}, {1, 2, 8}})->UseRealTime();
BENCHMARK(fan_in<run_loop, bounded>)->ArgsProduct({{1}, {1, 2, 8}})->UseRealTime();

}  // namespace
