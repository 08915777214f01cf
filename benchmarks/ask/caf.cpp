// SPDX-License-Identifier: BSL-1.0

// ask with CAF: request().then() between actors, request().receive() from outside.

#include "../caf.hpp"

namespace {

using namespace troupe_bench;

caf::behavior oracle(caf::event_based_actor*) {
    return {[seen = std::int64_t{0}](std::int64_t) mutable { return ++seen; }};
}

void ask_next(caf::event_based_actor* self, caf::actor const& to, std::int64_t asks,
              finish_line& finish) {
    self->request(to, caf::infinite, std::int64_t{0})
        .then([self, to, asks, &finish](std::int64_t seen) {
            if (seen < asks) {
                ask_next(self, to, asks, finish);
                return;
            }
            finish.give();
            self->quit();
        });
}

double between_actors(unsigned workers, std::int64_t asks) {
    caf_system      on{workers};
    finish_line     finish;
    auto            to = on.system.spawn(oracle);
    stopwatch const watch;
    on.system.spawn(
        [=, &finish](caf::event_based_actor* self) { ask_next(self, to, asks, finish); });
    finish.wait();
    double const seconds = watch.seconds();
    caf::anon_send_exit(to, caf::exit_reason::user_shutdown);
    return seconds;
}

double from_outside(unsigned workers, std::int64_t asks) {
    caf_system        on{workers};
    auto              to = on.system.spawn(oracle);
    std::int64_t      last = 0;
    caf::scoped_actor self{on.system};
    stopwatch const   watch;
    for (std::int64_t i = 0; i < asks; ++i) {
        self->request(to, caf::infinite, std::int64_t{0})
            .receive([&](std::int64_t seen) { last = seen; }, [](caf::error const&) {});
    }
    double const seconds = watch.seconds();
    require_count("ask caf", static_cast<std::uint64_t>(last), static_cast<std::uint64_t>(asks));
    caf::anon_send_exit(to, caf::exit_reason::user_shutdown);
    return seconds;
}

[[maybe_unused]] bool const added = [] {
    with_caf_workers([](std::string const& peer, unsigned workers) {
        measure("ask/between_actors/" + peer, share(counts::asks), [=](std::uint64_t asks) {
            return between_actors(workers, static_cast<std::int64_t>(asks));
        });
        measure("ask/from_outside/" + peer, share(counts::blocking_asks, 100),
                [=](std::uint64_t asks) {
                    return from_outside(workers, static_cast<std::int64_t>(asks));
                });
    });
    return true;
}();

}  // namespace
