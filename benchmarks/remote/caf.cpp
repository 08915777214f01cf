// SPDX-License-Identifier: BSL-1.0

// The same with CAF's middleman. See ../README.md.

#include <cstdint>
#include <memory>

#include <caf/io/all.hpp>

#include "../caf.hpp"
#include "pair.hpp"

namespace {

using namespace troupe_bench;
using u64 = std::uint64_t;

struct settings : caf::actor_system_config {
    explicit settings(unsigned workers) {
        set("scheduler.max-threads", std::size_t{workers});
        load<caf::io::middleman>();
    }
};

caf::behavior far_actor(caf::event_based_actor* self) {
    auto seen = std::make_shared<u64>(0);
    return {
        [=](u64 number, u64, u64, u64, u64, u64) { *seen += number != 0; },
        [=](u64 question) { return question + 1; },
        [=](float) {
            u64 const all = *seen;
            *seen = 0;
            return all;
        },
        [=](char) { self->quit(); },
    };
}

void serve(unsigned workers, auto const& tell) {
    settings          config{workers};
    caf::actor_system system{config};
    auto              who = system.spawn(far_actor);
    auto const        port = system.middleman().publish(who, 0, "127.0.0.1", true);
    if (!port) std::exit(1);
    tell(int{*port});
    caf::scoped_actor self{system};
    self->wait_for(who);
}

void ask(unsigned workers, char const* peer, int port) {
    settings          config{workers};
    caf::actor_system system{config};
    auto const far = system.middleman().remote_actor("127.0.0.1", static_cast<std::uint16_t>(port));
    if (!far) std::exit(1);
    caf::actor const to = *far;
    u64 const        asks = share(counts::remote_asks / 4, 500);
    {
        finish_line     end;
        stopwatch const watch;
        system.spawn([&](caf::event_based_actor* self) -> caf::behavior {
            self->send(to, u64{0});
            return {[&, self](u64 answer) {
                if (answer < asks) {
                    self->send(to, answer);
                } else {
                    end.give();
                    self->quit();
                }
            }};
        });
        end.wait();
        print_rate("ask", peer, static_cast<double>(asks), watch.seconds());
    }
    u64 const messages = share(counts::remote_messages / 10, 10'000);
    for (int round = 0; round < 2; ++round) {
        finish_line     end;
        stopwatch const watch;
        u64             seen = 0;
        system.spawn([&](caf::event_based_actor* self) {
            for (u64 i = messages; i != 0; --i) self->send(to, i, i, i, i, i, i);
            self->request(to, caf::infinite, 1.0f).then([&, self](u64 all) {
                seen = all;
                end.give();
                self->quit();
            });
        });
        end.wait();
        require_count("remote one way", seen, messages);
        if (round == 1) {
            print_rate("one_way", peer, static_cast<double>(messages), watch.seconds());
        }
    }
    caf::anon_send(to, 'x');
}

}  // namespace

int main() {
    in_two_processes([](auto const& tell) { serve(1, tell); },
                     [](int port) { ask(1, "caf_1", port); });
}
