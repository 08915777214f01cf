// SPDX-License-Identifier: BSL-1.0

// How long does an actor take from spawn to gone, with one message in between? See ../README.md.

#include "../config.hpp"

namespace {

using namespace troupe_bench;

struct live {};
struct start {
    std::uint64_t actors;
};
struct gone {};
struct how_many {};

class mother;

class mayfly {
public:
    using protocol = troupe::protocol<void(live)>;
    explicit mayfly(troupe::ref<mother> m) : mother_(m) {}
    void on(live, troupe::context<mayfly>& self);

private:
    troupe::ref<mother> mother_;
};

class mother {
public:
    using protocol = troupe::protocol<void(start), void(gone), std::uint64_t(how_many)>;
    using mailbox_type = troupe::unbounded_mailbox;
    void on(start s, troupe::context<mother>& self) {
        for (int i = 0; i < 64 && s.actors > 0; ++i, --s.actors) {
            self.spawn<mayfly>(self.ref()).send(live{});
        }
        if (s.actors > 0) self.ref().send(s);
    }
    void          on(gone) { ++seen_; }
    std::uint64_t on(how_many) const { return seen_; }

private:
    std::uint64_t seen_ = 0;
};

void mayfly::on(live, troupe::context<mayfly>& self) {
    mother_.send(gone{});
    self.stop();
}

template <class Config>
void spawn_to_gone(benchmark::State& state) {
    constexpr std::uint64_t      actors = 100'000;
    troupe::basic_system<Config> system{with_workers<Config>(state.range(0))};
    auto                         m = system.template spawn<mother>();
    std::uint64_t                expected = 0;
    for (auto _ : state) {
        m.send(start{actors});
        system.wait_idle();
        expected += actors;
    }
    require_count("spawn_to_gone", m.ask(how_many{}).get(), expected);
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(actors));
}

BENCHMARK(spawn_to_gone<stealing>)->Arg(1)->Arg(2)->UseRealTime();
BENCHMARK(spawn_to_gone<run_loop>)->Arg(1)->UseRealTime();

}  // namespace
