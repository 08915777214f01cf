// SPDX-License-Identifier: BSL-1.0

// How many messages a second can one actor send to 60 others that do a little work for each? See
// ../README.md.

#include <cmath>
#include <vector>

#include "../ours.hpp"

namespace {

using namespace troupe_bench;

struct job {
    std::uint64_t number;
};
struct start {};
struct how_many {};

template <class Mailbox>
class worker {
public:
    using protocol = troupe::protocol<void(job), std::uint64_t(how_many)>;
    using mailbox_type = Mailbox;
    void on(job j) {
        benchmark::DoNotOptimize(std::sin(static_cast<double>(j.number)));
        ++seen_;
    }
    std::uint64_t on(how_many) const { return seen_; }

private:
    std::uint64_t seen_ = 0;
};

template <class Mailbox>
class boss {
public:
    using protocol = troupe::protocol<void(start)>;
    boss(std::vector<troupe::ref<worker<Mailbox>>> crew, std::uint64_t rounds)
        : crew_(std::move(crew)), rounds_(rounds) {}
    void on(start, troupe::context<boss>& self) {
        for (int i = 0; i < 8 && at_ < rounds_; ++i, ++at_) {
            for (auto& w : crew_) w.send(job{at_});
        }
        if (at_ < rounds_) self.ref().send(start{});
    }

private:
    std::vector<troupe::ref<worker<Mailbox>>> crew_;
    std::uint64_t                             rounds_;
    std::uint64_t                             at_ = 0;
};

template <class Config, class Mailbox>
double fork_join(unsigned workers, std::uint64_t messages) {
    troupe::basic_system<Config>              system{with_workers<Config>(workers)};
    std::vector<troupe::ref<worker<Mailbox>>> crew;
    for (std::uint64_t i = 0; i < counts::receivers; ++i) {
        crew.push_back(system.template spawn<worker<Mailbox>>());
    }
    auto            b = system.template spawn<boss<Mailbox>>(crew, messages / counts::receivers);
    stopwatch const watch;
    b.send(start{});
    system.wait_idle();
    double const  seconds = watch.seconds();
    std::uint64_t seen = 0;
    for (auto& w : crew) seen += w.ask(how_many{}).get();
    require_count("fork_join", seen, messages);
    return seconds;
}

[[maybe_unused]] bool const added = [] {
    std::uint64_t const messages = share(counts::fork_join, 100) * counts::receivers;
    with_every_scheduler([=]<class Config>(char const* peer, unsigned workers) {
        measure(std::string{"fork_join/unbounded/"} + peer, messages,
                [=](std::uint64_t n) { return fork_join<Config, unbounded>(workers, n); });
        measure(std::string{"fork_join/bounded/"} + peer, messages,
                [=](std::uint64_t n) { return fork_join<Config, bounded>(workers, n); });
    });
    return true;
}();

}  // namespace
