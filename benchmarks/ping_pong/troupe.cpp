// SPDX-License-Identifier: BSL-1.0

// How long does a message take there and back between two actors? See ../README.md.

#include "../config.hpp"

namespace {

using namespace troupe_bench;

struct ball {
    std::uint64_t left;
};
struct how_many {};

class player {
public:
    using peer = troupe::ref<troupe::protocol<void(ball)>>;
    using protocol = troupe::protocol<void(ball), void(peer), std::uint64_t(how_many)>;
    void on(ball b) {
        ++seen_;
        if (b.left > 0) peer_.send(ball{b.left - 1});
    }
    void          on(peer p) { peer_ = p; }
    std::uint64_t on(how_many) const { return seen_; }

private:
    peer          peer_;
    std::uint64_t seen_ = 0;
};

template <class Config>
void ping_pong(benchmark::State& state) {
    constexpr std::uint64_t      round_trips = 100'000;
    troupe::basic_system<Config> system{with_workers<Config>(state.range(0))};
    auto                         a = system.template spawn<player>();
    auto                         b = system.template spawn<player>();
    a.template send<player::peer>(b);
    b.template send<player::peer>(a);
    std::uint64_t expected = 0;
    for (auto _ : state) {
        a.send(ball{2 * round_trips - 1});
        system.wait_idle();
        expected += round_trips;
    }
    require_count("ping_pong", a.ask(how_many{}).get(), expected);
    require_count("ping_pong", b.ask(how_many{}).get(), expected);
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(round_trips));
}

BENCHMARK(ping_pong<stealing>)->Arg(1)->Arg(2)->UseRealTime();
BENCHMARK(ping_pong<run_loop>)->Arg(1)->UseRealTime();

}  // namespace
