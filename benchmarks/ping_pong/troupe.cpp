// SPDX-License-Identifier: BSL-1.0

// How long does a message take there and back between two actors? See ../README.md.

#include <thread>

#include "../ours.hpp"

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

/// Keeps the worker of its system awake until it is stopped.
struct again {};
class fidget {
public:
    using protocol = troupe::protocol<void(again)>;
    void on(again, troupe::context<fidget>& self) { self.ref().send(again{}); }
};

void require_counts(troupe::ref<player> a, troupe::ref<player> b, std::uint64_t round_trips) {
    require_count("ping_pong", a.ask(how_many{}).get(), round_trips);
    require_count("ping_pong", b.ask(how_many{}).get(), round_trips);
}

template <class Config>
double ping_pong(unsigned workers, std::uint64_t round_trips) {
    troupe::basic_system<Config> system{with_workers<Config>(workers)};
    auto                         a = system.template spawn<player>();
    auto                         b = system.template spawn<player>();
    a.template send<player::peer>(b);
    b.template send<player::peer>(a);
    system.wait_idle();
    stopwatch const watch;
    a.send(ball{2 * round_trips - 1});
    system.wait_idle();
    double const seconds = watch.seconds();
    require_counts(a, b, round_trips);
    return seconds;
}

/// Each player has a system with one worker, so that each ball changes the core. `awake`: another
/// actor in each system keeps the worker from going to sleep in between.
double ping_pong_across(bool awake, std::uint64_t round_trips) {
    troupe::basic_system<stealing> here{with_workers<stealing>(1)};
    troupe::basic_system<stealing> there{with_workers<stealing>(1)};
    auto                           a = here.spawn<player>();
    auto                           b = there.spawn<player>();
    a.send<player::peer>(b);
    b.send<player::peer>(a);
    auto const keeps_here = here.spawn<fidget>();
    auto const keeps_there = there.spawn<fidget>();
    if (awake) {
        keeps_here.send(again{});
        keeps_there.send(again{});
    }
    stopwatch const watch;
    a.send(ball{2 * round_trips - 1});
    // The last ball is handled by b; asking does not need an idle system.
    while (b.ask(how_many{}).get() < round_trips) {
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    double const seconds = watch.seconds();
    require_counts(a, b, round_trips);
    here.stop(keeps_here);
    there.stop(keeps_there);
    return seconds;
}

template <class Config>
void add(std::string const& peer, unsigned workers) {
    measure("ping_pong/round_trip/" + peer, share(counts::round_trips),
            [=](std::uint64_t trips) { return ping_pong<Config>(workers, trips); });
}

[[maybe_unused]] bool const added = [] {
    with_every_scheduler(
        []<class Config>(char const* peer, unsigned workers) { add<Config>(peer, workers); });
    add<stealing_heap>("stealing_1_heap_pool", 1);
    add<stealing_fixed>("stealing_1_fixed_pool", 1);
    for (bool const awake : {false, true}) {
        measure(awake ? "ping_pong/across_awake/two_systems" : "ping_pong/across/two_systems",
                share(awake ? counts::round_trips_awake : counts::round_trips_across, 100),
                [=](std::uint64_t trips) { return ping_pong_across(awake, trips); });
    }
    return true;
}();

}  // namespace
