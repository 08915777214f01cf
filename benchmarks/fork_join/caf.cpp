// SPDX-License-Identifier: BSL-1.0

// fork_join with CAF. Its mailboxes are unbounded.

#include <atomic>
#include <cmath>

#include "../caf.hpp"

namespace {

using namespace troupe_bench;

double fork_join(unsigned workers, std::uint64_t messages) {
    std::uint64_t const        each = messages / counts::receivers;
    std::atomic<std::uint64_t> seen{0};
    double                     seconds = 0;
    {
        caf_system              on{workers};
        std::vector<caf::actor> crew;
        for (std::uint64_t i = 0; i < counts::receivers; ++i) {
            crew.push_back(on.system.spawn([&seen, each](caf::event_based_actor* self) {
                return caf::behavior{
                    [&seen, self, each, mine = std::uint64_t{0}](std::int64_t job) mutable {
                        benchmark::DoNotOptimize(std::sin(static_cast<double>(job)));
                        if (++mine < each) return;
                        seen += mine;
                        self->quit();
                    }};
            }));
        }
        stopwatch const watch;
        auto            boss = on.system.spawn([crew, each](caf::event_based_actor* self) {
            return caf::behavior{[=, at = std::uint64_t{0}](std::int32_t go) mutable {
                for (int i = 0; i < 8 && at < each; ++i, ++at) {
                    for (auto& w : crew) self->send(w, static_cast<std::int64_t>(at));
                }
                if (at < each) self->send(self, go);
                else self->quit();
            }};
        });
        caf::anon_send(boss, std::int32_t{1});
        boss = nullptr;
        crew.clear();
        on.system.await_all_actors_done();
        seconds = watch.seconds();
    }
    require_count("fork_join caf", seen, messages);
    return seconds;
}

[[maybe_unused]] bool const added = [] {
    with_caf_workers([](std::string const& peer, unsigned workers) {
        // A fifth of the usual messages: enough for a rate.
        measure("fork_join/unbounded/" + peer,
                share(counts::fork_join / 5, 100) * counts::receivers,
                [=](std::uint64_t n) { return fork_join(workers, n); });
    });
    return true;
}();

}  // namespace
