// SPDX-License-Identifier: BSL-1.0

// How long do 120 actors take that all talk to each other at random? See ../README.md.

#include <random>
#include <vector>

#include "../ours.hpp"

namespace {

using namespace troupe_bench;

struct pong {};
struct begin {};
struct how_many {};

class talker {
public:
    struct ping {
        troupe::ref<talker> from;
    };
    using everybody = std::vector<troupe::ref<talker>> const*;
    using protocol = troupe::protocol<void(everybody), void(begin), void(ping), void(pong),
                                      std::uint64_t(how_many)>;

    talker(std::uint64_t number, std::uint64_t pings)
        : dice_(static_cast<std::minstd_rand::result_type>(number + 1)), left_(pings) {}
    void on(everybody all) { all_ = all; }
    void on(begin, troupe::context<talker>& self) { next(self); }
    void on(ping const& p) { p.from.send(pong{}); }
    void on(pong, troupe::context<talker>& self) {
        ++answered_;
        next(self);
    }
    std::uint64_t on(how_many) const { return answered_; }

private:
    void next(troupe::context<talker>& self) {
        if (left_ == 0) return;
        --left_;
        (*all_)[dice_() % all_->size()].send(ping{self.ref()});
    }

    everybody        all_ = nullptr;
    std::minstd_rand dice_;
    std::uint64_t    left_;
    std::uint64_t    answered_ = 0;
};

template <class Config>
double big(unsigned workers, std::uint64_t pings) {
    std::vector<troupe::ref<talker>> all;  // outlives the actors that look at it
    troupe::basic_system<Config>     system{with_workers<Config>(workers)};
    for (std::uint64_t i = 0; i < counts::big_actors; ++i) {
        all.push_back(system.template spawn<talker>(i, pings));
    }
    for (auto& t : all) t.template send<talker::everybody>(&all);
    system.wait_idle();
    stopwatch const watch;
    for (auto& t : all) t.send(begin{});
    system.wait_idle();
    double const  seconds = watch.seconds();
    std::uint64_t seen = 0;
    for (auto& t : all) seen += t.ask(how_many{}).get();
    require_count("big", seen, pings * counts::big_actors);
    return seconds;
}

[[maybe_unused]] bool const added = [] {
    std::uint64_t const pings = whole(counts::big_pings, 10);
    with_every_scheduler([=]<class Config>(char const* peer, unsigned workers) {
        measure(std::string{"big/whole/"} + peer, 1,
                [=](std::uint64_t) { return big<Config>(workers, pings); });
    });
    measure("big/whole/stealing_4", 1, [=](std::uint64_t) { return big<stealing>(4, pings); });
    return true;
}();

}  // namespace
