// SPDX-License-Identifier: BSL-1.0

// How late is a message, and what does waiting cost? See ../README.md.

#include <vector>

#include "../ours.hpp"
#include "pace.hpp"

namespace {

using namespace troupe_bench;
using namespace std::chrono_literals;

struct stamp {
    steady::time_point intended;
};
struct question {};
struct again {};

class recorder {
public:
    using protocol = troupe::protocol<void(stamp), std::uint64_t(question)>;
    explicit recorder(delays& seen) : seen_(seen) {}
    void          on(stamp s) { seen_.add(s.intended); }
    std::uint64_t on(question) { return ++asked_; }

private:
    delays&       seen_;
    std::uint64_t asked_ = 0;
};

/// A thread outside sends; the handler looks at the clock.
void one_way(unsigned workers, std::string const& peer) {
    print_latencies("one_way", peer, [=](delays& seen, auto&& drive) {
        troupe::basic_system<stealing> system{with_workers<stealing>(workers)};
        auto                           to = system.spawn<recorder>(seen);
        drive([&](steady::time_point intended) { to.send(stamp{intended}); });
        system.wait_idle();
    });
}

/// A thread outside asks, and looks at the clock when it has the answer.
void ask(unsigned workers, std::string const& peer) {
    print_latencies("ask", peer, [=](delays& seen, auto&& drive) {
        troupe::basic_system<stealing> system{with_workers<stealing>(workers)};
        auto                           to = system.spawn<recorder>(seen);
        std::uint64_t                  answers = 0;
        drive([&](steady::time_point intended) {
            answers = to.ask(question{}).get();
            seen.add(intended);
        });
        require_count("latency: ask", answers, seen.count());
    });
}

/// An actor that is busy with looking at the clock sends to another one: what is left when no
/// thread is woken.
struct look {};
class pacer {
public:
    using protocol = troupe::protocol<void(look)>;
    pacer(troupe::ref<recorder> to, std::uint64_t times, double rate)
        : to_(to), times_(times), step_(1e9 / rate) {}
    void on(look, troupe::context<pacer>& self) {
        for (auto const now = steady::now(); sent_ < times_; ++sent_) {
            auto const at = begun_ + std::chrono::nanoseconds{static_cast<std::int64_t>(
                                         step_ * static_cast<double>(sent_))};
            if (at > now) break;
            to_.send(stamp{at});
        }
        if (sent_ < times_) self.ref().send(look{});
    }

private:
    troupe::ref<recorder>    to_;
    std::uint64_t            times_;
    double                   step_;
    std::uint64_t            sent_ = 0;
    steady::time_point const begun_ = steady::now();
};

void between_actors(unsigned workers, std::string const& peer) {
    for (double const rate : {1000.0, 1'000'000.0}) {
        std::uint64_t const            times = share(static_cast<std::uint64_t>(rate), 100);
        delays                         seen{times};
        troupe::basic_system<stealing> system{with_workers<stealing>(workers)};
        auto                           to = system.spawn<recorder>(seen);
        system.spawn<pacer>(to, times, rate).send(look{});
        system.wait_idle();
        require_count("latency: between actors", seen.count(), times);
        seen.print(rate > 1000 ? "actors_1000000_a_second" : "actors_1000_a_second", peer);
    }
}

/// Has mail without end, each of it 5 us of work.
class greedy {
public:
    using protocol = troupe::protocol<void(again)>;
    using mailbox_type = troupe::unbounded_mailbox;
    void on(again, troupe::context<greedy>& self) {
        for (auto const end = steady::now() + 5us; steady::now() < end;) {}
        self.ref().send(again{});
    }
};

/// What 999 quiet actors wait beside one that has mail without end: a thread outside sends to them
/// in turn, a thousand messages a second.
void beside_endless_mail(unsigned workers, std::string const& peer) {
    constexpr std::uint64_t            quiet = 999;
    std::uint64_t const                times = share(2000, 100);
    std::vector<delays>                seen(quiet, delays{times / quiet + 1});
    troupe::basic_system<stealing>     system{with_workers<stealing>(workers)};
    std::vector<troupe::ref<recorder>> to;
    for (delays& own : seen) to.push_back(system.spawn<recorder>(own));
    auto const hog = system.spawn<greedy>();
    for (int i = 0; i < 1000; ++i) hog.send(again{});
    std::uint64_t next = 0;
    pace(times, 1000,
         [&](steady::time_point intended) { to[next++ % quiet].send(stamp{intended}); });
    system.stop(hog);
    system.wait_idle();
    delays all{times};
    for (delays const& own : seen) all.add(own);
    require_count("latency: beside endless mail", all.count(), times);
    all.print("beside_endless_mail", peer);
}

void cpu(unsigned workers, std::string const& peer) {
    double const                   part = static_cast<double>(share(1'000'000)) / 1e6;
    auto const                     span = std::chrono::duration<double>(2 * part);
    delays                         seen{10'000};
    troupe::basic_system<stealing> system{with_workers<stealing>(workers)};
    auto                           to = system.spawn<recorder>(seen);
    system.wait_idle();
    std::printf("value cpu/idle/%s %.4f\n", peer.c_str(),
                cpu_percent([&] { std::this_thread::sleep_for(span); }));
    auto const times = static_cast<std::uint64_t>(700 * span.count());
    std::printf("value cpu/700_a_second/%s %.4f\n", peer.c_str(), cpu_percent([&] {
                    pace(times, 700,
                         [&](steady::time_point intended) { to.send(stamp{intended}); });
                }));
    system.wait_idle();
    require_count("latency: 700 messages a second", seen.count(), times);
}

}  // namespace

int main() {
    for (unsigned const workers : {1u, 2u}) {
        std::string const peer = "stealing_" + std::to_string(workers);
        one_way(workers, peer);
        ask(workers, peer);
        between_actors(workers, peer);
        beside_endless_mail(workers, peer);
        cpu(workers, peer);
    }
}
