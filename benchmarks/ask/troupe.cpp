// SPDX-License-Identifier: BSL-1.0

// How long does an ask take, between two actors and from a thread outside? See ../README.md.

#include "../config.hpp"

namespace {

using namespace troupe_bench;

struct question {};
struct run {
    std::uint64_t asks;
};
struct how_many {};

class oracle {
public:
    using protocol = troupe::protocol<std::uint64_t(question), std::uint64_t(how_many)>;
    std::uint64_t on(question) { return ++seen_; }
    std::uint64_t on(how_many) const { return seen_; }

private:
    std::uint64_t seen_ = 0;
};

class pilgrim {
public:
    using protocol = troupe::protocol<std::uint64_t(run)>;
    explicit pilgrim(troupe::ref<oracle> to) : to_(to) {}
    troupe::task<std::uint64_t> on(run r) {
        std::uint64_t last = 0;
        for (std::uint64_t i = 0; i < r.asks; ++i) last = co_await to_.ask<question>();
        co_return last;
    }

private:
    troupe::ref<oracle> to_;
};

template <class Config>
void ask_between_actors(benchmark::State& state) {
    constexpr std::uint64_t      asks = 100'000;
    troupe::basic_system<Config> system{with_workers<Config>(state.range(0))};
    auto                         to = system.template spawn<oracle>();
    auto                         from = system.template spawn<pilgrim>(to);
    std::uint64_t                expected = 0;
    for (auto _ : state) {
        expected += asks;
        require_count("ask_between_actors", from.ask(run{asks}).get(), expected);
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(asks));
}

template <class Config>
void ask_from_outside(benchmark::State& state) {
    troupe::basic_system<Config> system{with_workers<Config>(state.range(0))};
    auto                         to = system.template spawn<oracle>();
    std::uint64_t                expected = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(to.ask(question{}).get());
        ++expected;
    }
    require_count("ask_from_outside", to.ask(how_many{}).get(), expected);
    state.SetItemsProcessed(state.iterations());
}

BENCHMARK(ask_between_actors<stealing>)->Arg(1)->Arg(2)->UseRealTime();
BENCHMARK(ask_between_actors<run_loop>)->Arg(1)->UseRealTime();
BENCHMARK(ask_from_outside<stealing>)->Arg(1)->Arg(2)->UseRealTime();
BENCHMARK(ask_from_outside<run_loop>)->Arg(1)->UseRealTime();

}  // namespace
