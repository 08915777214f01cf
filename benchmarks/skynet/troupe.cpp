// SPDX-License-Identifier: BSL-1.0

// How long does a tree of actors with a million leaves take to grow, add up, and be gone? See
// ../README.md.

#include "../ours.hpp"

namespace {

using namespace troupe_bench;

struct grow {};
struct sum {
    std::uint64_t value;
};
struct how_many {};

constexpr std::uint64_t fan_out = 10;

class node {
public:
    using parent = troupe::ref<troupe::protocol<void(sum)>>;
    using protocol = troupe::protocol<void(grow), void(sum)>;
    node(parent up, std::uint64_t number, std::uint64_t size)
        : up_(up), number_(number), size_(size) {}
    void on(grow, troupe::context<node>& self) {
        if (size_ == 1) {
            up_.send(sum{number_});
            self.stop();
            return;
        }
        std::uint64_t const part = size_ / fan_out;
        for (std::uint64_t i = 0; i < fan_out; ++i) {
            self.spawn<node>(parent{self.ref()}, number_ + i * part, part).send(grow{});
        }
    }
    void on(sum s, troupe::context<node>& self) {
        total_ += s.value;
        if (++heard_ < fan_out) return;
        up_.send(sum{total_});
        self.stop();
    }

private:
    parent        up_;
    std::uint64_t number_;
    std::uint64_t size_;
    std::uint64_t total_ = 0;
    std::uint64_t heard_ = 0;
};

class top {
public:
    using protocol = troupe::protocol<void(sum), std::uint64_t(how_many)>;
    void          on(sum s) { total_ = s.value; }
    std::uint64_t on(how_many) const { return total_; }

private:
    std::uint64_t total_ = 0;
};

template <class Config>
double skynet(unsigned workers, std::uint64_t leaves) {
    troupe::basic_system<Config> system{with_workers<Config>(workers)};
    auto                         t = system.template spawn<top>();
    stopwatch const              watch;
    system.template spawn<node>(node::parent{t}, std::uint64_t{0}, leaves).send(grow{});
    system.wait_idle();
    double const seconds = watch.seconds();
    require_count("skynet: sum", t.ask(how_many{}).get(), leaves * (leaves - 1) / 2);
    require_count("skynet: actors that are left", system.books().actors, 1);
    return seconds;
}

[[maybe_unused]] bool const added = [] {
    // A power of ten, so that the tree is complete.
    std::uint64_t const leaves = whole(counts::leaves, 1000);
    with_every_scheduler([=]<class Config>(char const* peer, unsigned workers) {
        measure(std::string{"skynet/whole/"} + peer, 1,
                [=](std::uint64_t) { return skynet<Config>(workers, leaves); });
    });
    measure("skynet/whole/stealing_4", 1,
            [=](std::uint64_t) { return skynet<stealing>(4, leaves); });
    return true;
}();

}  // namespace
