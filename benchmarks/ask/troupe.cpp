// SPDX-License-Identifier: BSL-1.0

// How long does an ask take, between two actors and from a thread outside? See ../README.md.

#include "../ours.hpp"

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
double between_actors(unsigned workers, std::uint64_t asks) {
    troupe::basic_system<Config> system{with_workers<Config>(workers)};
    auto                         to = system.template spawn<oracle>();
    auto                         from = system.template spawn<pilgrim>(to);
    stopwatch const              watch;
    std::uint64_t const          last = from.ask(run{asks}).get();
    double const                 seconds = watch.seconds();
    require_count("ask between actors", last, asks);
    require_count("ask between actors", to.ask(how_many{}).get(), asks);
    return seconds;
}

template <class Config>
double from_outside(unsigned workers, std::uint64_t asks) {
    troupe::basic_system<Config> system{with_workers<Config>(workers)};
    auto                         to = system.template spawn<oracle>();
    stopwatch const              watch;
    for (std::uint64_t i = 0; i < asks; ++i) benchmark::DoNotOptimize(to.ask(question{}).get());
    double const seconds = watch.seconds();
    require_count("ask from outside", to.ask(how_many{}).get(), asks);
    return seconds;
}

[[maybe_unused]] bool const added = [] {
    with_every_scheduler([]<class Config>(char const* peer, unsigned workers) {
        measure(std::string{"ask/between_actors/"} + peer, share(counts::asks),
                [=](std::uint64_t asks) { return between_actors<Config>(workers, asks); });
        // Who asks a run loop runs it: no other thread has a part in it.
        std::string const how =
            Config::scheduler_type::driven ? "ask/from_the_loop/" : "ask/from_outside/";
        measure(how + peer, share(counts::blocking_asks, 100),
                [=](std::uint64_t asks) { return from_outside<Config>(workers, asks); });
    });
    return true;
}();

}  // namespace
