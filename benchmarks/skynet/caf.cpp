// SPDX-License-Identifier: BSL-1.0

// skynet with CAF.

#include <memory>

#include "../caf.hpp"

namespace {

using namespace troupe_bench;

caf::behavior node(caf::event_based_actor* self, caf::actor const& up, std::int64_t number,
                   std::int64_t size) {
    if (size == 1) {
        self->send(up, number);
        self->quit();
        return {};
    }
    caf::actor const me = self;
    for (std::int64_t i = 0; i < 10; ++i) {
        self->spawn(node, me, number + i * (size / 10), size / 10);
    }
    return {[=, total = std::int64_t{0}, heard = 0](std::int64_t value) mutable {
        total += value;
        if (++heard < 10) return;
        self->send(up, total);
        self->quit();
    }};
}

double skynet(unsigned workers, std::int64_t leaves) {
    std::int64_t sum = 0;
    double       seconds = 0;
    {
        caf_system      on{workers};
        stopwatch const watch;
        on.system.spawn([&sum, leaves](caf::event_based_actor* self) {
            self->spawn(node, caf::actor{self}, std::int64_t{0}, leaves);
            return caf::behavior{[&sum, self](std::int64_t value) {
                sum = value;
                self->quit();
            }};
        });
        on.system.await_all_actors_done();
        seconds = watch.seconds();
    }
    require_count("skynet caf", static_cast<std::uint64_t>(sum),
                  static_cast<std::uint64_t>(leaves * (leaves - 1) / 2));
    return seconds;
}

[[maybe_unused]] bool const added = [] {
    // A power of ten, so that the tree is complete.
    std::uint64_t const leaves = whole(counts::leaves, 1000);
    with_caf_workers([=](std::string const& peer, unsigned workers) {
        measure("skynet/whole/" + peer, 1,
                [=](std::uint64_t) { return skynet(workers, static_cast<std::int64_t>(leaves)); });
    });
    return true;
}();

}  // namespace
