// SPDX-License-Identifier: BSL-1.0

// How long does an actor take from spawn to gone, with one message in between? What do a million
// idle ones cost? See ../README.md.

#include "../ours.hpp"

namespace {

using namespace troupe_bench;

struct live {};
struct start {
    std::uint64_t actors;
};
struct gone {};
struct how_many {};

class mother;

class mayfly {
public:
    using protocol = troupe::protocol<void(live)>;
    explicit mayfly(troupe::ref<mother> m) : mother_(m) {}
    void on(live, troupe::context<mayfly>& self);

private:
    troupe::ref<mother> mother_;
};

class mother {
public:
    using protocol = troupe::protocol<void(start), void(gone), std::uint64_t(how_many)>;
    using mailbox_type = troupe::unbounded_mailbox;
    void on(start s, troupe::context<mother>& self) {
        for (int i = 0; i < 64 && s.actors > 0; ++i, --s.actors) {
            self.spawn<mayfly>(self.ref()).send(live{});
        }
        if (s.actors > 0) self.ref().send(s);
    }
    void          on(gone) { ++seen_; }
    std::uint64_t on(how_many) const { return seen_; }

private:
    std::uint64_t seen_ = 0;
};

void mayfly::on(live, troupe::context<mayfly>& self) {
    mother_.send(gone{});
    self.stop();
}

template <class Config>
double lifecycle(unsigned workers, std::uint64_t actors) {
    troupe::basic_system<Config> system{with_workers<Config>(workers)};
    auto                         m = system.template spawn<mother>();
    stopwatch const              watch;
    m.send(start{actors});
    system.wait_idle();
    double const seconds = watch.seconds();
    require_count("spawn", m.ask(how_many{}).get(), actors);
    require_count("spawn: actors that are left", system.books().actors, 1);
    return seconds;
}

class idler {
public:
    using protocol = troupe::protocol<void(live)>;
    void on(live) { ++seen_; }

private:
    std::uint64_t seen_ = 0;
};

/// Spawns idle actors in one handler and answers how long that took.
class stable {
public:
    using protocol = troupe::protocol<double(start)>;
    double on(start s, troupe::context<stable>& self) {
        stopwatch const watch;
        for (std::uint64_t i = 0; i < s.actors; ++i) self.spawn<idler>();
        return watch.seconds();
    }
};

template <class Config>
double idle(unsigned workers, std::uint64_t actors, double& bytes) {
    troupe::basic_system<Config> system{with_workers<Config>(workers)};
    auto                         s = system.template spawn<stable>();
    double const                 before = resident_bytes();
    double const                 seconds = s.ask(start{actors}).get();
    bytes = (resident_bytes() - before) / static_cast<double>(actors);
    require_count("spawn: idle actors", system.books().actors, actors + 1);
    return seconds;
}

[[maybe_unused]] bool const added = [] {
    with_every_scheduler([]<class Config>(char const* peer, unsigned workers) {
        measure(std::string{"spawn/lifecycle/"} + peer, share(counts::actors),
                [=](std::uint64_t actors) { return lifecycle<Config>(workers, actors); });
        measure(std::string{"spawn/idle/"} + peer, share(counts::actors),
                [=](std::uint64_t actors) {
                    double bytes = 0;
                    return idle<Config>(workers, actors, bytes);
                });
        measure_value(std::string{"spawn/idle_bytes/"} + peer, [=] {
            double bytes = 0;
            idle<Config>(workers, share(counts::actors), bytes);
            return bytes;
        });
    });
    return true;
}();

}  // namespace
