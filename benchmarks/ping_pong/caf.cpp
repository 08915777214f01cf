// SPDX-License-Identifier: BSL-1.0

// ping_pong with CAF.

#include <memory>

#include "../caf.hpp"

namespace {

using namespace troupe_bench;

double ping_pong(unsigned workers, std::int64_t round_trips) {
    caf_system      on{workers};
    finish_line     finish;
    auto            pong = on.system.spawn([](caf::event_based_actor* self) {
        return caf::behavior{[=](std::int64_t ball) {
            self->send(caf::actor_cast<caf::actor>(self->current_sender()), ball);
        }};
    });
    auto            ping = on.system.spawn([&](caf::event_based_actor* self) {
        return caf::behavior{[&finish, self, pong, round_trips](std::int64_t ball) {
            if (ball < round_trips) {
                self->send(pong, ball + 1);
                return;
            }
            finish.give();
            self->quit();
        }};
    });
    stopwatch const watch;
    caf::anon_send(ping, std::int64_t{0});
    finish.wait();
    double const seconds = watch.seconds();
    caf::anon_send_exit(pong, caf::exit_reason::user_shutdown);
    return seconds;
}

[[maybe_unused]] bool const added = [] {
    with_caf_workers([](std::string const& peer, unsigned workers) {
        measure("ping_pong/round_trip/" + peer, share(counts::round_trips),
                [=](std::uint64_t trips) {
                    return ping_pong(workers, static_cast<std::int64_t>(trips));
                });
    });
    return true;
}();

}  // namespace
