// SPDX-License-Identifier: BSL-1.0

// How many messages a second can one actor take from P others? See ../README.md.

#include <vector>

#include "../ours.hpp"

namespace {

using namespace troupe_bench;

struct number {
    std::uint64_t value;
};
struct start {};
struct how_many {};

template <class Mailbox>
class consumer {
public:
    using protocol = troupe::protocol<void(number), std::uint64_t(how_many)>;
    using mailbox_type = Mailbox;
    void          on(number n) { seen_ += n.value; }
    std::uint64_t on(how_many) const { return seen_; }

private:
    std::uint64_t seen_ = 0;
};

/// Sends `step` messages in each turn.
template <class Mailbox>
class producer {
public:
    using protocol = troupe::protocol<void(start)>;
    producer(troupe::ref<consumer<Mailbox>> to, std::uint64_t messages, std::uint64_t step)
        : to_(to), left_(messages), step_(step) {}
    void on(start, troupe::context<producer>& self) {
        for (std::uint64_t i = 0; i < step_ && left_ > 0; ++i, --left_) to_.send(number{1});
        if (left_ > 0) self.ref().send(start{});
    }

private:
    troupe::ref<consumer<Mailbox>> to_;
    std::uint64_t                  left_;
    std::uint64_t                  step_;
};

constexpr std::uint64_t usual_step = 256;
constexpr std::uint64_t at_once = ~std::uint64_t{0};

template <class Config, class Mailbox>
double fan_in(unsigned workers, std::uint64_t producers, std::uint64_t step,
              std::uint64_t messages) {
    troupe::basic_system<Config>                system{with_workers<Config>(workers)};
    auto                                        to = system.template spawn<consumer<Mailbox>>();
    std::vector<troupe::ref<producer<Mailbox>>> all;
    for (std::uint64_t i = 0; i < producers; ++i) {
        all.push_back(system.template spawn<producer<Mailbox>>(to, messages / producers, step));
    }
    stopwatch const watch;
    for (auto& p : all) p.send(start{});
    system.wait_idle();
    double const seconds = watch.seconds();
    require_count("fan_in", to.ask(how_many{}).get(), messages / producers * producers);
    return seconds;
}

/// The producer and the consumer live in systems of their own, each with one worker: the way to
/// hold two actors on two cores.
double fan_in_across(std::uint64_t messages) {
    troupe::basic_system<stealing> here{with_workers<stealing>(1)};
    troupe::basic_system<stealing> there{with_workers<stealing>(1)};
    auto                           to = there.spawn<consumer<unbounded>>();
    auto                           from = here.spawn<producer<unbounded>>(to, messages, usual_step);
    stopwatch const                watch;
    from.send(start{});
    here.wait_idle();
    there.wait_idle();
    double const seconds = watch.seconds();
    require_count("fan_in across systems", to.ask(how_many{}).get(), messages);
    return seconds;
}

template <class Config, class Mailbox>
void add(std::string const& name, unsigned workers, std::uint64_t producers,
         std::uint64_t step = usual_step) {
    // A benchmark of 8 producers sends what 8 can share.
    measure(name, share(counts::fan_in) / 8 * 8, [=](std::uint64_t messages) {
        return fan_in<Config, Mailbox>(workers, producers, step, messages);
    });
}

[[maybe_unused]] bool const added = [] {
    std::pair<std::uint64_t, char const*> const cases[] = {
        {1, "fan_in/1_producer"}, {2, "fan_in/2_producers"}, {8, "fan_in/8_producers"}};
    for (auto const& [producers, name] : cases) {
        with_every_scheduler([&]<class Config>(char const* peer, unsigned workers) {
            add<Config, unbounded>(std::string{name} + "/" + peer, workers, producers);
            add<Config, bounded>(std::string{name} + "_bounded/" + peer, workers, producers);
        });
    }
    add<stealing, unbounded>("fan_in/8_producers/stealing_4", 4, 8);
    add<stealing_heap, unbounded>("fan_in/1_producer/stealing_2_heap_pool", 2, 1);
    add<stealing_fixed, unbounded>("fan_in/1_producer/stealing_2_fixed_pool", 2, 1);
    add<stealing, unbounded>("fan_in/1_producer_at_once/stealing_2", 2, 1, at_once);
    measure("fan_in/1_producer_across/two_systems", share(counts::fan_in), &fan_in_across);
    return true;
}();

}  // namespace
