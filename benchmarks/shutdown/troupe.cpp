// SPDX-License-Identifier: BSL-1.0

// How long does a tree of more than ten thousand actors take to end in its order, while two threads
// go on sending to it? See ../README.md.

#include "../ours.hpp"

#include <atomic>
#include <thread>
#include <vector>

namespace {

using namespace troupe_bench;

struct grow {
    int levels;
};
struct ping {};

constexpr int           fan_out = 10;
constexpr int           levels = 4;
constexpr std::uint64_t actors = 1 + 10 + 100 + 1000 + 10'000;

class node {
public:
    using protocol = troupe::protocol<void(grow), void(ping)>;
    using mailbox_type = troupe::bounded_mailbox<64, troupe::overflow::drop_newest>;
    explicit node(std::atomic<std::uint64_t>* ended) : ended_(ended) {}
    void on(grow g, troupe::context<node>& self) {
        if (g.levels == 0) return;
        for (int i = 0; i < fan_out; ++i) {
            children_.push_back(self.spawn<node>(ended_));
            children_.back().send(grow{g.levels - 1});
        }
    }
    void on(ping) {
        if (!children_.empty()) children_[turn_++ % children_.size()].send(ping{});
    }
    void stopped() { ended_->fetch_add(1, std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t>*    ended_;
    unsigned                       turn_ = 0;
    std::vector<troupe::ref<node>> children_;
};

template <class Config>
double tree_ends(unsigned workers) {
    std::atomic<std::uint64_t>   ended{0};
    troupe::basic_system<Config> system{with_workers<Config>(workers)};
    auto const                   top = system.template spawn<node>(&ended);
    top.send(grow{levels});
    system.wait_idle();
    require_count("shutdown: actors", system.books().actors, actors);
    double seconds = 0;
    {
        std::atomic<bool> over{false};
        auto const        load = [&] {
            while (!over.load(std::memory_order_relaxed)) static_cast<void>(top.try_send(ping{}));
        };
        std::jthread const one{load};
        std::jthread const other{load};
        stopwatch const    watch;
        static_cast<void>(system.stop_and_wait(top, std::chrono::minutes{1}));
        seconds = watch.seconds();
        over.store(true, std::memory_order_relaxed);
    }
    require_count("shutdown: actors that have ended", ended.load(), actors);
    return seconds;
}

[[maybe_unused]] bool const added = [] {
    with_every_scheduler([]<class Config>(char const* peer, unsigned workers) {
        measure(std::string{"shutdown/tree_of_11111/"} + peer, 1,
                [=](std::uint64_t) { return tree_ends<Config>(workers); });
    });
    return true;
}();

}  // namespace
