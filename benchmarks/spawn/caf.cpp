// SPDX-License-Identifier: BSL-1.0

// spawn with CAF.

#include <atomic>
#include <chrono>
#include <thread>

#include "../caf.hpp"

namespace {

using namespace troupe_bench;

caf::behavior mayfly(caf::event_based_actor* self, std::atomic<std::uint64_t>* seen) {
    return {[=](std::int64_t) {
        ++*seen;
        self->quit();
    }};
}

double lifecycle(unsigned workers, std::uint64_t actors) {
    std::atomic<std::uint64_t> seen{0};
    double                     seconds = 0;
    {
        caf_system      on{workers};
        stopwatch const watch;
        auto            mother = on.system.spawn([&, actors](caf::event_based_actor* self) {
            return caf::behavior{[&seen, self, left = actors](std::int32_t go) mutable {
                for (int i = 0; i < 64 && left > 0; ++i, --left) {
                    self->send(self->spawn(mayfly, &seen), std::int64_t{1});
                }
                if (left > 0) self->send(self, go);
                else self->quit();
            }};
        });
        caf::anon_send(mother, std::int32_t{1});
        mother = nullptr;
        on.system.await_all_actors_done();
        seconds = watch.seconds();
    }
    require_count("spawn caf", seen, actors);
    return seconds;
}

double idle(unsigned workers, std::uint64_t actors, double& bytes) {
    std::atomic<std::uint64_t> seen{0};
    double                     seconds = 0;
    {
        caf_system              on{workers};
        std::vector<caf::actor> all(actors);
        std::promise<void>      done;
        double const            before = resident_bytes();
        stopwatch const         watch;
        on.system.spawn([&](caf::event_based_actor* self) {
            for (auto& a : all) a = self->spawn(mayfly, &seen);
            done.set_value();
        });
        done.get_future().wait();
        seconds = watch.seconds();
        std::this_thread::sleep_for(std::chrono::milliseconds{300});
        bytes = (resident_bytes() - before) / static_cast<double>(actors);
        for (auto& a : all) caf::anon_send(a, std::int64_t{1});
        all.clear();
        on.system.await_all_actors_done();
    }
    require_count("spawn caf: idle actors", seen, actors);
    return seconds;
}

[[maybe_unused]] bool const added = [] {
    with_caf_workers([](std::string const& peer, unsigned workers) {
        // A tenth of the usual number: with more the default scheduler may not come to an end.
        std::uint64_t const actors = share(counts::actors / 10);
        measure("spawn/lifecycle/" + peer, actors,
                [=](std::uint64_t n) { return lifecycle(workers, n); });
        measure("spawn/idle/" + peer, actors, [=](std::uint64_t n) {
            double bytes = 0;
            return idle(workers, n, bytes);
        });
        measure_value("spawn/idle_bytes/" + peer, [=] {
            double bytes = 0;
            idle(workers, actors, bytes);
            return bytes;
        });
    });
    return true;
}();

}  // namespace
