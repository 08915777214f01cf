// SPDX-License-Identifier: BSL-1.0

// What does a message to another process cost? See ../README.md.

#include <string>

#include "../ours.hpp"
#include "pair.hpp"

namespace {

using namespace troupe_bench;

struct note {
    std::uint64_t number;
    std::uint64_t filling[5];  // 64 bytes on the wire with its frame, about
};
struct question {
    std::uint64_t number;
};
struct how_many {};
struct done {};

class far_actor {
public:
    using protocol =
        troupe::protocol<void(note), std::uint64_t(question), std::uint64_t(how_many), void(done)>;
    explicit far_actor(bool& ended) : ended_(ended) {}
    void          on(note const& n) { seen_ += n.number != 0; }
    std::uint64_t on(question q) { return q.number + 1; }
    std::uint64_t on(how_many) const { return seen_; }
    void          on(done, troupe::context<far_actor>& self) {
        ended_ = true;
        self.stop();
    }

private:
    bool&         ended_;
    std::uint64_t seen_ = 0;
};
using far_ref = troupe::ref<far_actor::protocol>;

struct run {
    std::uint64_t count;
};
class pilgrim {
public:
    using protocol = troupe::protocol<std::uint64_t(run)>;
    explicit pilgrim(far_ref to) : to_(to) {}
    troupe::task<std::uint64_t> on(run r) {
        std::uint64_t last = 0;
        for (std::uint64_t i = 0; i < r.count; ++i) last += co_await to_.ask<question>(i) == i + 1;
        co_return last;
    }

private:
    far_ref to_;
};

struct flood {
    std::uint64_t left;
};
class flooder {
public:
    using protocol = troupe::protocol<void(flood)>;
    explicit flooder(far_ref to) : to_(to) {}
    void on(flood f, troupe::context<flooder>& self) {
        for (int i = 0; i < 256 && f.left != 0; ++i, --f.left) to_.send<note>(note{f.left, {}});
        if (f.left != 0) self.ref().send(f);
    }

private:
    far_ref to_;
};

using node = troupe::node<troupe::tcp_transport>;

template <class Config>
void serve(unsigned workers, auto const& tell) {
    troupe::basic_system<Config> system{with_workers<Config>(workers)};
    bool                         ended = false;
    troupe::ref<far_actor>       who = system.template spawn<far_actor>(ended);
    node                         mine{system, {.listen = "127.0.0.1:0"}};
    mine.expose("far", who);
    tell(mine.bound().port());
    // Until it was told so.
    if constexpr (Config::scheduler_type::driven) {
        while (!ended) system.run_for(std::chrono::seconds{1});
    } else {
        // It waits until its only actor has ended.
        static_cast<void>(system.termination(who).result());
    }
}

template <class Config>
void ask(unsigned workers, std::string const& peer, int port) {
    troupe::basic_system<Config> system{with_workers<Config>(workers)};
    node                         mine{system};
    std::string const            at = "127.0.0.1:" + std::to_string(port);
    far_ref const                far = mine.template resolve<far_actor::protocol>(at, "far");
    auto const                   from = system.template spawn<pilgrim>(far);
    from.ask(run{share(500, 100)}).get();
    std::uint64_t const asks = share(counts::remote_asks, 500);
    {
        stopwatch const watch;
        require_count("remote ask", from.ask(run{asks}).get(), asks);
        print_rate("ask", peer.c_str(), static_cast<double>(asks), watch.seconds());
    }
    std::uint64_t const messages = share(counts::remote_messages, 10'000);
    auto const          sender = system.template spawn<flooder>(far);
    for (int round = 0; round < 2; ++round) {
        std::uint64_t const before = far.ask(how_many{}).get();
        stopwatch const     watch;
        sender.send(flood{messages});
        std::uint64_t seen = 0;
        while ((seen = far.ask(how_many{}).get() - before) != messages) {
            if (seen > messages) break;
        }
        require_count("remote one way", seen, messages);
        if (round == 1) {
            print_rate("one_way", peer.c_str(), static_cast<double>(messages), watch.seconds());
        }
    }
    far.send(done{});
    // What was sent is on its way when the connection has ended in order.
    static_cast<void>(mine.drain(at, std::chrono::seconds{5}).result());
}

}  // namespace

int main() {
    in_two_processes([](auto const& tell) { serve<stealing>(1, tell); },
                     [](int port) { ask<stealing>(1, "stealing_1", port); });
}
