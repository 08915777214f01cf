// SPDX-License-Identifier: BSL-1.0

// How long does a token take from one actor of a ring to the next? See ../README.md.

#include <vector>

#include "../ours.hpp"

namespace {

using namespace troupe_bench;

struct token {
    std::uint64_t hops_left;
};
struct how_many {};

class link_of_ring {
public:
    using next = troupe::ref<troupe::protocol<void(token)>>;
    using protocol = troupe::protocol<void(token), void(next), std::uint64_t(how_many)>;
    void on(token t) {
        ++seen_;
        if (t.hops_left > 0) next_.send(token{t.hops_left - 1});
    }
    void          on(next n) { next_ = n; }
    std::uint64_t on(how_many) const { return seen_; }

private:
    next          next_;
    std::uint64_t seen_ = 0;
};

template <class Config>
double ring(unsigned workers, std::uint64_t tokens, std::uint64_t hops) {
    troupe::basic_system<Config>           system{with_workers<Config>(workers)};
    std::vector<troupe::ref<link_of_ring>> all;
    for (std::uint64_t i = 0; i < counts::ring; ++i) {
        all.push_back(system.template spawn<link_of_ring>());
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
        all[i].template send<link_of_ring::next>(all[(i + 1) % all.size()]);
    }
    system.wait_idle();
    std::uint64_t const each = hops / tokens;
    stopwatch const     watch;
    for (std::uint64_t i = 0; i < tokens; ++i) all[i * 5 % all.size()].send(token{each - 1});
    system.wait_idle();
    double const  seconds = watch.seconds();
    std::uint64_t seen = 0;
    for (auto& l : all) seen += l.ask(how_many{}).get();
    require_count("ring", seen, each * tokens);
    return seconds;
}

[[maybe_unused]] bool const added = [] {
    with_every_scheduler([]<class Config>(char const* peer, unsigned workers) {
        measure(std::string{"ring/1_token/"} + peer, share(counts::hops),
                [=](std::uint64_t hops) { return ring<Config>(workers, 1, hops); });
        measure(std::string{"ring/100_tokens/"} + peer, share(counts::hops * 10) / 100 * 100,
                [=](std::uint64_t hops) { return ring<Config>(workers, 100, hops); });
    });
    return true;
}();

}  // namespace
