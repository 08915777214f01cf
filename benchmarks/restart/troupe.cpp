// SPDX-License-Identifier: BSL-1.0

// How long does a restart take, from the message that fails to the next one that is handled? And a
// failure that is resumed? See ../README.md.

#include "../ours.hpp"

namespace {

using namespace troupe_bench;

struct round_start {
    std::uint64_t left;
};
struct trip {};
struct how_many {};

/// Fails at each message. What follows is for the next object.
class fragile {
public:
    using protocol = troupe::protocol<void(trip)>;
    fragile() = default;
    void on(trip, troupe::context<fragile>& self) { self.fail("tripped"); }
};

/// Sends one message per round to its child, and hears from the next object that it is there.
template <troupe::verdict Verdict>
class supervisor {
public:
    using protocol = troupe::protocol<void(round_start), std::uint64_t(how_many)>;
    static constexpr auto supervision = troupe::one_for_one{.max_restarts = troupe::unlimited};

    void started(troupe::context<supervisor>& self) { child_ = self.template spawn<fragile>(); }
    troupe::verdict on_failure(troupe::failure const&, troupe::context<supervisor>& self) {
        ++failures_;
        if (left_ > 0) {
            --left_;
            self.ref().send(round_start{0});
        }
        return Verdict;
    }
    void on(round_start r) {
        left_ += r.left;
        child_.send(trip{});
    }
    std::uint64_t on(how_many) const { return failures_; }

private:
    troupe::ref<fragile> child_;
    std::uint64_t        left_ = 0;
    std::uint64_t        failures_ = 0;
};

template <class Config, troupe::verdict Verdict>
double one_child(unsigned workers, std::uint64_t rounds) {
    troupe::basic_system<Config> system{with_workers<Config>(workers)};
    auto const                   s = system.template spawn<supervisor<Verdict>>();
    stopwatch const              watch;
    s.send(round_start{rounds - 1});
    system.wait_idle();
    double const seconds = watch.seconds();
    require_count("restart", s.ask(how_many{}).get(), rounds);
    require_count("restart: failed handlers", system.books().failed, rounds);
    require_count("restart: actors", system.books().actors, 2);
    return seconds;
}

[[maybe_unused]] bool const added = [] {
    with_every_scheduler([]<class Config>(char const* peer, unsigned workers) {
        measure(std::string{"restart/one_child/"} + peer, share(counts::actors),
                [=](std::uint64_t rounds) {
                    return one_child<Config, troupe::verdict::restart>(workers, rounds);
                });
        measure(std::string{"restart/resumed/"} + peer, share(counts::actors),
                [=](std::uint64_t rounds) {
                    return one_child<Config, troupe::verdict::resume>(workers, rounds);
                });
    });
    return true;
}();

}  // namespace
