// SPDX-License-Identifier: BSL-1.0

// ring with CAF.

#include <atomic>
#include <memory>

#include "../caf.hpp"

namespace {

using namespace troupe_bench;

double ring(unsigned workers, std::int64_t tokens, std::int64_t hops) {
    std::atomic<std::int64_t> arrived{0}, seen{0};
    double                    seconds = 0;
    std::int64_t const        each = hops / tokens;
    {
        caf_system              on{workers};
        finish_line             finish;
        std::vector<caf::actor> links;
        for (std::uint64_t i = 0; i < counts::ring; ++i) {
            links.push_back(on.system.spawn([&, tokens](caf::event_based_actor* self) {
                struct state {
                    caf::actor   next;
                    std::int64_t seen = 0;
                };
                auto mine = std::make_shared<state>();
                return caf::behavior{
                    [mine](caf::actor next) { mine->next = std::move(next); },
                    [&finish, &arrived, &seen, mine, self, tokens](std::int64_t left) {
                        if (left < 0) {  // the end
                            seen += mine->seen;
                            mine->next = nullptr;
                            self->quit();
                            return;
                        }
                        ++mine->seen;
                        if (left > 0) self->send(mine->next, left - 1);
                        else if (++arrived == tokens) finish.give();
                    }};
            }));
        }
        for (std::size_t i = 0; i < links.size(); ++i) {
            caf::anon_send(links[i], links[(i + 1) % links.size()]);
        }
        stopwatch const watch;
        for (std::int64_t i = 0; i < tokens; ++i) {
            caf::anon_send(links[static_cast<std::size_t>(i) * 5 % links.size()], each - 1);
        }
        finish.wait();
        seconds = watch.seconds();
        for (auto& l : links) caf::anon_send(l, std::int64_t{-1});
        links.clear();
        on.system.await_all_actors_done();
    }
    require_count("ring caf", static_cast<std::uint64_t>(seen.load()),
                  static_cast<std::uint64_t>(each * tokens));
    return seconds;
}

[[maybe_unused]] bool const added = [] {
    with_caf_workers([](std::string const& peer, unsigned workers) {
        measure("ring/1_token/" + peer, share(counts::hops), [=](std::uint64_t hops) {
            return ring(workers, 1, static_cast<std::int64_t>(hops));
        });
        measure("ring/100_tokens/" + peer, share(counts::hops) / 100 * 100,
                [=](std::uint64_t hops) {
                    return ring(workers, 100, static_cast<std::int64_t>(hops));
                });
    });
    return true;
}();

}  // namespace
