// SPDX-License-Identifier: BSL-1.0

// fan_in with CAF. Its mailboxes are unbounded.

#include <memory>

#include "../caf.hpp"

namespace {

using namespace troupe_bench;

double fan_in(unsigned workers, std::int64_t producers, std::int64_t messages) {
    caf_system              on{workers};
    finish_line             finish;
    std::int64_t const      share = messages / producers;
    auto                    consumer = on.system.spawn([&](caf::event_based_actor* self) {
        auto seen = std::make_shared<std::int64_t>(0);
        return caf::behavior{[&finish, self, seen, messages](std::int64_t one) {
            if ((*seen += one) < messages) return;
            finish.give();
            self->quit();
        }};
    });
    std::vector<caf::actor> all;
    for (std::int64_t i = 0; i < producers; ++i) {
        all.push_back(on.system.spawn([=](caf::event_based_actor* self) {
            auto left = std::make_shared<std::int64_t>(share);
            return caf::behavior{[=](std::int32_t go) {
                for (int k = 0; k < 256 && *left > 0; ++k, --*left) {
                    self->send(consumer, std::int64_t{1});
                }
                if (*left > 0) self->send(self, go);
                else self->quit();
            }};
        }));
    }
    stopwatch const watch;
    for (auto& p : all) caf::anon_send(p, std::int32_t{1});
    finish.wait();
    return watch.seconds();
}

[[maybe_unused]] bool const added = [] {
    std::pair<std::int64_t, char const*> const cases[] = {
        {1, "fan_in/1_producer/"}, {2, "fan_in/2_producers/"}, {8, "fan_in/8_producers/"}};
    for (auto const& c : cases) {
        std::int64_t const producers = c.first;
        with_caf_workers([&](std::string const& peer, unsigned workers) {
            measure(c.second + peer, share(counts::fan_in) / 8 * 8, [=](std::uint64_t messages) {
                return fan_in(workers, producers, static_cast<std::int64_t>(messages));
            });
        });
    }
    return true;
}();

}  // namespace
