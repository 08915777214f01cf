// SPDX-License-Identifier: BSL-1.0

// big with CAF.

#include <atomic>
#include <random>
#include <thread>

#include "../caf.hpp"

namespace {

using namespace troupe_bench;

using everybody = std::vector<caf::actor>;

caf::behavior talker(caf::event_based_actor* self, everybody const* all, std::uint64_t number,
                     std::uint64_t pings, std::atomic<std::uint64_t>* answered) {
    struct state {
        std::minstd_rand dice;
        std::uint64_t    left;
        std::uint64_t    answered = 0;
    };
    auto mine = std::make_shared<state>();
    mine->dice.seed(static_cast<std::minstd_rand::result_type>(number + 1));
    mine->left = pings;
    auto next = [=] {
        if (mine->left == 0) {
            *answered += mine->answered;
            return;
        }
        --mine->left;
        self->send((*all)[mine->dice() % all->size()], number);
    };
    return {
        [=](std::uint64_t from) { self->send((*all)[from], std::int32_t{1}); },
        [=](std::int32_t pong) {
            mine->answered += static_cast<std::uint64_t>(pong);
            next();
        },
        [=](float) { self->quit(); },
    };
}

double big(unsigned workers, std::uint64_t pings) {
    caf_system                 on{workers};
    everybody                  all(counts::big_actors);
    std::atomic<std::uint64_t> answered{0};
    for (std::uint64_t i = 0; i < all.size(); ++i) {
        all[i] = on.system.spawn(talker, &all, i, pings, &answered);
    }
    stopwatch const watch;
    for (auto& a : all) caf::anon_send(a, std::int32_t{0});
    while (answered != pings * counts::big_actors) {
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    double const seconds = watch.seconds();
    for (auto& a : all) caf::anon_send(a, 1.0f);
    on.system.await_all_actors_done();
    all.clear();
    return seconds;
}

[[maybe_unused]] bool const added = [] {
    std::uint64_t const pings = whole(counts::big_pings, 10);
    with_caf_workers([=](std::string const& peer, unsigned workers) {
        measure("big/whole/" + peer, 1, [=](std::uint64_t) { return big(workers, pings); });
    });
    return true;
}();

}  // namespace
